//! Contacts as JSON.

use domain::contact;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a contact stands for at the customer's.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ContactRole {
    PlatformLead,
    TechnicalUser,
    GeneralUser,
    ContractOwner,
    ComplianceLead,
}

/// What the provider does on a contact's word.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ContactEntitlement {
    RequestChange,
    Approve,
    RequestRestore,
    DeclareCritical,
}

/// What is stated about a contact.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Ana Ortiz", "email": "ana@example.com", "phone": "+32 2 555 01 23",
    "role": "platform-lead", "entitlements": ["request-change", "declare-critical"], "signs_in_as": null}))]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactCard {
    name: String,
    email: String,
    /// Empty when not stated.
    #[serde(default)]
    phone: String,
    role: ContactRole,
    #[serde(default)]
    entitlements: Vec<ContactEntitlement>,
    /// E-mail address of a person with a role at this customer; `null`: they do not sign in.
    signs_in_as: Option<String>,
}

/// A person whom a contract names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contact {
    id: Uuid,
    name: String,
    email: String,
    /// Empty when not stated.
    phone: String,
    role: ContactRole,
    entitlements: Vec<ContactEntitlement>,
    /// E-mail address of their sign-in; `null`: they do not sign in.
    signs_in_as: Option<String>,
}

impl From<contact::Contact> for Contact {
    fn from(contact: contact::Contact) -> Self {
        let card = contact.card;
        Self {
            id: contact.id.0,
            name: card.name,
            email: card.email,
            phone: card.phone,
            role: card.role.into(),
            entitlements: card.entitlements.into_iter().map(ContactEntitlement::from).collect(),
            signs_in_as: card.signs_in_as,
        }
    }
}

impl From<ContactCard> for contact::ContactCard {
    fn from(card: ContactCard) -> Self {
        Self {
            name: card.name,
            email: card.email,
            phone: card.phone,
            role: card.role.into(),
            entitlements: card.entitlements.into_iter().map(contact::Entitlement::from).collect(),
            signs_in_as: card.signs_in_as,
        }
    }
}

macro_rules! same_names {
    ($ours:ident, $theirs:path, $($variant:ident),+) => {
        impl From<$theirs> for $ours {
            fn from(value: $theirs) -> Self {
                use $theirs as Theirs;
                match value { $(Theirs::$variant => Self::$variant),+ }
            }
        }
        impl From<$ours> for $theirs {
            fn from(value: $ours) -> Self {
                match value { $($ours::$variant => Self::$variant),+ }
            }
        }
    };
}
same_names!(
    ContactRole,
    contact::ContactRole,
    PlatformLead,
    TechnicalUser,
    GeneralUser,
    ContractOwner,
    ComplianceLead
);
same_names!(
    ContactEntitlement,
    contact::Entitlement,
    RequestChange,
    Approve,
    RequestRestore,
    DeclareCritical
);
