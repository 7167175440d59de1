//! Keys, as far as their names tell.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// ARN of the key `aws/rds`, which is the same for as long as the account lives.
pub(crate) fn default_key(region: &str, account: &str) -> String {
    let digest = Sha256::digest(format!("aws/rds {region} {account}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!("arn:aws:kms:{region}:{account}:key/{}", Uuid::from_bytes(bytes))
}

/// Region and account of a key's or an alias' ARN.
fn home(key: &str) -> Option<(&str, &str)> {
    let mut parts = key.strip_prefix("arn:aws:kms:")?.splitn(3, ':');
    Some((parts.next()?, parts.next()?))
}

/// The ARN of a key that a call names by ARN, alias or id.
pub(crate) fn in_full(key: &str, region: &str, account: &str) -> String {
    if home(key).is_some() {
        key.to_owned()
    } else if key.starts_with("alias/") {
        format!("arn:aws:kms:{region}:{account}:{key}")
    } else {
        format!("arn:aws:kms:{region}:{account}:key/{key}")
    }
}

/// Whether the region can use the key: one of another region never is.
pub(crate) fn usable_in(key: &str, region: &str) -> bool {
    home(key).is_none_or(|(home, _)| home == region)
}

/// Whether it is some account's `aws/rds`, which nobody else may use.
pub(crate) fn is_default(key: &str) -> bool {
    home(key).is_some_and(|(region, account)| key == default_key(region, account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accounts_default_key_is_known_again_and_bound_to_its_region() {
        let key = default_key("eu-west-1", "111122223333");
        assert!(is_default(&key) && usable_in(&key, "eu-west-1") && !usable_in(&key, "eu-central-1"));
        assert!(!is_default("arn:aws:kms:eu-west-1:111122223333:key/own"));
        assert_eq!(
            in_full("alias/own", "eu-west-1", "1"),
            "arn:aws:kms:eu-west-1:1:alias/own"
        );
    }
}
