//! Snapshots: ministack's, told apart as manual and automated, with times on the virtual clock.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::desk::Desk;
use super::instances::document;
use super::ledger::Ledger;
use super::page;

pub(crate) async fn describe(desk: &Desk<'_>, ledger: &Ledger, call: &Call) -> Result<Answer, Refusal> {
    // Authorises, and refuses an unknown identifier; the list itself is made below, because ministack calls every snapshot manual.
    desk.forward(call).await?;
    let mut snapshots = desk.snapshots().await?;
    snapshots.iter_mut().for_each(|snapshot| correct(snapshot, ledger));
    snapshots.retain(|snapshot| wanted(snapshot, call));
    snapshots.sort_by_cached_key(|snapshot| snapshot.text_of("DBSnapshotIdentifier").map(str::to_owned));
    page::answer(call, "DBSnapshots", snapshots)
}

pub(crate) async fn create(desk: &Desk<'_>, ledger: &mut Ledger, call: &Call) -> Result<Answer, Refusal> {
    check_name(call)?;
    let mut document = document(desk.forward(call).await?)?;
    if let Some(snapshot) = document.find_mut("DBSnapshot") {
        let id = snapshot.text_of("DBSnapshotIdentifier").unwrap_or_default();
        ledger.manual.insert(id.to_owned(), desk.now);
        correct(snapshot, ledger);
    }
    Ok(Answer::xml(200, document.to_string()))
}

pub(crate) async fn delete(desk: &Desk<'_>, call: &Call) -> Result<Answer, Refusal> {
    check_name(call)?;
    desk.forward(call).await
}

/// Names with a colon are AWS's own: automated snapshots can neither be made nor deleted by hand.
fn check_name(call: &Call) -> Result<(), Refusal> {
    let name = call.param("DBSnapshotIdentifier").unwrap_or_default();
    if name.contains(':') {
        let rule = "Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; \
                    and must not end with a hyphen or contain two consecutive hyphens.";
        return Err(Refusal::invalid(format!(
            "The parameter DBSnapshotIdentifier is not a valid identifier. {rule}"
        )));
    }
    Ok(())
}

fn correct(snapshot: &mut Element, ledger: &Ledger) {
    let id = snapshot.text_of("DBSnapshotIdentifier").unwrap_or_default().to_owned();
    let automated = ledger.automated(&id);
    if automated.is_some() {
        snapshot.set("SnapshotType", "automated");
    }
    if let Some(at) = automated.or_else(|| ledger.manual.get(&id).copied()) {
        for field in [
            "SnapshotCreateTime",
            "OriginalSnapshotCreateTime",
            "SnapshotDatabaseTime",
        ] {
            snapshot.set(field, &at.to_string());
        }
    }
    if snapshot.text_of("KmsKeyId").is_none() {
        snapshot.remove("KmsKeyId");
    }
}

/// Whether the call's parameters and filters all match.
fn wanted(snapshot: &Element, call: &Call) -> bool {
    const PARAMS: [(&str, &str); 4] = [
        ("DBSnapshotIdentifier", "DBSnapshotIdentifier"),
        ("DBInstanceIdentifier", "DBInstanceIdentifier"),
        ("DbiResourceId", "DbiResourceId"),
        ("SnapshotType", "SnapshotType"),
    ];
    const FILTERS: [(&str, &str); 5] = [
        ("db-instance-id", "DBInstanceIdentifier"),
        ("db-snapshot-id", "DBSnapshotIdentifier"),
        ("dbi-resource-id", "DbiResourceId"),
        ("snapshot-type", "SnapshotType"),
        ("engine", "Engine"),
    ];
    let params = PARAMS.iter().all(|(param, field)| {
        call.param(param)
            .is_none_or(|want| snapshot.text_of(field) == Some(want))
    });
    params
        && filters(call).all(|(name, values)| {
            let field = FILTERS
                .iter()
                .find(|(filter, _)| *filter == name)
                .and_then(|(_, field)| snapshot.text_of(field));
            field.is_some_and(|is| values.contains(&is))
        })
}

/// `Filters.Filter.N.Name` with its `Filters.Filter.N.Values.Value.M`.
fn filters(call: &Call) -> impl Iterator<Item = (&str, Vec<&str>)> {
    call.form
        .iter()
        .filter(|(key, _)| key.starts_with("Filters."))
        .filter_map(|(key, name)| {
            let values = format!("{}.Values.", key.strip_suffix(".Name")?);
            let values = call
                .form
                .iter()
                .filter(|(key, _)| key.starts_with(&values))
                .map(|(_, value)| value.as_str());
            Some((name.as_str(), values.collect()))
        })
}
