//! A customer's way from the contract to its end, and what stops meanwhile (feature A10, security 12).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How a customer stands with the provider.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifecycle {
    /// Nothing is done at the outside meanwhile; `None`: work goes on.
    pub suspension: Option<Suspension>,
    /// How far the contract has come.
    pub stage: Stage,
    /// When work last went on after a suspension; `None`: it was never suspended.
    pub resumed_at: Option<Timestamp>,
    /// The suspensions that are over, the earliest first: no deadline ran meanwhile.
    pub pauses: Vec<Pause>,
    /// Counts the changes; 0 before the first.
    pub revision: i64,
}

/// Queued work stops before its next outside call, and waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when.
    pub at: Timestamp,
    /// Who suspended.
    pub by: String,
    /// Why, for the customer to read.
    pub reason: String,
}

/// A suspension that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When it began.
    pub from: Timestamp,
    /// When work went on.
    pub until: Timestamp,
}

/// How far the contract has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum Stage {
    /// The contract runs.
    #[default]
    Active,
    /// It ends; everything goes on until it has ended, and the ending can be taken back.
    Offboarding(Offboarding),
    /// It has ended for good: no outside call, no new request.
    Offboarded {
        /// How it was announced.
        announced: Offboarding,
        /// When it ended.
        at: Timestamp,
        /// Who closed it.
        by: String,
    },
}

/// The announced end of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offboarding {
    /// When it was announced.
    pub at: Timestamp,
    /// Who announced it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The last day of the service, in the customer's time zone.
    pub last_day: Date,
}

/// The lifecycle does not allow it now.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// It is suspended already.
    #[error("the customer is suspended already, since {since}")]
    Suspended {
        /// Since when.
        since: Timestamp,
    },
    /// It is not suspended.
    #[error("the customer is not suspended")]
    NotSuspended,
    /// The end is announced already.
    #[error("the end of the contract is announced already; its last day is {last_day}")]
    Announced {
        /// The last day.
        last_day: Date,
    },
    /// No end is announced.
    #[error("no end of the contract is announced")]
    NotAnnounced,
    /// It ended.
    #[error("the customer was offboarded on {at}; this cannot be taken back")]
    Ended {
        /// When.
        at: Timestamp,
    },
    /// Its last day is still to come.
    #[error(
        "the last day of the service is {last_day}; it can be closed from that day on, or be given an earlier last day"
    )]
    TooEarly {
        /// The last day.
        last_day: Date,
    },
    /// Nothing verified could be handed over.
    #[error("there is no verified hand-over export since the end was announced; make one first")]
    NoHandOver,
}

impl Stage {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Offboarding(_) => "offboarding",
            Self::Offboarded { .. } => "offboarded",
        }
    }
}

impl Lifecycle {
    /// Whether queued work stops before its next outside call.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.suspension.is_some() || self.ended_at().is_some()
    }

    /// When the contract ended for good; `None`: it has not.
    #[must_use]
    pub const fn ended_at(&self) -> Option<Timestamp> {
        match &self.stage {
            Stage::Offboarded { at, .. } => Some(*at),
            Stage::Active | Stage::Offboarding(_) => None,
        }
    }

    /// Whether more than `time` has gone by from `since` to `now`. While the customer is suspended no deadline runs out, and
    /// what was left of it then is left when work goes on.
    #[must_use]
    pub fn has_passed(&self, since: Timestamp, time: SignedDuration, now: Timestamp) -> bool {
        if self.suspension.is_some() && self.ended_at().is_none() {
            return false;
        }
        let overlap = |pause: &Pause| pause.until.duration_since(pause.from.max(since));
        let paused: SignedDuration = self
            .pauses
            .iter()
            .map(overlap)
            .filter(SignedDuration::is_positive)
            .sum();
        now.duration_since(since) > time + paused
    }

    /// The announced end; `None`: none is.
    #[must_use]
    pub const fn announced(&self) -> Option<&Offboarding> {
        match &self.stage {
            Stage::Offboarding(announced) | Stage::Offboarded { announced, .. } => Some(announced),
            Stage::Active => None,
        }
    }

    /// Why nothing new can be asked for, in a sentence; `None`: it can.
    #[must_use]
    pub fn takes_no_requests(&self) -> Option<String> {
        if let Stage::Offboarded { at, .. } = &self.stage {
            return Some(format!(
                "the customer was offboarded on {}, so nothing can be asked for any more",
                at.strftime("%-d %b %Y")
            ));
        }
        let suspension = self.suspension.as_ref()?;
        Some(format!(
            "the customer is suspended since {}, so nothing new can be asked for. The reason: {}",
            suspension.at.strftime("%-d %b %Y, %H:%M UTC"),
            suspension.reason.trim_end_matches('.')
        ))
    }

    /// Stops queued work.
    ///
    /// # Errors
    /// [`Refused::Suspended`], [`Refused::Ended`].
    pub fn suspend(self, by: &str, reason: &str, at: Timestamp) -> Result<Self, Refused> {
        self.runs()?;
        if let Some(suspension) = &self.suspension {
            return Err(Refused::Suspended { since: suspension.at });
        }
        let suspension = Suspension {
            at,
            by: by.to_owned(),
            reason: reason.to_owned(),
        };
        Ok(Self {
            suspension: Some(suspension),
            ..self
        })
    }

    /// Lets work go on.
    ///
    /// # Errors
    /// [`Refused::NotSuspended`], [`Refused::Ended`].
    pub fn resume(self, at: Timestamp) -> Result<Self, Refused> {
        self.runs()?;
        let Some(suspension) = &self.suspension else {
            return Err(Refused::NotSuspended);
        };
        let pause = Pause {
            from: suspension.at,
            until: at,
        };
        Ok(Self {
            suspension: None,
            resumed_at: Some(at),
            pauses: self.pauses.iter().copied().chain([pause]).collect(),
            ..self
        })
    }

    /// Announces the end of the contract.
    ///
    /// # Errors
    /// [`Refused::Announced`], [`Refused::Ended`].
    pub fn announce(self, by: &str, reason: &str, last_day: Date, at: Timestamp) -> Result<Self, Refused> {
        self.runs()?;
        if let Some(announced) = self.announced() {
            return Err(Refused::Announced {
                last_day: announced.last_day,
            });
        }
        let announced = Offboarding {
            at,
            by: by.to_owned(),
            reason: reason.to_owned(),
            last_day,
        };
        Ok(Self {
            stage: Stage::Offboarding(announced),
            ..self
        })
    }

    /// Takes the announced end back.
    ///
    /// # Errors
    /// [`Refused::NotAnnounced`], [`Refused::Ended`].
    pub fn keep(self) -> Result<Self, Refused> {
        self.runs()?;
        if self.announced().is_none() {
            return Err(Refused::NotAnnounced);
        }
        Ok(Self {
            stage: Stage::Active,
            ..self
        })
    }

    /// Ends the contract for good. `today` is the day in the customer's time zone; `handed_over` says when the newest
    /// verified hand-over export was asked for.
    ///
    /// # Errors
    /// [`Refused::NotAnnounced`], [`Refused::TooEarly`], [`Refused::NoHandOver`], [`Refused::Ended`].
    pub fn end(self, by: &str, today: Date, handed_over: Option<Timestamp>, at: Timestamp) -> Result<Self, Refused> {
        self.runs()?;
        let Stage::Offboarding(announced) = self.stage else {
            return Err(Refused::NotAnnounced);
        };
        if today < announced.last_day {
            return Err(Refused::TooEarly {
                last_day: announced.last_day,
            });
        }
        if handed_over.is_none_or(|made| made < announced.at) {
            return Err(Refused::NoHandOver);
        }
        let stage = Stage::Offboarded {
            announced,
            at,
            by: by.to_owned(),
        };
        Ok(Self { stage, ..self })
    }

    const fn runs(&self) -> Result<(), Refused> {
        match self.ended_at() {
            Some(at) => Err(Refused::Ended { at }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn announced() -> Lifecycle {
        let begun = at("2026-03-01T09:00:00Z");
        Lifecycle::default()
            .announce("ada", "They move on.", day("2026-03-31"), begun)
            .unwrap()
    }

    #[test]
    fn a_suspension_stops_and_resuming_goes_on() {
        let suspended = Lifecycle::default()
            .suspend("ada", "Unpaid.", at("2026-03-01T09:00:00Z"))
            .unwrap();
        assert!(suspended.is_stopped());
        insta::assert_snapshot!(suspended.takes_no_requests().unwrap(), @"the customer is suspended since 1 Mar 2026, 09:00 UTC, so nothing new can be asked for. The reason: Unpaid");
        let again = suspended.clone().suspend("bob", "x", at("2026-03-02T09:00:00Z"));
        assert_eq!(
            again,
            Err(Refused::Suspended {
                since: at("2026-03-01T09:00:00Z")
            })
        );
        let resumed = suspended.resume(at("2026-03-03T09:00:00Z")).unwrap();
        assert!(!resumed.is_stopped() && resumed.takes_no_requests().is_none());
        assert_eq!(resumed.resume(at("2026-03-04T09:00:00Z")), Err(Refused::NotSuspended));
    }

    #[test]
    fn no_deadline_runs_while_the_customer_is_suspended() {
        let (day, asked) = (SignedDuration::from_hours(24), at("2026-03-01T00:00:00Z"));
        let suspended = Lifecycle::default().suspend("ada", "x", asked + day * 20).unwrap();
        assert!(!suspended.has_passed(asked, day * 30, asked + day * 400));
        let resumed = suspended.resume(asked + day * 60).unwrap();
        assert!(
            !resumed.has_passed(asked, day * 30, asked + day * 70),
            "ten days were left"
        );
        assert!(resumed.has_passed(asked, day * 30, asked + day * 71));
        let meanwhile = asked + day * 50;
        assert!(!resumed.has_passed(meanwhile, day * 30, asked + day * 90));
        assert!(resumed.has_passed(meanwhile, day * 30, asked + day * 91));
        let later = asked + day * 61;
        assert!(
            resumed.has_passed(later, day * 30, later + day * 31),
            "none of it was suspended"
        );
        assert!(Lifecycle::default().has_passed(asked, day * 30, asked + day * 31));
    }

    #[test]
    fn an_announced_end_changes_nothing_yet_and_can_be_taken_back() {
        let announced = announced();
        assert!(!announced.is_stopped() && announced.takes_no_requests().is_none());
        let twice = announced
            .clone()
            .announce("bob", "x", day("2026-04-30"), at("2026-03-02T09:00:00Z"));
        assert_eq!(
            twice,
            Err(Refused::Announced {
                last_day: day("2026-03-31")
            })
        );
        assert_eq!(announced.keep().unwrap(), Lifecycle::default());
        assert_eq!(Lifecycle::default().keep(), Err(Refused::NotAnnounced));
    }

    #[test]
    fn it_ends_on_its_last_day_and_never_without_a_hand_over() {
        let now = at("2026-03-31T12:00:00Z");
        let (early, last) = (day("2026-03-30"), day("2026-03-31"));
        let end = |today, handed_over| announced().end("ada", today, handed_over, now);
        assert_eq!(end(early, Some(now)), Err(Refused::TooEarly { last_day: last }));
        assert_eq!(end(last, None), Err(Refused::NoHandOver));
        let before = Some(at("2026-02-28T12:00:00Z"));
        assert_eq!(
            end(last, before),
            Err(Refused::NoHandOver),
            "an export of before is none of now"
        );
        let ended = end(last, Some(now)).unwrap();
        assert!(ended.is_stopped());
        assert!(ended.takes_no_requests().unwrap().contains("31 Mar 2026"));
        for refused in [
            ended.clone().keep(),
            ended.clone().suspend("ada", "x", now),
            ended.clone().resume(now),
            ended.clone().announce("ada", "x", last, now),
            ended.end("ada", last, Some(now), now),
        ] {
            assert_eq!(refused, Err(Refused::Ended { at: now }));
        }
    }

    #[test]
    fn what_an_older_version_stored_is_an_active_customer() {
        assert_eq!(serde_json::from_str::<Lifecycle>("{}").unwrap(), Lifecycle::default());
    }
}
