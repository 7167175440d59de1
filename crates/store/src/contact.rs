//! The people whom a contract names.

use domain::contact::{Contact, ContactCard};
use domain::id::{ContactId, TenantId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;

struct Row {
    tenant_id: Uuid,
    id: Uuid,
    name: String,
    email: String,
    phone: String,
    role: String,
    entitlements: Vec<String>,
    user_id: Option<Uuid>,
    signs_in_as: Option<String>,
    revision: i64,
}

impl TryFrom<Row> for Contact {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let entitlements = row.entitlements.into_iter();
        Ok(Self {
            id: ContactId(row.id),
            tenant: TenantId(row.tenant_id),
            card: ContactCard {
                name: row.name,
                email: row.email,
                phone: row.phone,
                role: word("role", row.role)?,
                entitlements: entitlements
                    .map(|text| word("entitlements", text))
                    .collect::<Result<_, _>>()?,
                signs_in_as: row.signs_in_as,
            },
            user: row.user_id.map(UserId),
            revision: row.revision,
        })
    }
}

fn entitlements(card: &ContactCard) -> Vec<String> {
    card.entitlements.iter().map(|one| one.as_str().to_owned()).collect()
}

/// The tenant's contacts by name, those after `after`.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    conn: &mut PgConnection,
    tenant: TenantId,
    after: Option<ContactId>,
    limit: i64,
) -> Result<Vec<Contact>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT c.tenant_id, c.id, c.name, c.email, c.phone, c.role, c.entitlements, c.user_id, u.email AS "signs_in_as?", c.revision
           FROM contact c LEFT JOIN app_user u ON u.id = c.user_id
           WHERE c.tenant_id = $1
             AND ($2::uuid IS NULL OR (c.name, c.id) > (SELECT a.name, a.id FROM contact a WHERE a.tenant_id = $1 AND a.id = $2))
           ORDER BY c.name, c.id LIMIT $3"#,
        tenant.0,
        after.map(|id| id.0),
        limit
    );
    rows.fetch_all(conn).await?.into_iter().map(Contact::try_from).collect()
}

/// The contact, if the tenant has it; nobody else changes it until the transaction ends.
///
/// # Errors
/// [`StoreError`].
pub async fn lock(conn: &mut PgConnection, tenant: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT c.tenant_id, c.id, c.name, c.email, c.phone, c.role, c.entitlements, c.user_id, u.email AS "signs_in_as?", c.revision
           FROM contact c LEFT JOIN app_user u ON u.id = c.user_id
           WHERE c.tenant_id = $1 AND c.id = $2 FOR UPDATE OF c"#,
        tenant.0,
        id.0
    );
    row.fetch_optional(conn).await?.map(Contact::try_from).transpose()
}

/// Adds a contact.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(conn: &mut PgConnection, contact: &Contact) -> Result<(), StoreError> {
    let card = &contact.card;
    sqlx::query!(
        "INSERT INTO contact (tenant_id, id, name, email, phone, role, entitlements, user_id, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        contact.tenant.0,
        contact.id.0,
        card.name,
        card.email,
        card.phone,
        card.role.as_str(),
        &entitlements(card),
        contact.user.map(|user| user.0),
        contact.revision
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes a contact back, and counts its revision up.
///
/// # Errors
/// [`StoreError::Stale`] when somebody changed it since.
pub async fn save(conn: &mut PgConnection, contact: &mut Contact) -> Result<(), StoreError> {
    let card = &contact.card;
    let done = sqlx::query!(
        "UPDATE contact SET name = $4, email = $5, phone = $6, role = $7, entitlements = $8, user_id = $9, revision = revision + 1
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        contact.tenant.0,
        contact.id.0,
        contact.revision,
        card.name,
        card.email,
        card.phone,
        card.role.as_str(),
        &entitlements(card),
        contact.user.map(|user| user.0)
    )
    .execute(conn)
    .await?;
    StoreError::expect_rows(done.rows_affected(), 1)?;
    contact.revision += 1;
    Ok(())
}

/// Removes a contact.
///
/// # Errors
/// [`StoreError::Stale`] when it is not there.
pub async fn remove(conn: &mut PgConnection, tenant: TenantId, id: ContactId) -> Result<(), StoreError> {
    let done = sqlx::query!("DELETE FROM contact WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(conn)
        .await?;
    StoreError::expect_rows(done.rows_affected(), 1)
}

/// The person with that e-mail address who has a role at the tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn who_signs_in(
    conn: &mut PgConnection,
    tenant: TenantId,
    email: &str,
) -> Result<Option<UserId>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT u.id FROM app_user u WHERE u.email = lower($2)
           AND EXISTS (SELECT FROM role_grant g WHERE g.user_id = u.id AND g.tenant_id = $1)",
        tenant.0,
        email
    );
    Ok(id.fetch_optional(conn).await?.map(UserId))
}
