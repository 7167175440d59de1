//! Tags of policies.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::rest::Exception;
use super::Desk;
use super::calls::not_found;
use super::details::Policy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let tags = &named(desk)?.tags;
    Ok(json!({"Tags": tags}))
}

pub(crate) fn tag(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let asked: Tag = desk.ask.body()?;
    named(desk)?.tags.extend(asked.tags);
    Ok(json!({}))
}

pub(crate) fn untag(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    let keys: Vec<String> = desk.ask.queries("tagKeys").map(str::to_owned).collect();
    named(desk)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

fn named<'a>(desk: &'a mut Desk<'_>) -> Result<&'a mut Policy, Exception> {
    let arn = desk.ask.path("resourceArn");
    let place = desk.place.clone();
    let id = arn.rsplit('/').next().unwrap_or(arn);
    let known = desk
        .state
        .read(&place)
        .get(id)
        .is_some_and(|policy| policy.arn(&place) == arn);
    let policy = desk.state.policies(&place).get_mut(id).filter(|_| known);
    policy.ok_or_else(|| not_found(id))
}
