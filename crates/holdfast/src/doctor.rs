//! `holdfast doctor`: what is wrong with an installation, and how to mend it.

use std::fmt::Display;

use app::Cx;
use domain::tenant::TenantScope;
use store::StoreError;

use crate::compose;
use crate::config::Config;
use crate::telemetry::chain;

/// Something is wrong; it was printed.
#[derive(Debug, thiserror::Error)]
#[error("{0} of the checks failed")]
pub(crate) struct Unwell(usize);

/// Prints a line per check, and for each that fails what to do.
///
/// # Errors
/// [`Unwell`] when one failed.
pub(crate) async fn run(config: &Config, cx: &Cx) -> Result<(), Unwell> {
    let mut failed = 0;
    let mut report = |what: &dyn Display, problem: Option<String>| match problem {
        None => println!("ok      {what}"),
        Some(problem) => {
            failed += 1;
            println!("FAILED  {what}: {problem}");
        }
    };
    match cx.is_ready().await {
        Ok(true) => report(&"database", None),
        Ok(false) => report(
            &"database",
            Some("its schema is older than this version: run `holdfast migrate`".into()),
        ),
        Err(error) => report(
            &"database",
            Some(format!("{}: check HOLDFAST_DATABASE_URL", chain(&error))),
        ),
    }
    match compose::outside(config, cx).await {
        Err(error) => report(&"GitHub App", Some(chain(&error))),
        Ok(outside) => {
            let github = outside
                .github
                .as_ref()
                .map_or("GitHub App (not set: no requests come from GitHub)", |_| "GitHub App");
            report(&github, None);
            // That the database fails was said above.
            for account in accounts(cx).await.unwrap_or_default() {
                let problem = outside.aws.verify_link(&account).await.err().map(|error| chain(&error));
                report(
                    &format_args!("AWS account {} of customer {}", account.account, account.tenant),
                    problem,
                );
            }
        }
    }
    if failed == 0 { Ok(()) } else { Err(Unwell(failed)) }
}

async fn accounts(cx: &Cx) -> Result<Vec<domain::account::AwsAccount>, StoreError> {
    let mut tx = cx.db.begin_global().await?;
    let all = TenantScope::of(store::tenant::all_ids(&mut tx).await?);
    drop(tx);
    let mut tx = cx.db.begin(&all).await?;
    Ok(store::account::list(&mut tx, &all)
        .await?
        .into_iter()
        .map(|linked| linked.account)
        .collect())
}
