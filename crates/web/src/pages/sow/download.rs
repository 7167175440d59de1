//! The scope of work as CSV: all rows that the filter matches, read some at a time.

use app::sow::{self, LineFilter, LiveLine, Sources};
use app::status::{Filter, LastReading, Order};
use app::{Actor, AppError, Cx, attestation};
use axum::response::{IntoResponse as _, Response};
use domain::component::Component;
use domain::sow::{MechanismChoice, Scope, Terms};
use domain::tenant::Tenant;
use domain::tier::Tier;
use futures::stream;

use crate::pages::live_csv::live_csv;
use crate::view::{Csv, source_text, words};

const NAME: &str = "scope-of-work";

const HEAD: [&str; 28] = [
    "component",
    "environment",
    "kind",
    "workload",
    "owner",
    "decision",
    "state",
    "why",
    "tier",
    "rpo",
    "rto",
    "method",
    "destination",
    "encrypted",
    "schedule",
    "backup_window",
    "retention_days",
    "last_restore_test",
    "stated_restore_test_on",
    "decision_due_on",
    "decision_state",
    "tier_source",
    "schedule_source",
    "window_source",
    "retention_source",
    "location_source",
    "note",
    "component_id",
];

/// What is in force for the components that the filter finds.
pub(super) async fn live(
    cx: Cx,
    actor: Actor,
    tenant: Tenant,
    filter: &Filter,
    order: Order,
) -> Result<Response, AppError> {
    let today = app::tenant::today(&cx, &tenant);
    let cells = move |line: &LiveLine| {
        let status = &line.judged.status;
        let decision = line.decision.as_ref();
        let due_on = decision
            .and_then(|decision| decision.out.as_ref())
            .map(|signed| signed.due_on.to_string());
        let state = decision.map(|decision| attestation::state(decision, today).as_str());
        let live = Live {
            state: line.judged.protection.map(|state| state.as_str()),
            why: line.judged.why.clone(),
            observed: status.observed.as_ref(),
            proof: line
                .proof
                .as_ref()
                .map_or_else(|| "none: unproven".to_owned(), |proof| proof.at.to_string()),
            claimed_test: line.claimed_test.map(|day| day.to_string()).unwrap_or_default(),
            due_on: due_on.unwrap_or_default(),
            decision: state.unwrap_or_default(),
        };
        let contracted = status.contracted.as_ref().map(|(scope, choice)| (scope, choice));
        row(&status.component, contracted, &line.sources, live)
    };
    live_csv((NAME, &HEAD), (cx, actor, tenant.id), filter, order, cells).await
}

/// The lines of a version; of none when nothing was agreed.
pub(super) fn version(cx: Cx, actor: Actor, tenant: Tenant, number: Option<i32>, filter: LineFilter) -> Response {
    let Some(number) = number else {
        return Csv::new(NAME, &HEAD).into_response();
    };
    let rows = stream::try_unfold(None, move |after| {
        let (cx, actor, tenant, filter) = (cx.clone(), actor.clone(), tenant.id, filter.clone());
        async move {
            let lines = sow::batch(&cx, &actor, tenant, number, false, &filter, after).await?;
            let Some(last) = lines.last().map(|line| line.item.component.id) else {
                return Ok::<_, AppError>(None);
            };
            let line = |line: &sow::VersionLine| {
                let contracted = Some((&line.item.scope, &line.item.choice));
                row(&line.item.component, contracted, &line.sources, Live::default())
            };
            Ok(Some((lines.iter().map(line).collect(), Some(last))))
        }
    });
    Csv::stream(NAME, &HEAD, rows)
}

/// What is known of the present; nothing for an old version.
#[derive(Default)]
struct Live<'a> {
    state: Option<&'static str>,
    why: String,
    observed: Option<&'a LastReading>,
    proof: String,
    /// As the customer states it.
    claimed_test: String,
    due_on: String,
    decision: &'static str,
}

fn row(
    component: &Component,
    contracted: Option<(&Scope, &MechanismChoice)>,
    sources: &Sources,
    live: Live<'_>,
) -> Vec<String> {
    let terms = contracted.and_then(|(scope, _)| scope.terms());
    let of = |value: fn(&Terms) -> String| terms.map(value).unwrap_or_default();
    let decision = match contracted {
        None => "undecided",
        Some((Scope::In(_), _)) => "in",
        Some((Scope::Out, _)) => "out",
    };
    let encrypted = live
        .observed
        .and_then(|seen| seen.encrypted)
        .map(|encrypted| encrypted.to_string());
    vec![
        component.name.clone(),
        component.environment.to_string(),
        component.kind.as_str().to_owned(),
        component.workload.clone().unwrap_or_default(),
        component.owner.clone().unwrap_or_default(),
        decision.to_owned(),
        live.state.unwrap_or_default().to_owned(),
        live.why,
        of(|terms| terms.tier.map(|tier| tier.number().to_string()).unwrap_or_default()),
        of(|terms| words::span(terms.schedule.interval())),
        of(|terms| terms.tier.map(Tier::rto).map(words::span).unwrap_or_default()),
        contracted
            .map(|(_, choice)| choice.mechanism.as_str())
            .unwrap_or_default()
            .to_owned(),
        of(|terms| terms.location.as_str().to_owned()),
        encrypted.filter(|_| terms.is_some()).unwrap_or_default(),
        of(|terms| terms.schedule.to_string()),
        of(|terms| terms.window.map(|window| window.to_string()).unwrap_or_default()),
        of(|terms| terms.retention.get().to_string()),
        if terms.is_some() { live.proof } else { String::new() },
        live.claimed_test,
        live.due_on,
        live.decision.to_owned(),
        source_text("tier", sources),
        source_text("schedule", sources),
        source_text("window", sources),
        source_text("retention_days", sources),
        source_text("location", sources),
        of(|terms| terms.note.clone().unwrap_or_default()),
        component.id.to_string(),
    ]
}
