//! Steps of the main job that many tests begin with.

use app::AppError;
use app::change_request::{Filter, View};
use app::restore::Asked;
use domain::id::{ComponentId, RestoreRequestId};
use domain::restore::{RestoreRequest, Urgency};
use domain::role::Role;
use reqwest::Method;
use serde_json::json;

use crate::github::answers;
use crate::{Customer, TestApp};

impl TestApp {
    /// The change request of an issue, as an approver sees it.
    ///
    /// # Panics
    /// When there is none.
    pub async fn request_of(&self, customer: &Customer, issue: u64) -> View {
        let actor = self.actor(Role::Approver, customer).await;
        let filter = Filter {
            github_issue: i64::try_from(issue).ok(),
            ..Filter::default()
        };
        let list = app::change_request::list(&self.cx, &actor, customer.tenant.id, &filter)
            .await
            .expect("a list");
        let id = list.items.first().expect("a request of the issue").id;
        app::change_request::by_id(&self.cx, &actor, id)
            .await
            .expect("the request")
    }

    /// Approves the plan that the view shows.
    ///
    /// # Errors
    /// As the use-case.
    ///
    /// # Panics
    /// When the view shows no plan.
    pub async fn approve(&self, customer: &Customer, role: Role, view: &View) -> Result<(), AppError> {
        let actor = self.actor(role, customer).await;
        let digest = view.plan.as_ref().expect("a plan").digest;
        app::change_request::approve(&self.cx, &actor, view.request.id, digest)
            .await
            .map(|_| ())
    }

    /// The whole way: `prod-pg` is backed up as the form's placeholders ask.
    ///
    /// # Panics
    /// When a step refuses, or the customer's own approval is needed too.
    pub async fn protect(&self, customer: &Customer) {
        let issue = self.file_and_plan(customer, &answers(&[])).await;
        let planned = self.request_of(customer, issue).await;
        self.approve(customer, Role::Approver, &planned)
            .await
            .expect("approved");
        self.run_jobs().await;
        let state = self.request_of(customer, issue).await.request.state;
        assert_eq!(state.name(), "applied", "{state:?}");
    }

    /// The customer's requester asks for a restore of `prod-pg` from its last available recovery point.
    ///
    /// # Panics
    /// When there is none.
    pub async fn ask_restore(&self, customer: &Customer) -> RestoreRequest {
        let requester = self.actor(Role::CustomerRequester, customer).await;
        let asked = Asked {
            component: customer.prod_pg.id,
            point: None,
            urgency: Urgency::Critical,
            reason: "a bad deploy".to_owned(),
        };
        app::restore::request(&self.cx, &requester, customer.tenant.id, &asked, None)
            .await
            .expect("a restore request")
    }

    /// The id of the customer's component of that name.
    ///
    /// # Panics
    /// When there is none.
    pub async fn component(&self, customer: &Customer, name: &str) -> ComponentId {
        let actor = self.actor(Role::Approver, customer).await;
        let all = app::status::whole(&self.cx, &actor, customer.tenant.id).await;
        let all = all
            .expect("the inventory")
            .into_iter()
            .map(|judged| judged.status.component);
        let mut named = all.filter(|component| component.name == name);
        named.next().expect("a component of that name").id
    }

    /// The state of a restore request.
    ///
    /// # Panics
    /// When there is none.
    pub async fn restore_state(&self, customer: &Customer, id: RestoreRequestId) -> &'static str {
        let actor = self.actor(Role::Approver, customer).await;
        app::restore::by_id(&self.cx, &actor, id)
            .await
            .expect("the request")
            .request
            .state
            .name()
    }

    /// How many restores were started in the customer's account, by the outside's own log.
    ///
    /// # Panics
    /// When the sandbox does not answer.
    pub async fn restores_at_aws(&self, customer: &Customer) -> usize {
        let snapshot = self.effects(customer, "RestoreDBInstanceFromDBSnapshot").await.len();
        snapshot + self.effects(customer, "RestoreDBInstanceToPointInTime").await.len()
    }

    /// Edits an issue's body as its author.
    ///
    /// # Panics
    /// When GitHub refuses.
    pub async fn edit_issue(&self, customer: &Customer, issue: u64, body: &str) {
        let path = format!("/repos/{}/issues/{issue}", customer.repository);
        self.github(&customer.requester, Method::PATCH, &path, Some(json!({ "body": body })))
            .await;
    }
}
