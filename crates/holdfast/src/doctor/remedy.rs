//! What to do about each failure. A remedy is the end of a sentence: "To mend it: …".

use domain::account::AwsAccount;
use github::GitHubError;
use mechanism::ObserveError;

use crate::compose::RunError;

/// For settings that were refused before anybody was called.
pub(super) fn settings(error: &RunError) -> &'static str {
    match error {
        RunError::AppKey { .. } => {
            "let HOLDFAST_GITHUB_PRIVATE_KEY_FILE name a file that Holdfast may read, with a private key of the App"
        }
        RunError::GitHub(error) => github(error),
        _ => "correct the setting that it names",
    }
}

/// For what GitHub answers to the App itself.
pub(super) fn github(error: &GitHubError) -> &'static str {
    match error {
        GitHubError::Settings(_) => {
            "let HOLDFAST_GITHUB_PRIVATE_KEY_FILE name a private key (PEM) that GitHub made for the App"
        }
        GitHubError::NotFound(_) => {
            "set HOLDFAST_GITHUB_APP_ID to the App ID that the App's settings at GitHub show, and check \
             HOLDFAST_GITHUB_API_URL where it is set"
        }
        GitHubError::Denied(_) => {
            "set HOLDFAST_GITHUB_APP_ID and HOLDFAST_GITHUB_PRIVATE_KEY_FILE to the id and a key of the same App, and \
             check this machine's clock"
        }
        GitHubError::RateLimited { .. } => "wait that long and run this again",
        GitHubError::Unavailable(_) => {
            "let this machine reach GitHub (HOLDFAST_GITHUB_API_URL where it is set), or run this again when GitHub is \
             well"
        }
        GitHubError::Refused { .. } | GitHubError::Garbage(_) => {
            "check HOLDFAST_GITHUB_API_URL and any proxy on the way: this is not how GitHub answers"
        }
    }
}

/// For a linked account that cannot be used.
pub(super) fn aws(error: &ObserveError, account: &AwsAccount) -> String {
    let (number, external_id) = (&account.account, &account.external_id);
    match error {
        ObserveError::Denied { .. } => format!(
            "have the customer install deploy/customer/aws in account {number}, with the ExternalId {external_id} and \
             the ARN of Holdfast's principal, and allow that principal sts:AssumeRole on arn:aws:iam::*:role/holdfast/*"
        ),
        ObserveError::Refused { .. } => format!(
            "have the customer install deploy/customer/aws unchanged in account {number}, with the ExternalId \
             {external_id}, and run Holdfast as a principal of another account, its own"
        ),
        ObserveError::Unavailable { .. } => {
            "check Holdfast's own AWS credentials by `aws sts get-caller-identity`, HOLDFAST_AWS_REGION and the network, \
             then run this again"
                .to_owned()
        }
    }
}
