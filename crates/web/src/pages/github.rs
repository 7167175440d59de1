//! Repositories, and who may ask for what there: for administrators.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::github::{self, Entitle, Entitled, Repository};
use app::user::Person;
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::{across, of_tenant};
use crate::pages::once::Once;
use crate::pages::{DoneQuery, FormatQuery};
use crate::view::{Csv, Format, Frame};

#[derive(Template)]
#[template(path = "github/all.html")]
struct AllPage {
    frame: Frame,
    rows: Vec<AllRow>,
}

struct AllRow {
    customer: String,
    href: String,
    /// `owner/name` and numbers; empty: none is linked.
    repositories: Vec<(String, i64, i64)>,
}

/// The repositories of every customer.
pub(crate) async fn all(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<FormatQuery>,
) -> Result<Response, PageError> {
    let linked = github::all(&cx, &actor).await?;
    let tenants = app::tenant::list(&cx, &actor).await?;
    let of = |tenant: &Tenant| {
        let own = linked.iter().filter(|one| one.tenant == tenant.id);
        own.map(|one| (one.full_name.clone(), one.repository_id, one.installation_id))
            .collect()
    };
    if query.format == Format::Csv {
        let mut csv = Csv::new(
            "repositories",
            &["customer", "repository", "repository_id", "installation_id"],
        );
        for tenant in &tenants {
            let rows: Vec<(String, i64, i64)> = of(tenant);
            for (name, number, installation) in rows {
                csv.row(&[tenant.slug.clone(), name, number.to_string(), installation.to_string()]);
            }
        }
        return Ok(csv.into_response());
    }
    let rows = tenants.iter().map(|tenant| AllRow {
        customer: tenant.name.clone(),
        href: Links::of(tenant).page("repositories"),
        repositories: of(tenant),
    });
    Ok(Page(AllPage {
        frame: across(&actor, "Repositories", "/settings"),
        rows: rows.collect(),
    })
    .into_response())
}

#[derive(Template)]
#[template(path = "github/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    address: String,
    once: Once,
    repositories: Vec<LinkedRow>,
    people: Vec<Entitled>,
    /// Who may approve for the customer, in the portal.
    approvers: Vec<Person>,
    given: BTreeMap<String, String>,
    problems: Vec<FormProblem>,
    /// Whether somebody else was faster, so that the problems say what stands by now.
    overtaken: bool,
}

struct LinkedRow {
    repository: Repository,
    /// The field in which its name is typed before it is unlinked.
    field: String,
    typed: String,
    wrong: Option<String>,
}

impl ListPage {
    /// What is wrong with a field of the forms that add.
    fn wrong(&self, field: &str) -> Option<&str> {
        let mut problems = self.problems.iter().filter(|_| !self.is_about_one());
        Some(&problems.find(|problem| problem.field == field)?.why)
    }

    /// What was typed into a field of the forms that add.
    fn given(&self, field: &str) -> &str {
        let given = self.given.get(field).filter(|_| !self.is_about_one());
        given.map_or("", String::as_str)
    }

    /// Whether what was typed is about this account, which is listed.
    fn is_about(&self, one: &Entitled) -> bool {
        let number = self
            .given
            .get("github_user_id")
            .and_then(|text| text.trim().parse().ok());
        number == Some(one.entitlement.github_user_id)
    }

    fn is_about_one(&self) -> bool {
        self.people.iter().any(|one| self.is_about(one))
    }

    /// What stands in the form of an account: what was typed into it, or what stands by now.
    fn shown(&self, one: &Entitled) -> Shown {
        let typed = |field: &str| self.given.get(field).cloned().unwrap_or_default();
        if self.is_about(one) {
            return Shown {
                login: typed("login"),
                // What was overtaken is sent again over what stands now; anything else over what was read.
                revision: match typed("revision").parse() {
                    Ok(read) if !self.overtaken => read,
                    _ => one.revision,
                },
                person: typed("person"),
                may_request: self.given.contains_key("may_request"),
                may_restore: self.given.contains_key("may_restore"),
            };
        }
        Shown {
            login: one.entitlement.login.clone(),
            revision: one.revision,
            person: one.email.clone().unwrap_or_default(),
            may_request: one.entitlement.may_request,
            may_restore: one.entitlement.may_restore,
        }
    }
}

/// The form of an account that is listed.
struct Shown {
    login: String,
    revision: i64,
    person: String,
    may_request: bool,
    may_restore: bool,
}

/// The repositories of one customer, and who may ask there.
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let mut page = page(&cx, &actor, &tenant, BTreeMap::new(), Vec::new()).await?;
    page.frame = page.frame.saying(query.done.as_deref());
    Ok(Page(page).into_response())
}

async fn page(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    given: BTreeMap<String, String>,
    problems: Vec<FormProblem>,
) -> Result<ListPage, PageError> {
    let repositories = github::list(cx, actor, tenant.id).await?.into_iter();
    let linked = repositories.map(|repository| {
        let field = unlink_field(repository.repository_id);
        let wrong = problems.iter().find(|problem| problem.field == field);
        LinkedRow {
            typed: given.get(&field).cloned().unwrap_or_default(),
            wrong: wrong.map(|problem| problem.why.clone()),
            field,
            repository,
        }
    });
    Ok(ListPage {
        frame: of_tenant(actor, tenant, "Repositories", "repositories").still(),
        customer: tenant.name.clone(),
        address: Links::of(tenant).page("repositories"),
        once: Once::new(),
        repositories: linked.collect(),
        people: github::people(cx, actor, tenant.id).await?,
        approvers: github::approvers(cx, actor, tenant.id).await?,
        given,
        problems,
        overtaken: false,
    })
}

pub(crate) async fn link(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = admins(&cx, &actor, &slug).await?;
    let (once, given) = Once::take(pairs)?;
    let text = |field: &str| given.get(field).map(|text| text.trim().to_owned()).unwrap_or_default();
    let numbers = [
        ("repository_id", "Repository number"),
        ("installation_id", "Installation number"),
    ]
    .map(|(field, label)| number(field, label, &text(field)));
    let done = match numbers {
        [Ok(repository_id), Ok(installation_id)] => {
            let repository = Repository {
                tenant: tenant.id,
                repository_id,
                installation_id,
                full_name: text("full_name"),
            };
            github::link(&cx, &actor, &repository, Some(&once.key(&given))).await
        }
        wrong => Err(AppError::Invalid(wrong.into_iter().filter_map(Result::err).collect())),
    };
    or_again(&cx, &actor, &tenant, given, done, "linked").await
}

/// The name of the repository, typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlinkForm {
    #[serde(default)]
    confirm: String,
}

pub(crate) async fn unlink(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, repository)): Path<(String, i64)>,
    Form(form): Form<UnlinkForm>,
) -> Result<Response, PageError> {
    let tenant = admins(&cx, &actor, &slug).await?;
    let linked = github::list(&cx, &actor, tenant.id).await?;
    let linked = linked.into_iter().find(|one| one.repository_id == repository);
    let name = linked.ok_or(PageError(Failure::NOT_FOUND))?.full_name;
    let done = if form.confirm.trim() == name {
        github::unlink(&cx, &actor, tenant.id, repository, None).await
    } else {
        Err(AppError::Invalid(vec![FormProblem {
            field: unlink_field(repository),
            label: format!("Unlink {name}"),
            given: Some(form.confirm.clone()).filter(|given| !given.is_empty()),
            why: format!("nothing was unlinked: {name} is expected, as it is shown"),
        }]))
    };
    let given = BTreeMap::from([(unlink_field(repository), form.confirm)]);
    or_again(&cx, &actor, &tenant, given, done, "unlinked").await
}

/// The field in which the name of a repository is typed, among those of the other repositories.
fn unlink_field(repository: i64) -> String {
    format!("unlink-{repository}")
}

pub(crate) async fn entitle(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = admins(&cx, &actor, &slug).await?;
    let (once, given) = Once::take(pairs)?;
    let text = |field: &str| given.get(field).map(|text| text.trim().to_owned()).unwrap_or_default();
    let done = match number("github_user_id", "Account number", &text("github_user_id")) {
        Ok(github_user_id) => {
            let said = Entitle {
                github_user_id,
                login: text("login"),
                email: text("person"),
                may_request: given.contains_key("may_request"),
                may_restore: given.contains_key("may_restore"),
                revision: Some(text("revision").parse().unwrap_or_default()),
            };
            let done = github::entitle(&cx, &actor, tenant.id, &said, Some(&once.key(&given))).await;
            if matches!(done, Err(AppError::Superseded(_))) {
                return overtaken(&cx, &actor, &tenant, given, &said).await;
            }
            done
        }
        Err(problem) => Err(AppError::Invalid(vec![problem])),
    };
    or_again(&cx, &actor, &tenant, given, done, "saved").await
}

/// What somebody else said first, beside what was typed, of the same reading as what the forms replace.
async fn overtaken(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    given: BTreeMap<String, String>,
    said: &Entitle,
) -> Result<Response, PageError> {
    let mut page = page(cx, actor, tenant, given, Vec::new()).await?;
    let stands = page.people.iter().find(|one| page.is_about(one));
    page.problems = stands.map(|one| one.differences(said)).unwrap_or_default();
    page.overtaken = true;
    Ok((StatusCode::PRECONDITION_FAILED, Page(page)).into_response())
}

async fn or_again(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    given: BTreeMap<String, String>,
    done: Result<(), AppError>,
    word: &str,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => {
            let address = Links::of(tenant).page("repositories");
            Ok(Redirect::to(&format!("{address}?done={word}")).into_response())
        }
        Err(AppError::Invalid(problems)) => {
            let page = page(cx, actor, tenant, given, problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn number(field: &str, label: &str, text: &str) -> Result<i64, FormProblem> {
    text.parse().map_err(|_| FormProblem {
        field: field.to_owned(),
        label: label.to_owned(),
        given: Some(text.to_owned()).filter(|text| !text.is_empty()),
        why: "A number is expected: GitHub's API shows it as id.".to_owned(),
    })
}

/// The customer, for those who may administer it.
async fn admins(cx: &Cx, actor: &Actor, slug: &str) -> Result<Tenant, PageError> {
    let tenant = actor.tenant(cx, slug).await?;
    authz::check(actor, Action::Administer, tenant.id)?;
    Ok(tenant)
}
