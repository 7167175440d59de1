//! Change requests: asking, deciding, and (for the worker) planning and carrying out.

mod decide;
mod issue;
mod progress;
mod read;
mod submit;
mod words;

pub use decide::{approve, reject, withdraw};
pub use issue::{IssueAsRead, Taken, from_issue};
pub use progress::{Applied, ask_back, begin, expire_overdue, fail, fail_planning, finish, plan_again, show_plan};
pub(crate) use read::may_approve;
pub use read::{Filter, View, by_id, by_number, list, list_with_plans, waiting};
pub(crate) use submit::make;
pub use submit::{gone, resolve, submit, unknown_component};
