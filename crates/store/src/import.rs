//! Onboarding documents that were imported.

use domain::digest::Digest;
use domain::id::{ImportId, TenantId, UserId};
use domain::onboarding::Format;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;

/// An onboarding document that was imported, without its text.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// 1, 2, 3, … within the tenant.
    pub number: i32,
    /// What was shown before it was imported.
    pub digest: Digest,
    /// How the document is written.
    pub format: Format,
    /// Names of those who signed it.
    pub signed_by: Vec<String>,
    /// When they did.
    pub signed_on: Date,
    /// Who imported it; `None`: the command line.
    pub by: Option<UserId>,
    /// Name for people.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// Components that entered the inventory.
    pub added: i32,
    /// Components of which something was learnt or that were decided about.
    pub changed: i32,
    /// Components that were known as they are.
    pub unchanged: i32,
    /// Of all, those that were decided about.
    pub decided: i32,
    /// The version of the scope of work that it made; `None`: it decided nothing, and chose no other mechanism.
    pub sow_version: Option<i32>,
}

struct Row {
    id: Uuid,
    number: i32,
    digest: String,
    format: String,
    signed_by: Vec<String>,
    signed_on: jiff_sqlx::Date,
    imported_by: Option<Uuid>,
    imported_by_name: String,
    imported_at: jiff_sqlx::Timestamp,
    added: i32,
    changed: i32,
    unchanged: i32,
    decided: i32,
    sow_version: Option<i32>,
}

impl TryFrom<Row> for Import {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ImportId(row.id),
            number: row.number,
            digest: word("digest", row.digest)?,
            format: word("format", row.format)?,
            signed_by: row.signed_by,
            signed_on: row.signed_on.to_jiff(),
            by: row.imported_by.map(UserId),
            by_name: row.imported_by_name,
            at: row.imported_at.to_jiff(),
            added: row.added,
            changed: row.changed,
            unchanged: row.unchanged,
            decided: row.decided,
            sow_version: row.sow_version,
        })
    }
}

/// Selects whole imports: the rest of the statement, and its parameters.
macro_rules! imports {
    ($rest:tt, $($parameter:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "SELECT id, number, digest, format, signed_by, signed_on, imported_by, imported_by_name, imported_at, added, changed,
               unchanged, decided, sow_version
             FROM import "
                + $rest,
            $($parameter),+
        )
    };
}

/// Keeps an import with its document.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(
    conn: &mut PgConnection,
    tenant: TenantId,
    import: &Import,
    document: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO import (tenant_id, id, number, digest, format, document, signed_by, signed_on, imported_by, imported_by_name,
           imported_at, added, changed, unchanged, decided, sow_version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        tenant.0,
        import.id.0,
        import.number,
        import.digest.to_string(),
        import.format.as_str(),
        document,
        &import.signed_by,
        import.signed_on.to_sqlx() as _,
        import.by.map(|user| user.0),
        import.by_name,
        import.at.to_sqlx(),
        import.added,
        import.changed,
        import.unchanged,
        import.decided,
        import.sow_version
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The tenant's imports, newest first, `limit` at most, with a smaller number than `before`.
///
/// # Errors
/// [`StoreError`].
pub async fn page(
    conn: &mut PgConnection,
    tenant: TenantId,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<Import>, StoreError> {
    let rows = imports!(
        "WHERE tenant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        tenant.0,
        before.unwrap_or(i32::MAX),
        limit
    );
    rows.fetch_all(conn).await?.into_iter().map(Import::try_from).collect()
}

/// The tenant's import with that number.
///
/// # Errors
/// [`StoreError`].
pub async fn by_number(conn: &mut PgConnection, tenant: TenantId, number: i32) -> Result<Option<Import>, StoreError> {
    let row = imports!("WHERE tenant_id = $1 AND number = $2", tenant.0, number);
    row.fetch_optional(conn).await?.map(Import::try_from).transpose()
}

/// The tenant's import with that id.
///
/// # Errors
/// [`StoreError`].
pub async fn get(conn: &mut PgConnection, tenant: TenantId, id: ImportId) -> Result<Option<Import>, StoreError> {
    let row = imports!("WHERE tenant_id = $1 AND id = $2", tenant.0, id.0);
    row.fetch_optional(conn).await?.map(Import::try_from).transpose()
}

/// The document of an import, as it was given.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn document(conn: &mut PgConnection, tenant: TenantId, number: i32) -> Result<Option<String>, StoreError> {
    let text = sqlx::query_scalar!(
        "SELECT document FROM import WHERE tenant_id = $1 AND number = $2",
        tenant.0,
        number
    );
    Ok(text.fetch_optional(conn).await?)
}
