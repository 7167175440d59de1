//! `Principal` of a statement.

use super::super::principal::Principal;
use super::document::{Named, Principals as Written};

/// Whom a statement names.
#[derive(Debug)]
pub(crate) struct Principals(Vec<Name>);

#[derive(Debug)]
enum Name {
    Everyone,
    /// Everyone in it.
    Account(String),
    /// Of a role, or of one session.
    Arn(String),
    Service(String),
    /// Users from outside, who do not come here.
    Other,
}

impl Principals {
    /// The error says what is wrong with a name.
    pub(crate) fn parse(written: &Written) -> Result<Self, String> {
        let Written::Named(named) = written else {
            return Ok(Self(vec![Name::Everyone]));
        };
        let Named {
            aws,
            service,
            federated,
            canonical_user,
        } = named;
        let mut names: Vec<Name> = aws.0.iter().map(|name| Name::aws(name)).collect::<Result<_, _>>()?;
        names.extend(service.0.iter().map(|name| Name::Service(name.to_lowercase())));
        names.extend(federated.0.iter().chain(&canonical_user.0).map(|_| Name::Other));
        if names.is_empty() {
            return Err("names nobody".to_owned());
        }
        Ok(Self(names))
    }

    pub(crate) fn include(&self, principal: &Principal) -> bool {
        self.0.iter().any(|name| match (name, principal) {
            (Name::Everyone, _) => true,
            (Name::Account(account), principal) => principal.account() == Some(account),
            (Name::Arn(arn), Principal::Session { role, arn: session, .. }) => arn == role || arn == session,
            (Name::Service(service), Principal::Service(asking)) => service == asking,
            _ => false,
        })
    }
}

impl Name {
    fn aws(name: &str) -> Result<Self, String> {
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = name.splitn(6, ':').collect();
        match parts.as_slice() {
            ["*"] => Ok(Self::Everyone),
            [account] if is_account(account) => Ok(Self::Account(name.to_owned())),
            ["arn", _, "iam", "", account, "root"] if is_account(account) => Ok(Self::Account((*account).to_owned())),
            ["arn", _, "iam" | "sts", "", account, of]
                if is_account(account) && of.contains('/') && !of.contains('*') =>
            {
                Ok(Self::Arn(name.to_owned()))
            }
            _ => Err(format!("`{name}` is no principal")),
        }
    }
}
