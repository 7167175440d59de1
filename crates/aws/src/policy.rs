//! Session policies: what one session may do, whatever its role may.
//!
//! AWS allows 2,048 characters and ten managed policies; each policy here names one operation, and the
//! ARNs that the operation needs.

use domain::account::AwsAccount;
use serde_json::{Value, json};

/// A session policy as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SessionPolicy(String);

impl SessionPolicy {
    /// Nothing at all: the session only shows that the role can be assumed.
    pub(crate) fn nothing() -> Self {
        Self::of(json!([{ "Effect": "Deny", "Action": "*", "Resource": "*" }]))
    }

    /// The listings that an observation is made from. They cannot be narrowed to an ARN.
    pub(crate) fn observe() -> Self {
        let listings = [
            "rds:DescribeDBInstances",
            "rds:DescribeDBSnapshots",
            "rds:DescribeDBInstanceAutomatedBackups",
        ];
        Self::of(json!([allow(&listings, &["*".to_owned()])]))
    }

    /// One operation on one instance.
    pub(crate) fn on_instance(action: &str, arn: &str) -> Self {
        Self::of(json!([allow(&[action], &[arn.to_owned()])]))
    }

    /// One restore: from `source`, to `target` (both ARNs), with the source's groups and key.
    pub(crate) fn restore(action: &str, account: &AwsAccount, source: &str, target: &str) -> Self {
        let group = |kind: &str| format!("arn:aws:rds:{}:{}:{kind}:*", account.region, account.account);
        let touched = [
            source.to_owned(),
            target.to_owned(),
            group("subgrp"),
            group("pg"),
            group("og"),
        ];
        let mut key = allow(&["kms:CreateGrant", "kms:DescribeKey"], &["*".to_owned()]);
        key["Condition"] = json!({
            "StringEquals": { "kms:ViaService": format!("rds.{}.amazonaws.com", account.region) }
        });
        Self::of(json!([
            allow(&[action], &touched),
            allow(&["rds:AddTagsToResource"], &[target.to_owned()]),
            key,
        ]))
    }

    /// As JSON.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn of(statements: Value) -> Self {
        Self(json!({ "Version": "2012-10-17", "Statement": statements }).to_string())
    }
}

fn allow(actions: &[&str], resources: &[String]) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}
