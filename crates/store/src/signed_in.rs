//! Who a session or a token belongs to, with their roles.

use domain::id::{TenantId, UserId};
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
}

/// The person beside one of their roles; beside none if they have none.
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) role: Option<String>,
    pub(crate) tenant_id: Option<Uuid>,
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
        });
        if let Some(role) = row.role {
            person.grants.push(Grant {
                role: word("role", role)?,
                tenant: row.tenant_id.map(TenantId),
            });
        }
    }
    Ok(person)
}
