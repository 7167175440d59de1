//! One wish for many components: an ordinary change request for each, and a result for each.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::bulk_change::{BulkChange, Item, MAX_COMPONENTS, is_of_one};
use domain::change_request::{ChangeRequest, Requester, Source};
use domain::component::Component;
use domain::digest::Digest;
use domain::id::{BulkChangeId, ChangeRequestId, ComponentId, TenantId};
use domain::plan::ShownPlan;
use domain::scope_change::{COMPONENT, ENVIRONMENT, FormProblem, ScopeChangeForm, normalise};
use domain::sow;
use domain::tenant::{Tenant, TenantScope};
use serde_json::json;

use crate::authz::{self, Action};
use crate::change_request::{self, gone, make, may_approve};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::status::{Filter, Judged, Order, in_force, judge, stale};
use crate::{Actor, AppError, Cx, Page, audit, contract, lifecycle};

pub use store::bulk_change::Listed;

/// A bulk change with what its page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The bulk change.
    pub bulk: BulkChange,
    /// Its components, in the order of asking.
    pub items: Vec<ItemView>,
}

/// One component of a bulk change.
#[derive(Debug, Clone)]
pub struct ItemView {
    /// The component.
    pub component: Component,
    /// Its request, or why there is none.
    pub result: Result<Asked, Vec<FormProblem>>,
}

/// A change request of a bulk change.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The request as it stands.
    pub request: ChangeRequest,
    /// The plan that it stands on.
    pub plan: Option<ShownPlan>,
    /// Whether the reader may approve it together with others: it waits, it only tightens, and it is theirs to approve.
    pub may_approve: bool,
}

/// What became of one approval.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The request.
    pub request: ChangeRequestId,
    /// The state that it is in by now, or why it was not approved.
    pub result: Result<&'static str, String>,
}

/// Asks for the same terms for each of the components. A component that they do not fit is told so; the others are asked
/// for all the same.
///
/// # Errors
/// [`AppError::Invalid`] when no component can be meant by what was given; [`AppError::Forbidden`];
/// [`AppError::KeyReused`]; [`AppError::NotNow`] while the customer is suspended. Nothing is asked for then.
pub async fn submit(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    source: Source,
    components: &[ComponentId],
    fields: &BTreeMap<String, String>,
    key: Option<&Idempotency>,
) -> Result<BulkChange, AppError> {
    authz::check(actor, Action::RequestChange, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        let bulk = store::bulk_change::get(&mut tx, tenant, BulkChangeId(made)).await?;
        return bulk.ok_or(AppError::NotFound);
    }
    lifecycle::takes_requests(&mut tx, tenant).await?;
    let known = store::component::those(&mut tx, &scope, components).await?;
    let known: HashMap<ComponentId, Component> = known.into_iter().map(|one| (one.id, one)).collect();
    let chosen = chosen(components, &known).map_err(AppError::Invalid)?;
    let shared = shared(fields).map_err(AppError::Invalid)?;
    let now = cx.now();
    let mut contracted = store::sow::current(&mut tx, tenant).await?;
    let bounds = contract::bounds(&mut tx, tenant).await?;
    let mut items = Vec::with_capacity(chosen.len());
    for component in chosen {
        let current = contracted.remove(&component.id);
        let form = ScopeChangeForm {
            component: component.name.clone(),
            environment: component.environment,
            ..shared.clone()
        };
        let refused = match gone(&form, component) {
            Some(problem) => Some(vec![problem]),
            None => sow::resolve(&form.scope, current.as_ref(), component, &bounds).err(),
        };
        let result = match refused {
            Some(problems) => Err(problems),
            None => Ok(make(cx, &mut tx, actor, tenant, source, form).await?.id),
        };
        items.push(Item {
            component: component.id,
            result,
        });
    }
    let bulk = BulkChange {
        id: BulkChangeId::at(now),
        tenant,
        number: store::tenant::next_number(&mut tx, tenant, "bulk-change").await?,
        requester: Requester {
            user: Some(actor.user),
            name: actor.email.clone(),
        },
        fields: fields.iter().map(|(id, text)| (id.clone(), normalise(text))).collect(),
        created_at: now,
        items,
    };
    store::bulk_change::insert(&mut tx, &bulk).await?;
    let asked = bulk.items.iter().filter(|item| item.result.is_ok()).count();
    let detail = json!({ "number": bulk.number, "asked": asked, "refused": bulk.items.len() - asked });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant,
        "bulk-change.submitted",
        bulk.id.0,
        detail,
    )
    .await?;
    idempotency::remember(cx, &mut tx, actor, key, bulk.id.0).await?;
    tx.commit().await?;
    Ok(bulk)
}

/// The components that are meant, each once, in the order of asking.
fn chosen<'a>(
    ids: &[ComponentId],
    known: &'a HashMap<ComponentId, Component>,
) -> Result<Vec<&'a Component>, Vec<FormProblem>> {
    let problem = |given: Option<String>, why: String| {
        vec![FormProblem {
            field: "components".to_owned(),
            label: "Components".to_owned(),
            given,
            why,
        }]
    };
    if ids.is_empty() {
        return Err(problem(None, "no component is chosen; choose at least one".to_owned()));
    }
    let mut chosen: Vec<&Component> = Vec::new();
    let mut seen = HashSet::new();
    for id in ids.iter().filter(|id| seen.insert(**id)) {
        let component = known.get(id).ok_or_else(|| {
            problem(
                Some(id.to_string()),
                "the inventory has no such component; choose from those that are listed".to_owned(),
            )
        })?;
        chosen.push(component);
    }
    if chosen.len() > MAX_COMPONENTS {
        let why = format!(
            "at most {MAX_COMPONENTS} components are taken at once, so that each plan can be looked at; ask in parts"
        );
        return Err(problem(Some(chosen.len().to_string()), why));
    }
    Ok(chosen)
}

/// The answers that all components share, read as the form that each of them gets.
fn shared(fields: &BTreeMap<String, String>) -> Result<ScopeChangeForm, Vec<FormProblem>> {
    let of_one: Vec<FormProblem> = [COMPONENT, ENVIRONMENT]
        .iter()
        .filter_map(|field| {
            let given = fields.get(field.id)?;
            Some(FormProblem::new(
                field,
                Some(given),
                "the chosen components say this; leave it out",
            ))
        })
        .collect();
    let mut answers: BTreeMap<String, String> = fields
        .iter()
        .filter(|(id, _)| !is_of_one(id))
        .map(|(id, text)| (id.clone(), text.clone()))
        .collect();
    answers.insert(COMPONENT.id.to_owned(), "each".to_owned());
    answers.insert(ENVIRONMENT.id.to_owned(), "production".to_owned());
    match (ScopeChangeForm::from_fields(&answers), of_one.is_empty()) {
        (Ok(form), true) => Ok(form),
        (Ok(_), false) => Err(of_one),
        (Err(problems), _) => Err(of_one.into_iter().chain(problems).collect()),
    }
}

/// The bulk changes of a customer, newest first, a page from the one after number `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId, before: Option<i32>) -> Result<Page<Listed>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(store::bulk_change::page(&mut tx, tenant, before, ROWS).await?))
}

/// The bulk change with that number, with each of its requests as it stands.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_number(cx: &Cx, actor: &Actor, tenant: &Tenant, number: i32) -> Result<View, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let scope = TenantScope::one(tenant.id);
    let mut tx = cx.db.begin(&scope).await?;
    let bulk = store::bulk_change::by_number(&mut tx, tenant.id, number)
        .await?
        .ok_or(AppError::NotFound)?;
    let components: Vec<_> = bulk.items.iter().map(|item| item.component).collect();
    let components = store::component::those(&mut tx, &scope, &components).await?;
    let mut components: HashMap<_, _> = components.into_iter().map(|one| (one.id, one)).collect();
    let ids: Vec<_> = bulk
        .items
        .iter()
        .filter_map(|item| item.result.as_ref().ok().copied())
        .collect();
    let requests = store::change_request::those(&mut tx, tenant.id, &ids).await?;
    let plans: Vec<_> = requests
        .iter()
        .filter_map(|request| Some(request.state.plan()?.id))
        .collect();
    let plans = store::plan::list(&mut tx, tenant.id, &plans).await?;
    let mut plans: HashMap<_, _> = plans.into_iter().map(|plan| (plan.id, plan)).collect();
    let mut requests: HashMap<_, _> = requests.into_iter().map(|request| (request.id, request)).collect();
    let items = bulk.items.iter().filter_map(|item| {
        let result = match &item.result {
            Err(problems) => Err(problems.clone()),
            Ok(id) => {
                let request = requests.remove(id)?;
                let standing = request.state.plan().copied();
                Ok(Asked {
                    may_approve: standing.is_some_and(|plan| !plan.weakens) && may_approve(actor, &request).is_ok(),
                    plan: standing.and_then(|plan| plans.remove(&plan.id)),
                    request,
                })
            }
        };
        Some(ItemView {
            component: components.remove(&item.component)?,
            result,
        })
    });
    Ok(View {
        items: items.collect(),
        bulk,
    })
}

/// Approves requests of a bulk change whose plans only tighten, each bound to the digest that was shown of it. One that
/// cannot be approved keeps none of the others from it.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`]; [`AppError::Invalid`] when there are more than a bulk change has.
pub async fn approve(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    number: i32,
    shown: &[(ChangeRequestId, Digest)],
) -> Result<Vec<Approved>, AppError> {
    let view = by_number(cx, actor, tenant, number).await?;
    authz::approving_side(actor, tenant.id, false)?;
    if shown.len() > MAX_COMPONENTS {
        return Err(AppError::Invalid(vec![FormProblem {
            field: "approvals".to_owned(),
            label: "Approvals".to_owned(),
            given: Some(shown.len().to_string()),
            why: format!("at most {MAX_COMPONENTS} are taken at once: a bulk change has no more"),
        }]));
    }
    let mut of_bulk = HashMap::new();
    for asked in view.items.iter().filter_map(|item| item.result.as_ref().ok()) {
        of_bulk.insert(
            asked.request.id,
            asked.request.state.plan().is_some_and(|plan| plan.weakens),
        );
    }
    let mut results = Vec::with_capacity(shown.len());
    for (id, digest) in shown {
        let result = match of_bulk.get(id) {
            None => Err("It is not part of this bulk change.".to_owned()),
            Some(true) => Err("It gives up protection: approve it on its own page.".to_owned()),
            Some(false) => match change_request::approve(cx, actor, *id, *digest).await {
                Ok(request) => Ok(request.state.name()),
                Err(error @ (AppError::Store(_) | AppError::Jobs(_))) => return Err(error),
                Err(error) => Err(error.to_string()),
            },
        };
        results.push(Approved { request: *id, result });
    }
    Ok(results)
}

/// Living components among which a bulk change can choose: those that fit the filter, as many as one takes; and
/// whether more would fit. What is chosen already is listed first, whether it fits or not.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn choices(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    filter: &Filter,
    order: Order,
    chosen: &[ComponentId],
) -> Result<(Vec<Judged>, bool), AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let now = cx.now();
    let rows = i64::try_from(MAX_COMPONENTS).unwrap_or(i64::MAX) + 1;
    let mut listed = store::status::those(&mut tx, tenant, Some(chosen)).await?;
    listed.retain(|status| status.component.decommissioned_at.is_none());
    let known: HashSet<_> = listed.iter().map(|status| status.component.id).collect();
    let fitting = store::status::page(&mut tx, tenant, filter, order, stale(cx), None, rows).await?;
    let more = fitting.len() > MAX_COMPONENTS;
    listed.extend(
        fitting
            .into_iter()
            .filter(|status| !known.contains(&status.component.id)),
    );
    listed.truncate(MAX_COMPONENTS.max(known.len()));
    let listed = in_force(&mut tx, tenant, listed).await?;
    Ok((listed.into_iter().map(|status| judge(status, now)).collect(), more))
}
