//! What the demo says when it is ready.

use std::path::Path;

use super::facts::Facts;

/// The address, who signs in how, and what to try.
pub fn words(facts: &Facts, dir: &Path) -> String {
    let width = facts.logins.keys().map(String::len).max().unwrap_or(0);
    let mail = facts.logins.values().map(|login| login.email.len()).max().unwrap_or(0);
    let logins = facts
        .logins
        .iter()
        .map(|(who, login)| format!("  {who:<width$}  {:<mail$}  {}\n", login.email, login.password));
    let logins: String = logins.collect();
    let first = &facts.customers[0];
    let (url, slug, sandbox) = (&facts.url, &first.slug, &facts.sandbox_url);
    format!(
        "\nHoldfast is ready at {url}\n\
         \n{logins}\
         \nTry this\n\
         \x20 - Sign in as approver@* and open {url}: every customer, worst first.\n\
         \x20 - Open {url}/customers/{slug}/changes/1: the change that has just been made, with its plan and receipts.\n\
         \x20 - Sign in as customer-requester@{slug} and ask for a change at {url}/customers/{slug}/changes/new.\n\
         \x20 - Move the clock and break AWS, GitHub or a cluster: curl {sandbox}/_sandbox tells how; README, \"Try this\", says what to look at.\n\
         \x20 - Ask Holdfast's API: {url}/api/docs; tokens, endpoints and the rest are in {}/demo.json.\n\
         \nCtrl-C ends it all.",
        dir.display()
    )
}
