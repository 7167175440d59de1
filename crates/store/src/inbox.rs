//! The inbox of webhook deliveries: stored before they are answered or understood.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::StoreError;

/// A stored delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// GitHub's id of the delivery; a redelivery keeps it.
    pub id: String,
    /// The event's name.
    pub event: String,
    /// The raw body.
    pub body: Vec<u8>,
}

/// A delivery that could not be used.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// GitHub's id of the delivery.
    pub id: String,
    /// The event's name.
    pub event: String,
    /// When it came.
    pub received_at: Timestamp,
    /// Why it could not be used.
    pub reason: String,
    /// The beginning of its body.
    pub excerpt: String,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It changed something, or had nothing to change.
    Done,
    /// It is about nothing of ours.
    Ignored,
    /// It cannot be read.
    Quarantined,
    /// It could be read, and something of ours failed.
    Failed,
}

/// Stores a delivery; `false` when it was there and is dealt with already. One that failed is new again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn receive(conn: &mut PgConnection, delivery: &Delivery, now: Timestamp) -> Result<bool, StoreError> {
    let stored = sqlx::query!(
        "INSERT INTO webhook_delivery (delivery_id, event, body, received_at, state) VALUES ($1, $2, $3, $4, 'new')
         ON CONFLICT (delivery_id) DO UPDATE SET state = 'new', reason = NULL, processed_at = NULL
           WHERE webhook_delivery.state = 'failed'
         RETURNING delivery_id",
        delivery.id,
        delivery.event,
        delivery.body,
        now.to_sqlx()
    );
    Ok(stored.fetch_optional(conn).await?.is_some())
}

/// Locks a delivery that is still to be processed.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock_new(conn: &mut PgConnection, id: &str) -> Result<Option<Delivery>, StoreError> {
    let delivery = sqlx::query_as!(
        Delivery,
        "SELECT delivery_id AS id, event, body FROM webhook_delivery WHERE delivery_id = $1 AND state = 'new' FOR UPDATE",
        id
    );
    Ok(delivery.fetch_optional(conn).await?)
}

/// Notes what became of a delivery.
///
/// # Errors
/// [`StoreError::Stale`] when it is not there.
pub async fn settle(
    conn: &mut PgConnection,
    id: &str,
    outcome: Outcome,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = match outcome {
        Outcome::Done => "done",
        Outcome::Ignored => "ignored",
        Outcome::Quarantined => "quarantined",
        Outcome::Failed => "failed",
    };
    let done = sqlx::query!(
        "UPDATE webhook_delivery SET state = $2, reason = $3, processed_at = $4 WHERE delivery_id = $1",
        id,
        state,
        reason,
        now.to_sqlx()
    );
    StoreError::expect_rows(done.execute(conn).await?.rows_affected(), 1)
}

/// Deliveries that could not be used, newest first, 50 at most.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn quarantined(conn: &mut PgConnection) -> Result<Vec<Quarantined>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT delivery_id, event, received_at, coalesce(reason, '') AS "reason!", substring(body FROM 1 FOR 300) AS "excerpt!"
           FROM webhook_delivery WHERE state IN ('quarantined', 'failed') ORDER BY received_at DESC LIMIT 50"#
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| Quarantined {
            id: row.delivery_id,
            event: row.event,
            received_at: row.received_at.to_jiff(),
            reason: row.reason,
            excerpt: String::from_utf8_lossy(&row.excerpt).into_owned(),
        })
        .collect())
}

/// How many deliveries could not be used.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn quarantined_count(conn: &mut PgConnection) -> Result<usize, StoreError> {
    let number = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM webhook_delivery WHERE state IN ('quarantined', 'failed')"#
    );
    Ok(usize::try_from(number.fetch_one(conn).await?).unwrap_or_default())
}
