//! Settings of a region and of an account, and the types of resources.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::rest::Exception;
use super::desk::{Desk, Reply, present, time};
use super::resource::Kind;
use super::state::Place;

/// What was chosen; what was not is as AWS has it from the start.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// Type to whether it is backed up by plans. Absent: yes.
    opted_in: BTreeMap<String, bool>,
    /// Type to whether AWS Backup manages its backups whole. Absent: no.
    managed: BTreeMap<String, bool>,
    /// Of the account.
    global: BTreeMap<String, String>,
    global_changed: Option<Timestamp>,
}

/// Types that AWS Backup supports; the sandbox backs up those of [`Kind`].
const TYPES: [&str; 15] = [
    "Aurora",
    "CloudFormation",
    "DocumentDB",
    "DynamoDB",
    "EBS",
    "EC2",
    "EFS",
    "FSx",
    "Neptune",
    "RDS",
    "Redshift",
    "S3",
    "Storage Gateway",
    "Timestream",
    "VirtualMachine",
];

/// Types whose backups AWS Backup can manage whole.
const MANAGEABLE: [Kind; 2] = [Kind::DynamoDb, Kind::Efs];

/// Global settings that exist, all off at first.
const GLOBAL: [&str; 3] = [
    "isCrossAccountBackupEnabled",
    "isDelegatedAdministratorEnabled",
    "isMpaEnabled",
];

impl Settings {
    pub(crate) fn backs_up(&self, kind: Kind) -> bool {
        self.opted_in(kind.name())
    }

    fn opted_in(&self, name: &str) -> bool {
        self.opted_in.get(name).copied().unwrap_or(true)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateRegion {
    #[serde(default)]
    resource_type_opt_in_preference: BTreeMap<String, bool>,
    #[serde(default)]
    resource_type_management_preference: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateGlobal {
    #[serde(default)]
    global_settings: BTreeMap<String, String>,
}

pub(crate) fn of_region(desk: &mut Desk<'_>) -> Reply {
    let settings = &desk.read().settings;
    let opted: BTreeMap<&str, bool> = TYPES.into_iter().map(|name| (name, settings.opted_in(name))).collect();
    let managed = |kind: &Kind| (kind.name(), settings.managed.get(kind.name()).copied().unwrap_or(false));
    let managed: BTreeMap<&str, bool> = MANAGEABLE.iter().map(managed).collect();
    Ok(json!({"ResourceTypeOptInPreference": opted, "ResourceTypeManagementPreference": managed}))
}

pub(crate) fn update_region(desk: &mut Desk<'_>) -> Reply {
    let asked: UpdateRegion = desk.ask.body()?;
    let opted = asked.resource_type_opt_in_preference;
    let managed = asked.resource_type_management_preference;
    let manageable = |name: &&String| MANAGEABLE.iter().any(|kind| kind.name() == *name);
    let unknown = opted.keys().find(|name| !TYPES.contains(&name.as_str()));
    if let Some(name) = unknown.or_else(|| managed.keys().find(|name| !manageable(name))) {
        return Err(Exception::invalid_parameter(format!(
            "Unsupported resource type: {name}"
        )));
    }
    let settings = &mut desk.region().settings;
    settings.opted_in.extend(opted);
    settings.managed.extend(managed);
    Ok(Value::Null)
}

/// Where the settings of an account are kept: in no region.
fn whole_account(desk: &Desk<'_>) -> Place {
    Place {
        account: desk.place.account.clone(),
        region: String::new(),
    }
}

pub(crate) fn of_account(desk: &mut Desk<'_>) -> Reply {
    let settings = &desk.state.read(&whole_account(desk)).settings;
    let value = |name| settings.global.get(name).map_or("false", String::as_str);
    let all: BTreeMap<&str, &str> = GLOBAL.into_iter().map(|name| (name, value(name))).collect();
    Ok(present(
        json!({"GlobalSettings": all, "LastUpdateTime": settings.global_changed.map(time)}),
    ))
}

pub(crate) fn update_account(desk: &mut Desk<'_>) -> Reply {
    let asked: UpdateGlobal = desk.ask.body()?;
    let known =
        |(name, value): (&String, &String)| GLOBAL.contains(&name.as_str()) && (value == "true" || value == "false");
    if !asked.global_settings.iter().all(known) {
        return Err(Exception::invalid_parameter("Invalid global settings"));
    }
    let (now, account) = (desk.now, whole_account(desk));
    let settings = &mut desk.state.region(&account).settings;
    settings.global.extend(asked.global_settings);
    settings.global_changed = Some(now);
    Ok(Value::Null)
}

pub(crate) fn resource_types(_: &mut Desk<'_>) -> Reply {
    Ok(json!({"ResourceTypes": TYPES}))
}
