//! What an administrator may do: suspend, end, unlink, each confirmed by what is typed.

use app::Cx;
use domain::export::Remaining;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use jiff::civil::Date;

use crate::view::{Moment, words};

pub(super) struct AdminView {
    pub(super) slug: String,
    pub(super) revision: i64,
    pub(super) suspended: Option<(String, Moment, String)>,
    pub(super) waiting: String,
    pub(super) announced: Option<(String, String, String)>,
    pub(super) ended: Option<Moment>,
    pub(super) can_end: Result<(), String>,
    pub(super) reason: String,
    pub(super) last_day: String,
    pub(super) confirm: String,
    pub(super) problems: Vec<FormProblem>,
    pub(super) accounts: Vec<UnlinkView>,
}

/// An account that can be unlinked.
pub(super) struct UnlinkView {
    pub(super) account: String,
    pub(super) typed: String,
    pub(super) wrong: Option<String>,
}

impl AdminView {
    pub(super) fn wrong(&self, field: &str) -> Option<&str> {
        let problem = self.problems.iter().find(|problem| problem.field == field)?;
        Some(&problem.why)
    }

    /// The name that was typed to confirm, where it is wrong.
    pub(super) fn typed(&self, field: &str) -> &str {
        self.wrong(field).map_or("", |_| &self.confirm)
    }
}

/// What was typed before it was refused.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) reason: String,
    pub(super) last_day: String,
    /// To confirm it.
    pub(super) confirm: String,
    pub(super) problems: Vec<FormProblem>,
}

impl AdminView {
    pub(super) fn new(
        cx: &Cx,
        tenant: &Tenant,
        waiting: i64,
        handed_over: Option<jiff::Timestamp>,
        remaining: &Remaining,
        typed: Typed,
    ) -> Self {
        let standing = &tenant.lifecycle;
        let today = app::tenant::today(cx, tenant);
        let end = standing.clone().end("", today, handed_over, cx.now());
        let day = |date: Date| date.strftime("%-d %b %Y").to_string();
        Self {
            slug: tenant.slug.clone(),
            revision: standing.revision,
            suspended: standing
                .suspension
                .as_ref()
                .map(|one| (one.by.clone(), one.at.into(), one.reason.clone())),
            waiting: words::count(usize::try_from(waiting).unwrap_or_default(), "job waits", "jobs wait"),
            announced: standing
                .announced()
                .map(|one| (day(one.last_day), one.by.clone(), one.reason.clone())),
            ended: standing.ended_at().map(Moment),
            can_end: end.map(drop).map_err(|refused| refused.to_string()),
            accounts: remaining
                .accounts
                .iter()
                .filter(|account| account.unlinked_at.is_none())
                .map(|account| UnlinkView::new(&account.account, &typed))
                .collect(),
            confirm: typed.confirm,
            reason: typed.reason,
            last_day: typed.last_day,
            problems: typed.problems,
        }
    }
}

impl UnlinkView {
    fn new(account: &str, typed: &Typed) -> Self {
        let wrong = typed
            .problems
            .iter()
            .find(|problem| problem.field == unlink_field(account));
        Self {
            account: account.to_owned(),
            typed: wrong.map(|_| typed.confirm.clone()).unwrap_or_default(),
            wrong: wrong.map(|problem| problem.why.clone()),
        }
    }
}

/// The field in which the number of an account is typed, among those of the other accounts.
pub(super) fn unlink_field(account: &str) -> String {
    format!("unlink-{account}")
}
