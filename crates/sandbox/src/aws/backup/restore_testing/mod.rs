//! Restore testing: by a plan's schedule some recovery points are restored, may be validated, and what was restored is deleted again.
//!
//! | AWS | Here |
//! |---|---|
//! | Tests begin some time within the start window | at its start |
//! | `RANDOM_WITHIN_WINDOW` is random | the moment of the run decides, the same each time |
//! | Availability zones are chosen at random | the region's first |

mod infer;
mod pick;
mod plan;
mod run;
mod selection;
mod validation;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub(crate) use self::infer::inferred;
use self::pick::Pick;
pub(crate) use self::plan::{create, delete, get, list, update};
pub(crate) use self::run::fire;
use self::selection::Selection;
pub(crate) use self::selection::{create as create_selection, delete as delete_selection};
pub(crate) use self::selection::{get as get_selection, list as list_selections, update as update_selection};
pub(crate) use self::validation::{completed, end, put_result};
use super::super::rest::Exception;
use super::super::schedule::Schedule;
use super::state::Region;

#[derive(Debug)]
pub(crate) struct TestingPlan {
    name: String,
    pub(crate) arn: String,
    creator_request: Option<String>,
    created: Timestamp,
    updated: Option<Timestamp>,
    /// When it last ran.
    executed: Option<Timestamp>,
    timing: Timing,
    pick: Pick,
    /// The run that is planned.
    next: Option<Timestamp>,
    /// By name.
    selections: BTreeMap<String, Selection>,
}

/// When a plan runs.
#[derive(Debug, Clone)]
struct Timing {
    expression: String,
    zone: String,
    schedule: Schedule,
    /// Hours in which a test has to start.
    start_window: i64,
}

fn named<'a>(region: &'a Region, name: &str) -> Result<&'a TestingPlan, Exception> {
    region.restore_testing_plans.get(name).ok_or_else(|| no_plan(name))
}

fn named_mut<'a>(region: &'a mut Region, name: &str) -> Result<&'a mut TestingPlan, Exception> {
    region.restore_testing_plans.get_mut(name).ok_or_else(|| no_plan(name))
}

fn no_plan(name: &str) -> Exception {
    Exception::not_found(format!("Restore testing plan {name} does not exist"))
}

/// 1 to 50 letters, digits and underscores.
fn check_name(field: &str, name: &str) -> Result<(), Exception> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if (1..=50).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(Exception::invalid_parameter(format!(
        "Invalid {field}: {name}. It must consist of 1 to 50 letters, digits and underscores"
    )))
}

/// 1 to 50 letters, digits, hyphens, underscores and dots.
fn check_creator_request(id: Option<&str>) -> Result<(), Exception> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if id.is_none_or(|id| (1..=50).contains(&id.len()) && id.bytes().all(allowed)) {
        return Ok(());
    }
    Err(Exception::invalid_parameter("Invalid CreatorRequestId"))
}

fn between(field: &str, value: i64, range: std::ops::RangeInclusive<i64>) -> Result<i64, Exception> {
    if range.contains(&value) {
        return Ok(value);
    }
    let (least, most) = range.into_inner();
    Err(Exception::invalid_parameter(format!(
        "{field} must be between {least} and {most}"
    )))
}
