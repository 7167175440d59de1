//! A customer's AWS account and the roles that Holdfast may assume there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{AwsAccountLinkId, TenantId};

/// Twelve digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AwsAccountId(String);

/// An AWS region such as `eu-west-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// The ARN of a role in the customer's account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleArn(String);

/// A name of the outside is not well formed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidAccount {
    /// Not twelve digits.
    #[error("`{0}` is no AWS account id: twelve digits are allowed")]
    AccountId(String),
    /// Not like `eu-west-1`.
    #[error("`{0}` is no AWS region: a name like eu-west-1 is allowed")]
    Region(String),
    /// Not the ARN of a role in the standard partition.
    #[error("`{0}` is no role that can be linked: arn:aws:iam::<account id>:role/<name> is allowed")]
    RoleArn(String),
}

impl FromStr for AwsAccountId {
    type Err = InvalidAccount;
    fn from_str(text: &str) -> Result<Self, InvalidAccount> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAccount::AccountId(text.to_owned()))
        }
    }
}

impl FromStr for Region {
    type Err = InvalidAccount;
    fn from_str(text: &str) -> Result<Self, InvalidAccount> {
        let parts: Vec<&str> = text.split('-').collect();
        let letters = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase());
        let well_formed = parts.len() >= 3
            && parts.len() <= 4
            && parts[..parts.len() - 1].iter().all(|p| letters(p))
            && parts[parts.len() - 1].parse::<u8>().is_ok();
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAccount::Region(text.to_owned()))
        }
    }
}

impl FromStr for RoleArn {
    type Err = InvalidAccount;
    fn from_str(text: &str) -> Result<Self, InvalidAccount> {
        let well_formed = || {
            let (account, name) = text.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
            AwsAccountId::from_str(account).ok()?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"/_+=,.@-".contains(&b);
            (!name.is_empty() && name.len() <= 512 && name.bytes().all(plain)).then_some(())
        };
        well_formed()
            .map(|()| Self(text.to_owned()))
            .ok_or_else(|| InvalidAccount::RoleArn(text.to_owned()))
    }
}

impl RoleArn {
    /// The account that the role is in.
    #[must_use]
    pub fn account(&self) -> AwsAccountId {
        AwsAccountId(self.0["arn:aws:iam::".len()..][..12].to_owned())
    }
}

macro_rules! text_newtype {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl $name {
            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidAccount;
            fn try_from(text: String) -> Result<Self, InvalidAccount> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    )+};
}
text_newtype!(AwsAccountId, Region, RoleArn);

/// What a role of ours may do in a customer's account (facts: AWS, "Cross-account access").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RolePurpose {
    /// Reads.
    Observe,
    /// Adds protection only.
    Configure,
    /// May weaken; one ARN, under an approved change.
    Tune,
    /// Restores under new names, after approval.
    Restore,
}

impl RolePurpose {
    /// The name used in the database and in session names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Configure => "configure",
            Self::Tune => "tune",
            Self::Restore => "restore",
        }
    }
}

/// The four roles of a linked account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRoles {
    /// See [`RolePurpose::Observe`].
    pub observe: RoleArn,
    /// See [`RolePurpose::Configure`].
    pub configure: RoleArn,
    /// See [`RolePurpose::Tune`].
    pub tune: RoleArn,
    /// See [`RolePurpose::Restore`].
    pub restore: RoleArn,
}

impl AccountRoles {
    /// The role for a purpose.
    #[must_use]
    pub const fn get(&self, purpose: RolePurpose) -> &RoleArn {
        match purpose {
            RolePurpose::Observe => &self.observe,
            RolePurpose::Configure => &self.configure,
            RolePurpose::Tune => &self.tune,
            RolePurpose::Restore => &self.restore,
        }
    }
}

/// A linked AWS account: it belongs to exactly one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsAccount {
    /// Id of the link.
    pub id: AwsAccountLinkId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its number at AWS.
    pub account: AwsAccountId,
    /// The region of its components.
    pub region: Region,
    /// Generated by Holdfast, one per account; not a secret, never chosen by a customer.
    pub external_id: String,
    /// The roles that Holdfast assumes.
    pub roles: AccountRoles,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_arn_of_another_shape_is_refused() {
        for text in [
            "arn:aws-cn:iam::111122223333:role/x",
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam::11112222333:role/x",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/a b",
            "arn:aws:iam::111122223333:role/\u{202e}x",
            " arn:aws:iam::111122223333:role/x",
        ] {
            assert!(text.parse::<RoleArn>().is_err(), "{text}");
        }
        let role: RoleArn = "arn:aws:iam::111122223333:role/holdfast/observe".parse().unwrap();
        assert_eq!(role.account().as_str(), "111122223333");
    }
}
