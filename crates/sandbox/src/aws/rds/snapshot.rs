//! One snapshot. Pure: no calls, no clock.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::xml::Element;
use super::family::Family;

/// Who may restore a public snapshot.
pub(crate) const EVERYONE: &str = "all";

/// What an instance hands down.
const OF_THE_INSTANCE: [&str; 13] = [
    "DBInstanceIdentifier",
    "DbiResourceId",
    "Engine",
    "EngineVersion",
    "AllocatedStorage",
    "AvailabilityZone",
    "InstanceCreateTime",
    "MasterUsername",
    "LicenseModel",
    "StorageType",
    "Iops",
    "KmsKeyId",
    "IAMDatabaseAuthenticationEnabled",
];

/// What a cluster hands down.
const OF_THE_CLUSTER: [&str; 13] = [
    "DBClusterIdentifier",
    "DbClusterResourceId",
    "Engine",
    "EngineVersion",
    "EngineMode",
    "AllocatedStorage",
    "AvailabilityZones",
    "ClusterCreateTime",
    "MasterUsername",
    "Port",
    "StorageType",
    "KmsKeyId",
    "IAMDatabaseAuthenticationEnabled",
];

#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) family: &'static Family,
    /// As an answer shows it, without state and progress.
    pub(crate) fields: Element,
    /// The instance or cluster as it was.
    pub(crate) source: Element,
    pub(crate) began: Timestamp,
    pub(crate) ends: Timestamp,
    /// A fault decided that it will not work out.
    pub(crate) fails: bool,
    /// Made by others at ministack itself, which keeps it.
    pub(crate) at_ministack: bool,
    /// Accounts that may restore and copy it, and [`EVERYONE`].
    pub(crate) shared_with: BTreeSet<String>,
}

impl Snapshot {
    /// A snapshot that is complete as soon as it is taken.
    pub(crate) fn of(
        family: &'static Family,
        source: &Element,
        id: &str,
        kind: &str,
        (region, account): (&str, &str),
        at: Timestamp,
    ) -> Self {
        let handed_down: &[&str] = if family.is_cluster() {
            &OF_THE_CLUSTER
        } else {
            &OF_THE_INSTANCE
        };
        let mut fields = Element::new(family.snapshot);
        fields.children = handed_down
            .iter()
            .filter_map(|field| source.child(field).cloned())
            .collect();
        let arn = format!("arn:aws:rds:{region}:{account}:{}:{id}", family.snapshot_kind);
        let encrypted = source.text_of("StorageEncrypted").unwrap_or("false");
        let mut fields = fields
            .with(family.snapshot_id, id)
            .with(family.snapshot_arn, &arn)
            .with("SnapshotType", kind)
            .with("SnapshotCreateTime", &at.to_string())
            .with(family.encrypted, encrypted);
        if family.is_cluster() {
            fields.set("LicenseModel", license(source));
        } else {
            fields.set("OriginalSnapshotCreateTime", &at.to_string());
            fields.set("SnapshotDatabaseTime", &at.to_string());
            fields.set("SnapshotTarget", "region");
            for (field, at) in [("Port", "Endpoint"), ("VpcId", "DBSubnetGroup")] {
                if let Some(text) = source.child(at).and_then(|parent| parent.text_of(field)) {
                    fields.set(field, text);
                }
            }
        }
        fields.put(match source.text_of("CopyTagsToSnapshot") {
            Some("true") => source
                .child("TagList")
                .cloned()
                .unwrap_or_else(|| Element::new("TagList")),
            _ => Element::new("TagList"),
        });
        Self {
            family,
            fields,
            source: source.clone(),
            began: at,
            ends: at,
            fails: false,
            at_ministack: false,
            shared_with: BTreeSet::new(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.fields.text_of(self.family.snapshot_id).unwrap_or_default()
    }

    pub(crate) fn arn(&self) -> &str {
        self.fields.text_of(self.family.snapshot_arn).unwrap_or_default()
    }

    pub(crate) fn is_automated(&self) -> bool {
        self.fields.text_of("SnapshotType") == Some("automated")
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.fields.is_true(self.family.encrypted)
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.fields.text_of("KmsKeyId")
    }

    pub(crate) fn resource(&self) -> Option<&str> {
        self.fields.text_of(self.family.resource_id)
    }

    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        match (now < self.ends, self.fails) {
            (true, _) => "creating",
            (false, true) => "failed",
            (false, false) => "available",
        }
    }

    /// Percent of the way from begin to end.
    pub(crate) fn progress(&self, now: Timestamp) -> i64 {
        percent(self.began, self.ends, now)
    }

    /// How an account that is not the owner sees it: `shared`, `public`, or not at all.
    pub(crate) fn seen_by(&self, account: &str) -> Option<&'static str> {
        if self.shared_with.contains(account) {
            Some("shared")
        } else {
            self.shared_with.contains(EVERYONE).then_some("public")
        }
    }

    /// As its owner sees it.
    pub(crate) fn shown(&self, now: Timestamp) -> Element {
        self.fields
            .clone()
            .with("Status", self.status(now))
            .with("PercentProgress", &self.progress(now).to_string())
    }

    /// As another account sees it: named by its ARN, without tags.
    pub(crate) fn shown_abroad(&self, how: &str, now: Timestamp) -> Element {
        let mut shown = self.shown(now);
        shown.set(self.family.snapshot_id, self.arn());
        shown.set("SnapshotType", how);
        shown.put(Element::new("TagList"));
        shown
    }
}

/// Whole percent of the way from `began` to `ends`, at most 100.
pub(crate) fn percent(began: Timestamp, ends: Timestamp, now: Timestamp) -> i64 {
    let (done, all) = (
        now.as_millisecond() - began.as_millisecond(),
        ends.as_millisecond() - began.as_millisecond(),
    );
    if done >= all { 100 } else { (done * 100 / all).max(0) }
}

fn license(cluster: &Element) -> &'static str {
    let postgres = cluster
        .text_of("Engine")
        .is_some_and(|engine| engine.contains("postgres"));
    if postgres {
        "postgresql-license"
    } else {
        "general-public-license"
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn progress_grows_from_none_to_all() {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        let shown: Vec<i64> = [9, 10, 12, 19, 20, 99]
            .map(|now| percent(at(10), at(20), at(now)))
            .into();
        assert_eq!(shown, [0, 0, 20, 90, 100, 100]);
        assert_eq!(percent(at(5), at(5), at(5)), 100);
    }
}
