//! Who asks.

/// A principal that has been authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// The root of an account.
    Root { account: String },
    /// A session of a role.
    Session {
        account: String,
        /// ARN of the role.
        role: String,
        /// ARN of the session.
        arn: String,
    },
    /// A service of AWS, as `backup.amazonaws.com`.
    Service(String),
}

impl Principal {
    /// `None` of a service.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::Root { account } | Self::Session { account, .. } => Some(account),
            Self::Service(_) => None,
        }
    }
}
