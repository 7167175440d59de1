//! Volumes and snapshots in ministack's EC2.

use std::collections::BTreeMap;

use super::super::answer::Refusal;
use super::super::ministack::Ministack;
use super::super::queue::Place;
use super::super::xml::Element;
use super::details::{Details, Tag};

const EC2: (&str, &str) = ("ec2", "2016-11-15");

/// A volume that a policy is for.
#[derive(Debug)]
pub(crate) struct Volume {
    pub(crate) id: String,
    /// That it is attached to, where the policy is for instances.
    pub(crate) instance: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// The volumes that a policy is for: those with one of its tags, or those of instances with one.
pub(crate) async fn targets(ministack: &Ministack, place: &Place, plan: &Details) -> Result<Vec<Volume>, Refusal> {
    let (account, region) = (place.account.as_str(), place.region.as_str());
    let volumes = ministack.as_root(account, region, EC2, "DescribeVolumes", &[]).await?;
    let mut found: Vec<Volume> = items(&volumes, "volumeSet").filter_map(volume).collect();
    if plan.resource_types.iter().any(|kind| kind == "VOLUME") {
        found.retain(|volume| tagged(&volume.tags, &plan.target_tags));
        found.iter_mut().for_each(|volume| volume.instance = None);
        return Ok(found);
    }
    let instances = ministack
        .as_root(account, region, EC2, "DescribeInstances", &[])
        .await?;
    let instances: Vec<&Element> = items(&instances, "reservationSet")
        .flat_map(|reservation| items(reservation, "instancesSet"))
        .filter(|instance| tagged(&tags(instance), &plan.target_tags))
        .collect();
    let boots = |instance: &Element, volume: &str| {
        let root = instance.text_of("rootDeviceName");
        let devices = items(instance, "blockDeviceMapping");
        let mut boot = devices.filter(|device| device.text_of("deviceName") == root);
        boot.any(|device| device.find("volumeId").is_some_and(|id| id.text == volume))
    };
    found.retain(|volume| {
        let of = instances
            .iter()
            .find(|instance| instance.text_of("instanceId") == volume.instance.as_deref());
        volume.instance.is_some()
            && of.is_some_and(|instance| !(plan.parameters.exclude_boot_volume && boots(instance, &volume.id)))
    });
    Ok(found)
}

fn volume(found: &Element) -> Option<Volume> {
    let attached = items(found, "attachmentSet").find_map(|attachment| attachment.text_of("instanceId"));
    Some(Volume {
        id: found.text_of("volumeId")?.to_owned(),
        instance: attached.map(str::to_owned),
        tags: tags(found),
    })
}

fn items<'a>(answer: &'a Element, list: &str) -> impl Iterator<Item = &'a Element> {
    answer.find(list).into_iter().flat_map(|list| &list.children)
}

fn tags(of: &Element) -> BTreeMap<String, String> {
    let tags = of.child("tagSet").into_iter().flat_map(|list| &list.children);
    tags.filter_map(|tag| {
        Some((
            tag.text_of("key")?.to_owned(),
            tag.text_of("value").unwrap_or_default().to_owned(),
        ))
    })
    .collect()
}

/// One of the tags is enough.
fn tagged(has: &BTreeMap<String, String>, wanted: &[Tag]) -> bool {
    wanted.iter().any(|tag| has.get(&tag.key) == Some(&tag.value))
}

/// Makes a snapshot with its tags; its id.
pub(crate) async fn create(
    ministack: &Ministack,
    place: &Place,
    volume: &str,
    description: &str,
    tags: &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let fixed = [("VolumeId", volume.to_owned()), ("Description", description.to_owned())];
    make(ministack, &place.account, &place.region, "CreateSnapshot", &fixed, tags).await
}

/// Copies a snapshot into another region; the copy's id.
pub(crate) async fn copy(
    ministack: &Ministack,
    place: &Place,
    to: &str,
    snapshot: &str,
    key: (Option<bool>, Option<&str>),
    tags: &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let (encrypted, key) = key;
    let mut fixed = vec![
        ("SourceRegion", place.region.clone()),
        ("SourceSnapshotId", snapshot.to_owned()),
        ("Description", format!("[Copied {snapshot} from {}]", place.region)),
        ("Encrypted", encrypted.unwrap_or(false).to_string()),
    ];
    fixed.extend(key.map(|key| ("KmsKeyId", key.to_owned())));
    make(ministack, &place.account, to, "CopySnapshot", &fixed, tags).await
}

async fn make(
    ministack: &Ministack,
    account: &str,
    region: &str,
    action: &str,
    fixed: &[(&str, String)],
    tags: &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let mut params: Vec<(String, String)> = fixed
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    if !tags.is_empty() {
        params.push(("TagSpecification.1.ResourceType".to_owned(), "snapshot".to_owned()));
    }
    for (number, (key, value)) in (1..).zip(tags) {
        params.push((format!("TagSpecification.1.Tag.{number}.Key"), key.clone()));
        params.push((format!("TagSpecification.1.Tag.{number}.Value"), value.clone()));
    }
    let params: Vec<(&str, &str)> = params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = ministack.as_root(account, region, EC2, action, &params).await?;
    let made = answer.find("snapshotId").map(|id| id.text.clone());
    made.ok_or_else(|| Refusal::unavailable(format!("ministack answered {action} without a snapshot")))
}

/// What is gone already is no error.
pub(crate) async fn delete(ministack: &Ministack, account: &str, region: &str, snapshot: &str) {
    let params = [("SnapshotId", snapshot)];
    let deleted = ministack.as_root(account, region, EC2, "DeleteSnapshot", &params).await;
    if let Err(refusal) = deleted {
        let code = refusal.into_answer().error_code();
        tracing::info!(snapshot, code, "A snapshot whose time is over could not be deleted");
    }
}
