//! Another resource at AWS takes the place of the one that a component was, such as after a restore.

use domain::component::{AwsPlace, Component, RESOURCE};
use domain::onboarding::place_of_arn;
use domain::scope_change::FormProblem;
use domain::tenant::TenantScope;
use serde_json::json;
use store::Connection;
use store::account::LinkedAccount;

use crate::authz::{self, Action};
use crate::work::Work;
use crate::{Actor, AppError, Cx, audit, contract, status};

/// Says which resource the component is from now on. What was read of the old one is forgotten, and the new one is read soon.
/// How it is served stays as it was agreed. The same resource again changes nothing.
///
/// # Errors
/// [`AppError::Invalid`], [`AppError::Forbidden`].
pub(super) async fn replace(
    cx: &Cx,
    tx: &mut Connection,
    actor: &Actor,
    component: &Component,
    arn: &str,
) -> Result<(), AppError> {
    let (tenant, arn) = (component.tenant, arn.trim());
    if arn == component.aws.as_ref().map_or("", |place| place.arn.as_str()) {
        return Ok(());
    }
    authz::check(actor, Action::ReplaceResource, tenant)?;
    store::tenant::lock(tx, tenant).await?;
    let linked = store::account::list(tx, &TenantScope::one(tenant)).await?;
    let refused = |why: String| AppError::Invalid(vec![FormProblem::new(&RESOURCE, Some(arn), why)]);
    let place = placed(component, arn, &linked).map_err(refused)?;
    let account = linked.iter().find(|linked| linked.account.account == place.account);
    if let Some(other) = store::component::by_arn(tx, tenant, arn).await? {
        let why = format!(
            "{} ({}) has this ARN: a resource is listed once",
            other.name, other.environment
        );
        return Err(refused(why));
    }
    let after = Component {
        aws: Some(place),
        stated_region: None,
        ..component.clone()
    };
    if let Some(scope) = store::sow::current_scope(tx, tenant, component.id)
        .await?
        .filter(|scope| scope.terms().is_some())
    {
        let bounds = contract::bounds(tx, tenant).await?;
        if let Some(why) = bounds.refuse_region(after.region()) {
            return Err(refused(why));
        }
        if planner::choose(component, &scope) != planner::choose(&after, &scope) {
            let why = "it is in scope and its resource was not known: import a document that names it, by which the mechanism that serves it is chosen anew";
            return Err(refused(why.to_owned()));
        }
    }
    store::component::learn_all(tx, tenant, &[(&after, account.map(|linked| linked.account.id))]).await?;
    store::observation::forget(tx, tenant, component.id).await?;
    status::refresh(tx, tenant, Some(&[component.id])).await?;
    if let Some(scope) = store::account::scope_of_component(tx, tenant, component.id).await?
        && store::account::claim(tx, tenant, scope, cx.now()).await?
    {
        jobs::enqueue(tx, &Work::Reconcile { tenant, scope }).await?;
    }
    let detail = json!({ "before": component.aws, "after": after.aws });
    let by = actor.by();
    Ok(audit::record(
        cx,
        tx,
        &by,
        tenant,
        "component.resource-replaced",
        component.id.0,
        detail,
    )
    .await?)
}

/// Where the resource is, in an account that can be read.
fn placed(component: &Component, arn: &str, linked: &[LinkedAccount]) -> Result<AwsPlace, String> {
    if component.decommissioned_at.is_some() {
        return Err("the component was decommissioned: what it was stays as it was".to_owned());
    }
    if arn.is_empty() {
        return Err("a resource is replaced by another one: give its ARN. Where there is none any more, ask for the component\u{2019}s end".to_owned());
    }
    let only = match linked {
        [only] => Some((&only.account.account, &only.account.region)),
        _ => None,
    };
    let home = component.aws.as_ref().map(|place| (&place.account, &place.region));
    let place = place_of_arn(component.kind, arn, home.or(only))?;
    let there =
        |linked: &&LinkedAccount| linked.account.account == place.account && linked.account.region == place.region;
    if linked.iter().any(|linked| there(&linked)) {
        return Ok(place);
    }
    let names = linked
        .iter()
        .map(|linked| format!("{} in {}", linked.account.account, linked.account.region));
    let names: Vec<_> = names.collect();
    Err(format!(
        "account {} in {} is not linked for this customer, so nothing there could be read or backed up; linked: {}",
        place.account,
        place.region,
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    ))
}
