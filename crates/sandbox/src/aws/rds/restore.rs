//! Restores: accepted at once, `creating` for a while, with their tags.

use jiff::Timestamp;
use uuid::Uuid;

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::desk::Desk;
use super::instances;
use super::ledger::{Ledger, Restore};

/// Parameters that a point-in-time restore does not share with a restore from a snapshot.
const POINT_IN_TIME_ONLY: [&str; 6] = [
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
    "SourceDBInstanceAutomatedBackupsArn",
    "TargetDBInstanceIdentifier",
    "RestoreTime",
    "UseLatestRestorableTime",
];

pub(crate) async fn from_snapshot(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    restore: Restore,
) -> Result<Answer, Refusal> {
    let document = instances::document(desk.forward(call).await?)?;
    accepted(desk, ledger, call, document, restore).await
}

/// ministack has no such action: it authorises the call on both instances, then the root restores from a passing snapshot.
pub(crate) async fn to_point_in_time(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    restore: Restore,
) -> Result<Answer, Refusal> {
    let source = required(call, "SourceDBInstanceIdentifier")?;
    let target = required(call, "TargetDBInstanceIdentifier")?;
    for instance in [source, target] {
        desk.authorise(&desk.on_instance(call, instance)).await?;
    }
    check_time(desk, ledger, call, source)?;

    let passing = format!("point-in-time-{}", Uuid::new_v4());
    desk.root(
        "CreateDBSnapshot",
        &[("DBSnapshotIdentifier", &passing), ("DBInstanceIdentifier", source)],
    )
    .await?;
    let mut params = vec![
        ("DBInstanceIdentifier", target),
        ("DBSnapshotIdentifier", passing.as_str()),
    ];
    let shared = call
        .form
        .iter()
        .filter(|(name, _)| !POINT_IN_TIME_ONLY.contains(&name.as_str()));
    params.extend(shared.map(|(name, value)| (name.as_str(), value.as_str())));
    let restored = desk.root("RestoreDBInstanceFromDBSnapshot", &params).await;
    desk.root("DeleteDBSnapshot", &[("DBSnapshotIdentifier", &passing)])
        .await?;

    let mut document = restored?;
    document.name = format!("{}Response", call.operation);
    if let Some(result) = document.children.first_mut() {
        result.name = format!("{}Result", call.operation);
    }
    accepted(desk, ledger, call, document, restore).await
}

fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    let missing = || {
        Refusal::new(
            400,
            "MissingParameter",
            format!("The request must contain the parameter {name}."),
        )
    };
    call.param(name).ok_or_else(missing)
}

/// The asked-for time must lie in the source's restore window.
fn check_time(desk: &Desk<'_>, ledger: &Ledger, call: &Call, source: &str) -> Result<(), Refusal> {
    let window = ledger
        .backups
        .get(source)
        .and_then(|backups| backups.restorable(desk.now));
    let Some((earliest, latest)) = window else {
        let message = format!("Automated backups are not enabled for DBInstance {source}.");
        return Err(Refusal::new(400, "PointInTimeRestoreNotEnabled", message));
    };
    let Some(text) = call.param("RestoreTime") else {
        return match call.param("UseLatestRestorableTime") {
            Some("true") => Ok(()),
            _ => Err(Refusal::new(
                400,
                "InvalidParameterCombination",
                "Either RestoreTime or UseLatestRestorableTime must be specified.",
            )),
        };
    };
    let time: Timestamp = text
        .parse()
        .map_err(|_| Refusal::invalid(format!("Invalid RestoreTime: {text}")))?;
    match time {
        time if time < earliest => Err(Refusal::invalid(format!(
            "The specified instance cannot be restored to a time earlier than {earliest}."
        ))),
        time if time > latest => Err(Refusal::invalid(format!(
            "The specified instance cannot be restored to a time later than {latest}."
        ))),
        _ => Ok(()),
    }
}

/// Adds what ministack drops: the tags, and the time that it takes.
async fn accepted(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    mut document: Element,
    restore: Restore,
) -> Result<Answer, Refusal> {
    let Some(instance) = document.find_mut("DBInstance") else {
        return Err(Refusal::unavailable("ministack restored without naming the instance"));
    };
    let id = instance.text_of("DBInstanceIdentifier").unwrap_or_default().to_owned();
    ledger.restores.insert(id, restore);
    let tags: Vec<(&str, &str)> = call
        .form
        .iter()
        .filter(|(name, _)| name.starts_with("Tags."))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    if !tags.is_empty() {
        let arn = instance.text_of("DBInstanceArn").unwrap_or_default();
        let mut params = vec![("ResourceName", arn)];
        params.extend(tags);
        desk.root("AddTagsToResource", &params).await?;
        let mut listed = desk.root("ListTagsForResource", &params[..1]).await?;
        if let Some(list) = listed.find_mut("TagList") {
            instance.put(std::mem::take(list));
        }
    }
    instances::finish(document, ledger, desk)
}
