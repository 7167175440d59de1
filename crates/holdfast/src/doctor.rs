//! `holdfast doctor`: what is wrong with an installation, and how to mend it.

mod remedy;

use std::error::Error;
use std::fmt::Display;

use app::Cx;
use domain::account::AwsAccount;
use domain::tenant::TenantScope;
use store::StoreError;

use crate::compose;
use crate::config::Config;
use crate::telemetry::chain;

/// Something is wrong; it was printed.
#[derive(Debug, thiserror::Error)]
#[error("{0} of the checks failed")]
pub(crate) struct Unwell(usize);

/// Counts what fails while the checks are printed, a line each.
#[derive(Default)]
struct Report {
    failed: usize,
}

/// Prints a line per check, and for each that fails what to do.
///
/// # Errors
/// [`Unwell`] when one failed.
pub(crate) async fn run(config: &Config, cx: &Cx) -> Result<(), Unwell> {
    let mut report = Report::default();
    check_database(cx, &mut report).await;
    check_github(config, &mut report).await;
    check_accounts(config, cx, &mut report).await;
    match report.failed {
        0 => Ok(()),
        failed => Err(Unwell(failed)),
    }
}

impl Report {
    fn ok(&self, what: impl Display) {
        println!("ok      {what}");
    }

    fn failed(&mut self, what: impl Display, problem: &str, remedy: &str) {
        self.failed += 1;
        println!("FAILED  {what}: {problem}. To mend it: {remedy}.");
    }
}

async fn check_database(cx: &Cx, report: &mut Report) {
    match cx.is_ready().await {
        Ok(true) => report.ok("database"),
        Ok(false) => report.failed(
            "database",
            "its schema is older than this version",
            "run `holdfast migrate`",
        ),
        Err(error) => report.failed("database", &line(&error), "check HOLDFAST_DATABASE_URL"),
    }
}

async fn check_github(config: &Config, report: &mut Report) {
    let github = match compose::github(config) {
        Ok(github) => github,
        Err(error) => return report.failed("GitHub App", &line(&error), remedy::settings(&error)),
    };
    match github {
        None => report.ok("GitHub App (not set: no requests come from GitHub)"),
        Some(github) => match github.app_name().await {
            Ok(name) => report.ok(format_args!("GitHub App {name}")),
            Err(error) => report.failed("GitHub App", &line(&error), remedy::github(&error)),
        },
    }
}

async fn check_accounts(config: &Config, cx: &Cx, report: &mut Report) {
    let aws = compose::aws(config, cx).await;
    // That the database fails was said above.
    for account in accounts(cx).await.unwrap_or_default() {
        let what = format!("AWS account {} of customer {}", account.account, account.tenant);
        match aws.verify_link(&account).await {
            Ok(()) => report.ok(what),
            Err(error) => report.failed(what, &line(&error), &remedy::aws(&error, &account)),
        }
    }
}

/// The error with its causes, in one line that ends without a full stop.
fn line(error: &dyn Error) -> String {
    let words = chain(error);
    let words: Vec<_> = words.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// The accounts of the customers whose work goes on: for the others nobody is called.
async fn accounts(cx: &Cx) -> Result<Vec<AwsAccount>, StoreError> {
    let mut tx = cx.db.begin_global().await?;
    let all = TenantScope::of(store::tenant::all_ids(&mut tx).await?);
    drop(tx);
    let mut tx = cx.db.begin(&all).await?;
    let active = store::tenant::list(&mut tx, &all).await?;
    let active = active.into_iter().filter(|tenant| !tenant.lifecycle.is_stopped());
    let all = TenantScope::of(active.map(|tenant| tenant.id));
    Ok(store::account::list(&mut tx, &all)
        .await?
        .into_iter()
        .map(|linked| linked.account)
        .collect())
}

#[cfg(test)]
mod tests {
    use github::GitHubError;

    use super::line;

    #[test]
    fn a_problem_of_many_lines_is_said_in_one_that_a_remedy_can_follow() {
        let refused = GitHubError::Denied("A token could not be decoded\nDocumentation URL: https://x.test.".into());
        assert_eq!(
            line(&refused),
            "GitHub does not allow this to the App: A token could not be decoded Documentation URL: https://x.test"
        );
    }
}
