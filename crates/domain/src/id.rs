//! Ids: transparent newtypes on UUIDv7, so that one noun's id cannot be passed for another's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl $name {
            /// A new id (UUIDv7): ordered by `now`, the rest random.
            #[must_use]
            pub fn at(now: Timestamp) -> Self {
                let seconds = u64::try_from(now.as_second()).unwrap_or_default();
                let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
                Self(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds)))
            }
        }
    )+};
}

ids!(
    /// A customer of the provider.
    TenantId,
    /// A person who signs in.
    UserId,
    /// A linked AWS account of one tenant.
    AwsAccountLinkId,
    /// One thing that holds data.
    ComponentId,
    /// One component's terms in the scope of work.
    ScopeItemId,
    /// A request to change the scope of work.
    ChangeRequestId,
    /// What would change at the outside, as it was shown.
    PlanId,
    /// One restorable copy.
    RecoveryPointId,
    /// The human workflow of a restore.
    RestoreRequestId,
    /// What is observed and reconciled as one: a tenant's account in one region.
    ReconcileScopeId,
    /// One signature under an out-decision.
    AttestationId,
    /// A comment that Holdfast owes to an issue.
    CommentId,
    /// A person whom the contract names.
    ContactId,
    /// A signature of the customer under one statement.
    AcknowledgementId,
    /// A hand-over of everything that Holdfast knows of a tenant.
    ExportId,
    /// An onboarding document that was imported.
    ImportId,
    /// One wish for many components.
    BulkChangeId,
    /// The end of one component.
    DecommissionId,
);
