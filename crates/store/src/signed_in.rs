//! Who a session or a token belongs to, with their roles.

use domain::id::{TenantId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::row::word;
use crate::user::Grant;

/// A person who has shown a session or a token.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: String,
    /// For people.
    pub display_name: String,
    /// Their roles.
    pub grants: Vec<Grant>,
    /// The tenants among those of the roles that were offboarded, and when.
    pub ended: Vec<(TenantId, Timestamp)>,
}

/// The person beside one of their roles; beside none if they have none.
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) role: Option<String>,
    pub(crate) tenant_id: Option<Uuid>,
    /// When that tenant was offboarded.
    pub(crate) ended_at: Option<jiff_sqlx::Timestamp>,
}

/// All rows of one person.
pub(crate) fn collect(rows: Vec<Row>) -> Result<Option<SignedIn>, StoreError> {
    let mut person: Option<SignedIn> = None;
    for row in rows {
        let person = person.get_or_insert_with(|| SignedIn {
            user: UserId(row.id),
            email: row.email,
            display_name: row.display_name,
            grants: Vec::new(),
            ended: Vec::new(),
        });
        if let (Some(tenant), Some(at)) = (row.tenant_id, row.ended_at) {
            person.ended.push((TenantId(tenant), at.to_jiff()));
        }
        if let Some(role) = row.role {
            person.grants.push(Grant {
                role: word("role", role)?,
                tenant: row.tenant_id.map(TenantId),
            });
        }
    }
    Ok(person)
}
