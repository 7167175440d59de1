//! Tags, which are authorised on the resource whose ARN the call gives.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::arn::Arn;
use super::desk::Desk;
use super::family::FAMILIES;
use super::ledger::Ledger;
use super::limits;

pub(crate) async fn perform(desk: &Desk<'_>, ledger: &mut Ledger, call: &Call) -> Result<Answer, Refusal> {
    let name = call.param("ResourceName").unwrap_or_default();
    let Some(arn) = Arn::parse(name) else {
        return desk.forward(call).await;
    };
    if let Some(family) = FAMILIES.into_iter().find(|family| family.source_kind == arn.kind) {
        let on_it = if family.is_cluster() {
            call.clone()
        } else {
            desk.on_instance(call, arn.id)
        };
        let answer = desk.forward(&on_it).await?;
        return match ledger.source(family, arn.id) {
            Some(_) => Ok(answer),
            None => Err(limits::no_source(family, arn.id)),
        };
    }
    let Some(family) = FAMILIES.into_iter().find(|family| family.snapshot_kind == arn.kind) else {
        return desk.forward(call).await;
    };
    // ministack authorises, and keeps tags of whatever it is told; the snapshot itself is here.
    desk.forward(call).await?;
    let snapshot = ledger
        .snapshots
        .get_mut(&(family, arn.id.to_owned()))
        .filter(|_| (arn.region, arn.account) == desk.here())
        .ok_or_else(|| limits::no_snapshot(family, name))?;
    let mut list = snapshot.fields.child("TagList").cloned().unwrap_or_default();
    match call.operation.as_str() {
        "AddTagsToResource" => merge(&mut list, given(call)),
        "RemoveTagsFromResource" => {
            let gone = call.listed("TagKeys.");
            list.children
                .retain(|tag| tag.text_of("Key").is_none_or(|key| !gone.contains(&key)));
        }
        _ => return Ok(Answer::result(&call.operation, vec![list])),
    }
    snapshot.fields.put(list);
    Ok(Answer::result(&call.operation, Vec::new()))
}

/// The tags that a call gives, as `Tag` elements.
pub(crate) fn given(call: &Call) -> Vec<Element> {
    let keys = call.form.iter().filter_map(|(name, key)| {
        let at = name.strip_prefix("Tags.")?.strip_suffix(".Key")?;
        Some((format!("Tags.{at}.Value"), key))
    });
    keys.map(|(value, key)| {
        Element::new("Tag")
            .with("Key", key)
            .with("Value", call.param(&value).unwrap_or_default())
    })
    .collect()
}

/// Adds tags to a `TagList`; one of the same key is replaced.
pub(crate) fn merge(list: &mut Element, tags: Vec<Element>) {
    for tag in tags {
        list.children.retain(|old| old.text_of("Key") != tag.text_of("Key"));
        list.children.push(tag);
    }
}
