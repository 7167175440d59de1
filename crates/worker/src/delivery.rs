//! A stored delivery: whose it is, and what it is a hint of.

use app::Cx;
use app::inbox::Outcome;
use app::work::GithubWork;
use github::event::{Event, EventInstallation, EventRepository};
use jobs::Failure;

use crate::crash::crash_point;
use crate::outside::{app_failure, store_failure};

/// What a delivery tells to look at.
enum Hint {
    Issue {
        repository: i64,
        installation: i64,
        number: i64,
    },
    Nothing(&'static str),
    Unreadable(String),
}

/// Understands a delivery: an event is only a hint, so what follows is a job that reads the issue as it is now.
pub(crate) async fn process(cx: &Cx, id: &str) -> Result<(), Failure> {
    let mut tx = cx.db.begin_global().await.map_err(store_failure)?;
    let Some(delivery) = store::inbox::lock_new(&mut tx, id).await.map_err(store_failure)? else {
        return Ok(());
    };
    let (outcome, reason) = match hint(&delivery.event, &delivery.body) {
        Hint::Issue {
            repository,
            installation,
            number,
        } => {
            match store::github::tenant_of(&mut tx, repository, installation)
                .await
                .map_err(store_failure)?
            {
                Some(tenant) => {
                    let work = GithubWork::RefreshIssue {
                        tenant,
                        repository_id: repository,
                        issue: number,
                    };
                    jobs::enqueue(&mut tx, &work)
                        .await
                        .map_err(|error| app_failure(error.into()))?;
                    (Outcome::Done, None)
                }
                None => {
                    tracing::info!(
                        delivery = id,
                        repository,
                        installation,
                        "Ignored an issue of a repository that belongs to no customer"
                    );
                    (
                        Outcome::Ignored,
                        Some("the repository belongs to no customer".to_owned()),
                    )
                }
            }
        }
        Hint::Nothing(why) => (Outcome::Ignored, Some(why.to_owned())),
        Hint::Unreadable(why) => (Outcome::Quarantined, Some(why)),
    };
    app::inbox::settle(cx, &mut tx, id, outcome, reason.as_deref())
        .await
        .map_err(app_failure)?;
    crash_point!("delivery-before-commit");
    tx.commit().await.map_err(store_failure)?;
    crash_point!("delivery-after-commit");
    Ok(())
}

fn hint(event: &str, body: &[u8]) -> Hint {
    let of_issue = |repository: &EventRepository, installation: Option<&EventInstallation>, number: u64| {
        let Some(installation) = installation else {
            return Hint::Nothing("it comes from no App installation");
        };
        let numbers = (
            i64::try_from(repository.id),
            i64::try_from(installation.id),
            i64::try_from(number),
        );
        match numbers {
            (Ok(repository), Ok(installation), Ok(number)) => Hint::Issue {
                repository,
                installation,
                number,
            },
            _ => Hint::Unreadable("a number is out of range".to_owned()),
        }
    };
    match Event::parse(event, body) {
        Ok(Event::Issues(event)) if event.issue.is_pull_request => Hint::Nothing("it is about a pull request"),
        Ok(Event::Issues(event)) => of_issue(&event.repository, event.installation.as_ref(), event.issue.number),
        Ok(_) => Hint::Nothing("it is no event about issues"),
        Err(error) => Hint::Unreadable(crate::outside::chain(&error)),
    }
}
