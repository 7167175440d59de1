//! Tags of vaults, plans, recovery points, ….

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::rest::Exception;
use super::desk::{Desk, Reply};

/// AWS allows no more on one resource.
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Untag {
    #[serde(default)]
    tag_key_list: Vec<String>,
}

/// Adds tags to what was just made.
pub(crate) fn put(desk: &mut Desk<'_>, arn: &str, tags: BTreeMap<String, String>) {
    if !tags.is_empty() {
        desk.region().tags.entry(arn.to_owned()).or_default().extend(tags);
    }
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let arn = known(desk)?;
    let tags = desk.read().tags.get(&arn).cloned().unwrap_or_default();
    Ok(json!({"Tags": tags}))
}

pub(crate) fn tag(desk: &mut Desk<'_>) -> Reply {
    let asked: Tag = desk.ask.body()?;
    let arn = known(desk)?;
    if asked.tags.keys().any(|key| key.starts_with("aws:")) {
        return Err(Exception::invalid_parameter("Tag keys may not start with aws:"));
    }
    let tags = desk.region().tags.entry(arn).or_default();
    let added = asked.tags.keys().filter(|key| !tags.contains_key(*key)).count();
    if tags.len() + added > MOST {
        return Err(Exception::new(
            400,
            "LimitExceededException",
            format!("A resource has at most {MOST} tags"),
        ));
    }
    tags.extend(asked.tags);
    Ok(Value::Null)
}

pub(crate) fn untag(desk: &mut Desk<'_>) -> Reply {
    let asked: Untag = desk.ask.body()?;
    let arn = known(desk)?;
    if let Some(tags) = desk.region().tags.get_mut(&arn) {
        tags.retain(|key, _| !asked.tag_key_list.contains(key));
    }
    Ok(Value::Null)
}

/// The ARN in the path, if it names something here.
fn known(desk: &Desk<'_>) -> Result<String, Exception> {
    let arn = desk.ask.path("resourceArn");
    let (region, place) = (desk.read(), &desk.place);
    if region.has(place, arn) {
        Ok(arn.to_owned())
    } else {
        Err(Exception::not_found(format!("Resource {arn} does not exist")))
    }
}
