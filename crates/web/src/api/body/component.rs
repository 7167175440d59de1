//! One component as JSON.

use std::collections::BTreeMap;

use app::component::View;
use app::sow::Proof;
use domain::contract::ServiceLevel;
use domain::sow::{Terms, ValueSource};
use domain::tier::Tier;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::attestation::OutDecision;
use super::plan::PlanFinding;
use super::sow::{Deviation, Origin, Protection, origins};

/// One thing that holds data, with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComponentDetail {
    id: Uuid,
    name: String,
    /// Such as `rds-instance`.
    kind: &'static str,
    environment: &'static str,
    /// The business unit that it belongs to; `null` when not stated.
    workload: Option<String>,
    /// Who answers for it at the customer; `null` when not stated.
    owner: Option<String>,
    engine: Option<String>,
    /// The engine's version; `null` when not stated.
    version: Option<String>,
    size_bytes: Option<i64>,
    /// `null` outside AWS.
    account_id: Option<String>,
    /// Where its data is, by its ARN or as stated; `null`: unknown.
    region: Option<String>,
    /// `null` outside AWS.
    arn: Option<String>,
    /// When it was confirmed that it is no more; `null` while it lives.
    decommissioned_at: Option<Timestamp>,
    /// `in`, `out` or `undecided`.
    decision: &'static str,
    /// `null` unless in scope.
    terms: Option<TermsDetail>,
    /// Such as `native:rds`; `none`: no mechanism exists yet. `null` when undecided.
    mechanism: Option<&'static str>,
    /// Why this mechanism; `null` when undecided.
    reason: Option<String>,
    /// `null` unless in scope.
    protection: Option<Protection>,
    /// Whether its storage was observed to be encrypted; `null`: unknown.
    encrypted: Option<bool>,
    /// `null` when in scope, or undecided.
    out_decision: Option<OutDecision>,
    /// The newest restore that the customer verified; `null`: its backups are unproven.
    last_restore_test: Option<RestoreTest>,
    /// The day of the last restore test as the customer states it: not proven. `null` when not stated.
    stated_restore_test_on: Option<String>,
    /// What is not as contracted, and what should be known, as of the last reading.
    findings: Vec<PlanFinding>,
    /// Its line in each version that changed it, newest first.
    history: Vec<PastLine>,
    /// Counts the changes of its facts; also the `ETag`.
    revision: i64,
}

/// What is contracted for a component in scope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TermsDetail {
    /// 1, 2 or 3.
    tier: Option<i16>,
    /// `continuous`, `hourly`, `daily` or `weekly`.
    schedule: String,
    /// The most that may be lost, in seconds.
    rpo_seconds: i64,
    /// How long a restore may take, in seconds; `null` without a tier.
    rto_seconds: Option<i64>,
    /// Whether RPO and RTO are promised; otherwise they are objectives.
    objectives_committed: bool,
    /// `HH:MM-HH:MM` in UTC; `null`: the provider chooses.
    window: Option<String>,
    retention_days: u16,
    /// `same-account-and-region`, `another-region` or `another-account`.
    location: &'static str,
    /// Which source supplied each value: `change`, `sow`, `tier`, `default` or `regulation`.
    #[schema(value_type = BTreeMap<String, String>)]
    value_sources: BTreeMap<String, ValueSource>,
    /// The version, and the change, that supplied each value.
    value_origins: BTreeMap<String, Origin>,
    /// Why it is so, until when, and what would meet the tier, as the customer said.
    note: Option<String>,
    /// What of it is not what its tier stands for.
    deviations: Vec<Deviation>,
}

/// How much may be lost, and how long a restore may take.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Objectives {
    /// The most that may be lost, in seconds; `null` unless in scope.
    rpo_seconds: Option<i64>,
    /// How long a restore may take, in seconds; `null` without a tier.
    rto_seconds: Option<i64>,
    /// Whether the contract as it stands promises RPO and RTO; otherwise they are objectives. `null` unless in scope.
    objectives_committed: Option<bool>,
}

/// The proof that backups can be restored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RestoreTest {
    /// The number of the restore request.
    restore_request_number: i32,
    /// When the customer verified it.
    verified_at: Timestamp,
}

/// A component's line from one version on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastLine {
    /// The version that brought it.
    from_version: i32,
    /// The version that replaced it or took it away; `null`: it stands.
    to_version: Option<i32>,
    effective_from: Option<Timestamp>,
    /// The number of the change that made the version; `null` for the onboarding document.
    change_request_number: Option<i32>,
    /// Who asked for that change.
    requester: Option<String>,
    approved_by: Vec<String>,
    in_scope: bool,
    tier: Option<i16>,
    schedule: Option<String>,
    retention_days: Option<u16>,
    mechanism: &'static str,
}

/// Facts that are stated anew; those that are not named stay, and `null` takes a statement back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"owner": "platform team", "version": "16.4"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct EditFacts {
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, max_length = 255)]
    workload: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, max_length = 255)]
    owner: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, max_length = 255)]
    engine: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>, max_length = 255)]
    version: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    size_bytes: Option<Option<i64>>,
    /// The resource that has replaced the one that it was, in a linked account and region; for engineers and admins.
    #[serde(default)]
    #[schema(max_length = 2048)]
    arn: Option<String>,
}

/// A field that was named, `null` or not.
fn named<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

impl EditFacts {
    /// By field id, what is stated.
    pub(crate) fn changes(self) -> BTreeMap<String, Option<String>> {
        let fields = [
            ("workload", self.workload),
            ("owner", self.owner),
            ("engine", self.engine),
            ("version", self.version),
            (
                "size_bytes",
                self.size_bytes.map(|size| size.map(|size| size.to_string())),
            ),
            ("arn", self.arn.map(Some)),
        ];
        let named = fields
            .into_iter()
            .filter_map(|(field, stated)| Some((field.to_owned(), stated?)));
        named.collect()
    }
}

impl ComponentDetail {
    pub(crate) fn new(view: &View, level: ServiceLevel, today: Date) -> Self {
        let status = &view.judged.status;
        let (component, contracted) = (&status.component, status.contracted.as_ref());
        let place = component.aws.as_ref();
        let terms = contracted.and_then(|(scope, _)| scope.terms());
        Self {
            id: component.id.0,
            name: component.name.clone(),
            kind: component.kind.as_str(),
            environment: component.environment.as_str(),
            workload: component.workload.clone(),
            owner: component.owner.clone(),
            engine: component.engine.clone(),
            version: component.version.clone(),
            size_bytes: component.size_bytes,
            account_id: place.map(|place| place.account.to_string()),
            region: component.region().map(ToString::to_string),
            arn: place.map(|place| place.arn.clone()),
            decommissioned_at: component.decommissioned_at,
            decision: match (contracted, terms) {
                (None, _) => "undecided",
                (Some(_), Some(_)) => "in",
                (Some(_), None) => "out",
            },
            terms: terms.map(|terms| TermsDetail::new(terms, view, level)),
            mechanism: contracted.map(|(_, choice)| choice.mechanism.as_str()),
            reason: contracted.map(|(_, choice)| choice.reason.clone()),
            protection: Protection::of(&view.judged),
            encrypted: status.observed.as_ref().and_then(|seen| seen.encrypted),
            out_decision: view
                .decision
                .as_ref()
                .and_then(|decision| OutDecision::of(decision, today)),
            last_restore_test: view.proof.map(RestoreTest::from),
            stated_restore_test_on: view.claimed_test.map(|day| day.to_string()),
            findings: view.findings.iter().map(PlanFinding::from).collect(),
            history: view.history.iter().map(PastLine::from).collect(),
            revision: view.revision,
        }
    }
}

fn rpo_seconds(terms: &Terms) -> i64 {
    terms.schedule.interval().as_secs()
}

fn rto_seconds(terms: &Terms) -> Option<i64> {
    terms.tier.map(Tier::rto).map(|rto: SignedDuration| rto.as_secs())
}

fn is_committed(level: ServiceLevel) -> bool {
    level == ServiceLevel::DrBc
}

impl Objectives {
    /// Those of a line, which has none when it is out of scope.
    pub(crate) fn of(terms: Option<&Terms>, level: ServiceLevel) -> Self {
        Self {
            rpo_seconds: terms.map(rpo_seconds),
            rto_seconds: terms.and_then(rto_seconds),
            objectives_committed: terms.map(|_| is_committed(level)),
        }
    }
}

impl From<Proof> for RestoreTest {
    fn from(proof: Proof) -> Self {
        Self {
            restore_request_number: proof.number,
            verified_at: proof.at,
        }
    }
}

impl TermsDetail {
    fn new(terms: &Terms, view: &View, level: ServiceLevel) -> Self {
        Self {
            tier: terms.tier.map(Tier::number),
            schedule: terms.schedule.to_string(),
            rpo_seconds: rpo_seconds(terms),
            rto_seconds: rto_seconds(terms),
            objectives_committed: is_committed(level),
            window: terms.window.map(|window| window.to_string()),
            retention_days: terms.retention.get(),
            location: terms.location.as_str(),
            value_sources: terms.sources.clone(),
            value_origins: origins(&view.sources),
            note: terms.note.clone(),
            deviations: Deviation::all(view.judged.status.component.kind, Some(terms)),
        }
    }
}

impl From<&(app::sow::PastLine, Option<app::sow::Version>)> for PastLine {
    fn from((past, version): &(app::sow::PastLine, Option<app::sow::Version>)) -> Self {
        let (scope, choice) = &past.line;
        let (terms, made_by) = (
            scope.terms(),
            version.as_ref().and_then(|version| version.made_by.as_ref()),
        );
        Self {
            from_version: past.from_version,
            to_version: past.to_version,
            effective_from: version.as_ref().map(|version| version.sow.effective_from),
            change_request_number: past.change,
            requester: made_by.map(|made| made.requester.clone()),
            approved_by: version
                .as_ref()
                .map(|version| version.sow.approved_by.clone())
                .unwrap_or_default(),
            in_scope: terms.is_some(),
            tier: terms.and_then(|terms| terms.tier).map(Tier::number),
            schedule: terms.map(|terms| terms.schedule.to_string()),
            retention_days: terms.map(|terms| terms.retention.get()),
            mechanism: choice.mechanism.as_str(),
        }
    }
}
