//! A customer's AWS account as its owner sees it: asked at AWS, past Holdfast and its records.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::script::{self, ScriptError};

const SCRIPT: &str = include_str!("ask_aws.py");

/// The owner of an account, at AWS.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The directory with ministack's environment.
    pub tools: &'a Path,
    /// ministack's address.
    pub endpoint: &'a str,
    /// The region of the account's databases.
    pub region: &'a str,
    /// 12 digits.
    pub account: &'a str,
}

/// A database instance, as far as its backups are concerned.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// Its name.
    #[serde(rename = "DBInstanceIdentifier")]
    pub name: String,
    /// Days that automated backups are kept; 0: there are none.
    pub backup_retention_period: u16,
    /// `HH:MM-HH:MM` in UTC.
    #[serde(default)]
    pub preferred_backup_window: String,
    #[serde(default)]
    tag_list: Vec<Tag>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

#[derive(Deserialize)]
struct Instances {
    #[serde(rename = "DBInstances")]
    instances: Vec<Instance>,
}

#[derive(Serialize)]
struct Document<'a> {
    endpoint: &'a str,
    region: &'a str,
    account: &'a str,
    operation: &'a str,
    parameters: Value,
}

impl Instance {
    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        let tag = self.tag_list.iter().find(|tag| tag.key == key)?;
        Some(&tag.value)
    }
}

impl Owner<'_> {
    /// Every database instance of the account, by name.
    ///
    /// # Errors
    /// [`ScriptError`].
    pub async fn instances(&self) -> Result<BTreeMap<String, Instance>, ScriptError> {
        let answer: Instances = self.call("describe_db_instances", json!({})).await?;
        let named = |instance: Instance| (instance.name.clone(), instance);
        Ok(answer.instances.into_iter().map(named).collect())
    }

    /// Sets for how many days an instance's automated backups are kept.
    ///
    /// # Errors
    /// [`ScriptError`].
    pub async fn keep_backups(&self, instance: &str, days: u16) -> Result<(), ScriptError> {
        let parameters = json!({
            "DBInstanceIdentifier": instance,
            "BackupRetentionPeriod": days,
            "ApplyImmediately": true,
        });
        let _: Value = self.call("modify_db_instance", parameters).await?;
        Ok(())
    }

    async fn call<T: serde::de::DeserializeOwned>(&self, operation: &str, parameters: Value) -> Result<T, ScriptError> {
        let &Self {
            tools,
            endpoint,
            region,
            account,
        } = self;
        let document = Document {
            endpoint,
            region,
            account,
            operation,
            parameters,
        };
        script::run(tools, SCRIPT, &document).await
    }
}
