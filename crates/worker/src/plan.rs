//! A request planned against the live state.

use app::{AppError, Cx};
use domain::account::AwsAccount;
use domain::change_request::{ChangeRequest, Resolved, State};
use domain::component::Component;
use domain::hold::{Held, today};
use domain::id::{ChangeRequestId, PlanId, TenantId};
use domain::observation::{Completeness, Observed};
use domain::plan::{ShownPlan, change_digest};
use domain::scope_change::{FormProblem, ScopeChangeForm};
use domain::sow::{MechanismName, Scope};
use domain::tenant::TenantScope;
use jobs::Failure;
use mechanism::ObserveError;
use planner::{Desired, Wanted};

use crate::outside::{Outside, app_failure, goes_on, observe_failure, store_failure};

/// What a plan is made from.
pub(crate) struct Ground {
    pub(crate) request: ChangeRequest,
    pub(crate) component: Component,
    pub(crate) resolved: Resolved,
    /// What is contracted for the component now.
    current: Option<Scope>,
    /// What somebody wants kept of it.
    held: Vec<Held>,
    pub(crate) account: Option<AwsAccount>,
    others_in_scope: usize,
}

/// What stands in the way of a plan.
pub(crate) enum Obstacle {
    /// The customer has to answer or mend something.
    AskBack(Vec<FormProblem>),
    /// The job cannot go on.
    Failure(Failure),
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Plans the request and shows the plan; the same plan as before changes nothing.
pub(crate) async fn plan(cx: &Cx, outside: &Outside, tenant: TenantId, id: ChangeRequestId) -> Result<(), Failure> {
    goes_on(cx, tenant).await?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let request = store::change_request::get(&mut tx, &scope, id)
        .await
        .map_err(store_failure)?;
    drop(tx);
    let Some(request) = request else { return Ok(()) };
    let Some(form) = request.form.clone() else {
        return Ok(());
    };
    if !matches!(
        request.state,
        State::Submitted | State::NeedsInformation { .. } | State::Planned { .. }
    ) {
        return Ok(());
    }
    let revision = request.revision;
    let made = async {
        let ground = ground(cx, request, &form).await?;
        let shown = against_live(cx, outside, &ground).await?;
        Ok::<_, Obstacle>((ground.resolved, shown))
    };
    let done = match made.await {
        Ok((resolved, shown)) => app::change_request::show_plan(cx, tenant, id, revision, resolved, shown).await,
        Err(Obstacle::AskBack(problems)) => app::change_request::ask_back(cx, tenant, id, revision, problems).await,
        Err(Obstacle::Failure(failure)) => return Err(failure),
    };
    match done {
        // It was decided or edited while it was being planned: what was decided stands.
        Ok(()) | Err(AppError::Refused(_)) => Ok(()),
        Err(error) => Err(app_failure(error)),
    }
}

/// Resolves a request against the inventory and the scope of work.
pub(crate) async fn ground(cx: &Cx, request: ChangeRequest, form: &ScopeChangeForm) -> Result<Ground, Obstacle> {
    let tenant = request.tenant;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let component = store::component::by_name(&mut tx, tenant, form.environment, &form.component)
        .await
        .map_err(store_failure)?;
    let Some(component) = component else {
        return Err(Obstacle::AskBack(vec![app::change_request::unknown_component(form)]));
    };
    if let Some(problem) = app::change_request::gone(form, &component) {
        return Err(Obstacle::AskBack(vec![problem]));
    }
    let resolved = app::change_request::resolve(&mut tx, &component, &form.scope).await;
    let (current, wanted) = resolved.map_err(|error| match error {
        AppError::Invalid(problems) => Obstacle::AskBack(problems),
        other => app_failure(other).into(),
    })?;
    let others = store::sow::others_in_scope(&mut tx, tenant, component.id)
        .await
        .map_err(store_failure)?;
    let held = store::hold::standing(&mut tx, tenant, component.id, today(cx.now()))
        .await
        .map_err(store_failure)?;
    let accounts = store::account::list(&mut tx, &scope).await.map_err(store_failure)?;
    let account = component.aws.as_ref().and_then(|place| {
        accounts
            .into_iter()
            .map(|linked| linked.account)
            .find(|account| account.account == place.account)
    });
    Ok(Ground {
        resolved: Resolved {
            component: component.id,
            scope: wanted.explained(&form.further_needs, current.as_ref()),
        },
        current,
        held,
        others_in_scope: usize::try_from(others).unwrap_or_default(),
        request,
        component,
        account,
    })
}

/// Reads the live state and plans against it.
pub(crate) async fn against_live(cx: &Cx, outside: &Outside, ground: &Ground) -> Result<ShownPlan, Obstacle> {
    let observed = match &ground.account {
        Some(account) => read(cx, outside, account, &ground.component).await?,
        None => Observed {
            at: cx.now(),
            completeness: Completeness::Complete,
            resources: Default::default(),
            left_behind: Default::default(),
        },
    };
    if planner::choose(&ground.component, &ground.resolved.scope).mechanism != MechanismName::None {
        found(ground, &observed)?;
    }
    let desired = Desired {
        tenant: ground.request.tenant,
        wanted: vec![Wanted {
            component: &ground.component,
            before: ground.current.as_ref(),
            scope: &ground.resolved.scope,
            held: &ground.held,
        }],
        others_in_scope: ground.others_in_scope,
    };
    let plan = planner::plan(&desired, &observed);
    let digest = change_digest(
        &ground.request.request_digest,
        ground.component.id,
        &ground.resolved.scope,
        &plan,
    );
    Ok(ShownPlan {
        id: PlanId::at(cx.now()),
        digest,
        plan,
        made_at: observed.at,
    })
}

/// What will be backed up must have been read: otherwise nothing could be configured, nor called applied.
fn found(ground: &Ground, observed: &Observed) -> Result<(), Obstacle> {
    let Some(place) = &ground.component.aws else {
        return Ok(());
    };
    if observed.resources.contains_key(&place.arn) {
        return Ok(());
    }
    let name = &ground.component.name;
    let (field, label, why) = match (&ground.account, &observed.completeness) {
        (Some(_), Completeness::Partial { reason }) => return Err(Failure::retry(reason.clone()).into()),
        (Some(_), Completeness::Complete) => (
            "component",
            "Component",
            format!(
                "{name} does not exist at AWS (account {}, {}).",
                place.account, place.region
            ),
        ),
        (None, _) => (
            "aws_access",
            "Access to your AWS account",
            format!("Account {} of {name} is not linked to Holdfast.", place.account),
        ),
    };
    Err(Obstacle::AskBack(vec![FormProblem {
        field: field.to_owned(),
        label: label.to_owned(),
        given: None,
        why: format!("{why} Nothing was changed. When it is mended, have it planned again on the request's page."),
    }]))
}

async fn read(cx: &Cx, outside: &Outside, account: &AwsAccount, component: &Component) -> Result<Observed, Obstacle> {
    let link = outside.aws(cx, account.tenant).await?.verify_link(account).await;
    note_link(cx, account, &link).await?;
    link.map_err(|error| obstacle(&error))?;
    let scope = TenantScope::one(account.tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let id = store::account::scope_of_component(&mut tx, account.tenant, component.id)
        .await
        .map_err(store_failure)?;
    let whole = match id {
        Some(id) => store::account::backup_scope(&mut tx, &scope, id)
            .await
            .map_err(store_failure)?,
        None => None,
    };
    drop(tx);
    let whole = whole.ok_or_else(|| Failure::fail("The component's account is not linked any more."))?;
    let aws = outside.aws(cx, account.tenant).await?;
    let observed = aws.observe(&whole).await.map_err(|error| obstacle(&error))?;
    app::reconcile::save(cx, &whole, &observed).await.map_err(app_failure)?;
    Ok(observed)
}

/// What is wrong with a link stands on the account's page, in the customer's words.
pub(crate) async fn note_link(cx: &Cx, account: &AwsAccount, link: &Result<(), ObserveError>) -> Result<(), Failure> {
    let problem = match link {
        Ok(()) => None,
        Err(ObserveError::Unavailable { .. }) => return Ok(()),
        Err(error) => Some(error.to_string()),
    };
    app::reconcile::note_link(cx, account, problem.as_deref())
        .await
        .map_err(app_failure)
}

/// A role that cannot be assumed, or not safely, is for the customer to mend.
fn obstacle(error: &ObserveError) -> Obstacle {
    match error {
        ObserveError::Denied { reason } | ObserveError::Refused { reason } => Obstacle::AskBack(vec![FormProblem {
            field: "aws_access".to_owned(),
            label: "Access to your AWS account".to_owned(),
            given: None,
            why: format!(
                "{reason} Nothing was changed. When it is mended, have it planned again on the request's page."
            ),
        }]),
        ObserveError::Unavailable { .. } => Obstacle::Failure(observe_failure(error)),
    }
}
