//! Holds: recovery points that somebody wants kept beyond their term (features E56, and legal holds by case).
//!
//! A hold is a record of what was asked. No mechanism can keep RDS's automated backups beyond their retention yet, so
//! none is ever called enforced.

mod form;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::contract::Side;
use crate::id::{ComponentId, HoldId, RecoveryPointId, TenantId, UserId};

pub use form::{HoldForm, RELEASE_REASON, release_reason};

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Every recovery point of the customer, those to come included. Only by a case.
    Everything,
    /// Every recovery point of a component, those to come included.
    Component(ComponentId),
    /// One recovery point of a component.
    Point(ComponentId, RecoveryPointId),
}

impl Target {
    /// Puts the parts together, as they are stored.
    #[must_use]
    pub fn of(component: Option<ComponentId>, point: Option<RecoveryPointId>) -> Self {
        match (component, point) {
            (None, _) => Self::Everything,
            (Some(component), None) => Self::Component(component),
            (Some(component), Some(point)) => Self::Point(component, point),
        }
    }

    /// The component, unless it is everything.
    #[must_use]
    pub const fn component(self) -> Option<ComponentId> {
        match self {
            Self::Everything => None,
            Self::Component(component) | Self::Point(component, _) => Some(component),
        }
    }

    /// The recovery point, if it is one.
    #[must_use]
    pub const fn point(self) -> Option<RecoveryPointId> {
        match self {
            Self::Everything | Self::Component(_) => None,
            Self::Point(_, point) => Some(point),
        }
    }
}

/// What a person said, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who.
    pub by: UserId,
    /// Their name.
    pub name: String,
    /// For which side of the contract.
    pub side: Side,
    /// When.
    pub at: Timestamp,
}

/// That a hold be released, as one side asked; the other has to confirm it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseAsked {
    /// Who asked.
    pub said: Said,
    /// Why.
    pub reason: String,
}

/// Recovery points that somebody wants kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Whose it is.
    pub tenant: TenantId,
    /// 1, 2, 3, … within the tenant.
    pub number: i32,
    /// What is held.
    pub target: Target,
    /// The case of a legal hold; several holds may share it.
    pub case: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day, to its end in UTC; `None`: until it is released.
    pub until: Option<Date>,
    /// Who asked for it.
    pub asked: Said,
    /// That it be released, if somebody asked.
    pub release: Option<ReleaseAsked>,
    /// Who of the other side confirmed the release.
    pub released: Option<Said>,
    /// Counts the changes, for guarded writes.
    pub revision: i64,
}

/// What a hold keeps of one component, as a plan weighs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The hold's number.
    pub number: i32,
    /// The provider's name of the recovery point; `None`: all of them.
    pub point: Option<String>,
}

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldState {
    /// Asked for, and still wanted.
    Standing,
    /// One side asked to release it; it stands until the other confirms.
    ReleaseAsked,
    /// Both sides released it.
    Released,
    /// Its last day is over.
    Over,
}

impl HoldState {
    /// The name used in the API and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::ReleaseAsked => "release-asked",
            Self::Released => "released",
            Self::Over => "over",
        }
    }
}

impl Hold {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> HoldState {
        if self.released.is_some() {
            HoldState::Released
        } else if self.until.is_some_and(|until| until < today(now)) {
            HoldState::Over
        } else if self.release.is_some() {
            HoldState::ReleaseAsked
        } else {
            HoldState::Standing
        }
    }

    /// One side asks to release it.
    ///
    /// # Errors
    /// [`Refused::NotStanding`].
    pub fn ask_release(self, said: Said, reason: String) -> Result<Self, Refused> {
        if self.state(said.at) != HoldState::Standing {
            return Err(Refused::NotStanding);
        }
        Ok(Self {
            release: Some(ReleaseAsked { said, reason }),
            ..self
        })
    }

    /// The other side confirms the release.
    ///
    /// # Errors
    /// [`Refused::NotAsked`] unless a release was asked for; [`Refused::SamePerson`] and [`Refused::SameSide`]: it takes
    /// two people, one of each side.
    pub fn release(self, said: Said) -> Result<Self, Refused> {
        let asked = self.asked_release(said.at)?;
        if asked.by == said.by {
            return Err(Refused::SamePerson);
        }
        if asked.side == said.side {
            return Err(Refused::SameSide);
        }
        Ok(Self {
            released: Some(said),
            ..self
        })
    }

    /// The release that was asked for is turned down, or taken back: the hold stands.
    ///
    /// # Errors
    /// [`Refused::NotAsked`] unless a release was asked for.
    pub fn keep(self, at: Timestamp) -> Result<Self, Refused> {
        self.asked_release(at)?;
        Ok(Self { release: None, ..self })
    }

    fn asked_release(&self, at: Timestamp) -> Result<&Said, Refused> {
        match &self.release {
            Some(release) if self.state(at) == HoldState::ReleaseAsked => Ok(&release.said),
            _ => Err(Refused::NotAsked),
        }
    }
}

/// Why a hold stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is released, over, or its release is asked for.
    #[error("the hold does not stand as it did: its release was asked for, or it has ended")]
    NotStanding,
    /// Nobody asked to release it, or it has ended.
    #[error("nobody asks to release this hold any more")]
    NotAsked,
    /// Nobody confirms what they asked for.
    #[error("you asked to release it: a person of the other side has to confirm")]
    SamePerson,
    /// Both sides have to agree.
    #[error("your side asked to release it: a person of the other side has to confirm")]
    SameSide,
}

/// The day in UTC.
#[must_use]
pub fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn said(by: u128, side: Side, day: &str) -> Said {
        Said {
            by: UserId(Uuid::from_u128(by)),
            name: "somebody".to_owned(),
            side,
            at: format!("{day}T12:00:00Z").parse().unwrap(),
        }
    }

    fn hold(until: Option<&str>) -> Hold {
        Hold {
            id: HoldId(Uuid::nil()),
            tenant: TenantId(Uuid::nil()),
            number: 1,
            target: Target::Everything,
            case: Some("2026/17".to_owned()),
            reason: "a dispute".to_owned(),
            until: until.map(|day| day.parse().unwrap()),
            asked: said(1, Side::Customer, "2026-03-01"),
            release: None,
            released: None,
            revision: 1,
        }
    }

    #[test]
    fn it_takes_one_person_of_each_side_to_release_a_hold() {
        let customer = |by| said(by, Side::Customer, "2026-03-02");
        let provider = |by| said(by, Side::Provider, "2026-03-02");
        assert_eq!(hold(None).release(provider(9)), Err(Refused::NotAsked));
        for (asks, other) in [(customer(1), provider(9)), (provider(9), customer(1))] {
            let asked = hold(None).ask_release(asks.clone(), "settled".to_owned()).unwrap();
            assert_eq!(asked.state(asks.at), HoldState::ReleaseAsked);
            assert_eq!(asked.clone().release(asks.clone()), Err(Refused::SamePerson));
            let colleague = Said {
                by: UserId(Uuid::from_u128(5)),
                ..asks.clone()
            };
            assert_eq!(asked.clone().release(colleague), Err(Refused::SameSide));
            let both_roles = Said {
                by: asks.by,
                ..other.clone()
            };
            assert_eq!(asked.clone().release(both_roles), Err(Refused::SamePerson));
            let released = asked.release(other).unwrap();
            assert_eq!(released.state(asks.at), HoldState::Released);
            assert_eq!(released.ask_release(asks, String::new()), Err(Refused::NotStanding));
        }
    }

    #[test]
    fn a_release_that_is_turned_down_leaves_the_hold_standing() {
        let asks = said(1, Side::Customer, "2026-03-02");
        let asked = hold(None).ask_release(asks.clone(), "settled".to_owned()).unwrap();
        let kept = asked.keep(asks.at).unwrap();
        assert_eq!(kept.state(asks.at), HoldState::Standing);
        assert_eq!(kept.keep(asks.at), Err(Refused::NotAsked));
    }

    #[test]
    fn a_hold_lasts_through_its_last_day() {
        let at = |text: &str| hold(Some("2026-03-05")).state(text.parse().unwrap());
        assert_eq!(at("2026-03-05T23:59:59Z"), HoldState::Standing);
        assert_eq!(at("2026-03-06T00:00:00Z"), HoldState::Over);
        let late = said(1, Side::Customer, "2026-03-06");
        let over = hold(Some("2026-03-05"));
        assert_eq!(over.ask_release(late, String::new()), Err(Refused::NotStanding));
    }
}
