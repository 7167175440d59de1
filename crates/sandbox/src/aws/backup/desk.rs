//! One call to AWS Backup, and what its handler works with.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::super::rest::{Ask, Exception};
use super::state::{Place, Region, State};
use crate::faults::Fault;

/// The body of the answer; `null` is an answer without one.
pub(crate) type Reply = Result<Value, Exception>;

pub(crate) struct Desk<'a> {
    pub(crate) ask: Ask<'a>,
    /// Of every account and region: a copy goes from one to another.
    pub(crate) state: &'a mut State,
    /// Of the caller.
    pub(crate) place: Place,
    pub(crate) now: Timestamp,
    /// What the job that this call starts is to fail with.
    pub(crate) failing: Option<Fault>,
}

impl Desk<'_> {
    pub(crate) fn region(&mut self) -> &mut Region {
        self.state.region(&self.place)
    }

    pub(crate) fn read(&self) -> &Region {
        self.state.read(&self.place)
    }
}

/// As AWS tells times in JSON: seconds since 1970, with milliseconds.
#[allow(clippy::cast_precision_loss, reason = "milliseconds of any date near ours are exact")]
pub(crate) fn time(at: Timestamp) -> Value {
    Value::from(at.as_millisecond() as f64 / 1000.0)
}

/// The start of a moment's day, in UTC.
pub(crate) fn midnight(at: Timestamp) -> Timestamp {
    let start = at.to_zoned(TimeZone::UTC).start_of_day();
    start.map_or(at, |start| start.timestamp())
}

/// Drops the members that are `null`: AWS leaves out what is absent.
pub(crate) fn present(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}
