//! Data Lifecycle Manager: policies that make snapshots of volumes in ministack's EC2, on the virtual clock.
//!
//! | Real | Here |
//! |---|---|
//! | Snapshots start within an hour of their time | at their time |
//! | Policies for images, and those that wait for events | refused |
//! | Fast restore, sharing, archiving, scripts | kept, not done |
//! | A snapshot's `StartTime` is when it was made | ministack's: wall time |

mod calls;
mod details;
mod run;
mod snapshot;
mod tags;

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex as AsyncMutex;

use self::details::Policy;
use super::answer::Answer;
use super::events::{self, Event};
use super::ministack::Ministack;
use super::queue::{Place, Queue};
use super::request::Call;
use super::rest::{Ask, Exception, Route};
use crate::faults::Faults;

pub(crate) const ROUTES: &[Route] = &[
    Route::new("CreateLifecyclePolicy", "POST", "/policies"),
    Route::new("GetLifecyclePolicies", "GET", "/policies"),
    Route::new("GetLifecyclePolicy", "GET", "/policies/{policyId}"),
    Route::new("UpdateLifecyclePolicy", "PATCH", "/policies/{policyId}"),
    Route::new("DeleteLifecyclePolicy", "DELETE", "/policies/{policyId}"),
    Route::new("ListTagsForResource", "GET", "/tags/{resourceArn}"),
    Route::new("TagResource", "POST", "/tags/{resourceArn}"),
    Route::new("UntagResource", "DELETE", "/tags/{resourceArn}"),
];

/// What happens at a moment, by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Task {
    /// A schedule of a policy runs, unless the policy was changed since.
    Run {
        policy: String,
        schedule: usize,
        version: u64,
    },
    /// A snapshot's time is over, in a region that may be another one than the policy's.
    Expire { region: String, snapshot: String },
}

/// Of every account and region.
#[derive(Debug, Default)]
pub(crate) struct State {
    regions: HashMap<Place, BTreeMap<String, Policy>>,
    due: Queue<Task>,
    events: Vec<(Place, Event)>,
}

impl State {
    /// Policies by id.
    fn read(&self, place: &Place) -> &BTreeMap<String, Policy> {
        static NONE: LazyLock<BTreeMap<String, Policy>> = LazyLock::new(BTreeMap::new);
        self.regions.get(place).unwrap_or(&NONE)
    }

    fn policies(&mut self, place: &Place) -> &mut BTreeMap<String, Policy> {
        self.regions.entry(place.clone()).or_default()
    }
}

/// One call, and what its handler works with.
pub(crate) struct Desk<'a> {
    ask: Ask<'a>,
    state: &'a mut State,
    place: Place,
    now: Timestamp,
}

#[derive(Default)]
pub(crate) struct Dlm {
    state: Mutex<State>,
    /// Held while due tasks are done, so that they are done in order.
    turn: AsyncMutex<()>,
}

impl Dlm {
    pub(crate) fn perform(&self, call: &Call, place: Place, now: Timestamp) -> Answer {
        let mut state = self.lock();
        let known = state.regions.contains_key(&place);
        let mut desk = Desk {
            ask: Ask::new(call),
            state: &mut state,
            place: place.clone(),
            now,
        };
        let done = dispatch(&mut desk);
        // A refused call changes nothing, and leaves nothing behind.
        if done.is_err() && !known {
            state.regions.remove(&place);
        }
        match done {
            Ok(body) => Answer::json(200, &body),
            Err(exception) => exception.into_answer(),
        }
    }

    /// When the next task is due; at once where something waits to be told.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let state = self.lock();
        if state.events.is_empty() {
            state.due.next()
        } else {
            Some(Timestamp::MIN)
        }
    }

    /// Does what is due at `now`, and sends the events of it.
    pub(crate) async fn catch_up(&self, ministack: Option<&Ministack>, faults: &Faults, now: Timestamp) {
        let Some(ministack) = ministack else { return };
        let _turn = self.turn.lock().await;
        loop {
            let due = self.lock().due.take(now);
            let Some(due) = due else { break };
            match due.task {
                Task::Run {
                    policy,
                    schedule,
                    version,
                } => {
                    run::run(
                        self,
                        ministack,
                        faults,
                        &due.place,
                        (&policy, schedule, version),
                        due.at,
                    )
                    .await
                }
                Task::Expire { region, snapshot } => {
                    snapshot::delete(ministack, &due.place.account, &region, &snapshot).await;
                }
            }
        }
        let events = std::mem::take(&mut self.lock().events);
        for (place, event) in events {
            events::publish(ministack, &place.account, &place.region, &[event]).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn dispatch(desk: &mut Desk<'_>) -> Result<Value, Exception> {
    match desk.ask.operation() {
        "CreateLifecyclePolicy" => calls::create(desk),
        "GetLifecyclePolicies" => calls::list(desk),
        "GetLifecyclePolicy" => calls::get(desk),
        "UpdateLifecyclePolicy" => calls::update(desk),
        "DeleteLifecyclePolicy" => calls::delete(desk),
        "ListTagsForResource" => tags::list(desk),
        "TagResource" => tags::tag(desk),
        "UntagResource" => tags::untag(desk),
        other => Err(Exception::not_implemented("dlm", other)),
    }
}
