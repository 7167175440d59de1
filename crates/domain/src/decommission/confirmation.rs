//! Who confirms the end of a component: the customer, and the provider where something goes out of scope by it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Decommission, Open, Refused, State};
use crate::contract::{ApprovalRules, Side};
use crate::id::UserId;
use crate::restore::RecoveryPoint;
use crate::sow::Scope;

/// One side's confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// For which side.
    pub side: Side,
    /// Who.
    pub by: UserId,
    /// Name for people.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

impl Decommission {
    /// Who has confirmed so far, the first one first. Before the sides were told apart, the customer alone confirmed.
    #[must_use]
    pub fn confirmations(&self) -> Vec<Confirmation> {
        match &self.state {
            State::Asked { confirmations } => confirmations.clone(),
            State::Decommissioned {
                by,
                name,
                confirmations,
                ..
            } if confirmations.is_empty() => vec![Confirmation {
                side: Side::Customer,
                by: *by,
                name: name.clone(),
                at: self.updated_at,
            }],
            State::Decommissioned { confirmations, .. } => confirmations.clone(),
            State::Withdrawn { .. } => Vec::new(),
        }
    }

    /// The sides of `needed` that still have to confirm.
    #[must_use]
    pub fn outstanding(&self, needed: &[Side]) -> Vec<Side> {
        let State::Asked { confirmations } = &self.state else {
            return Vec::new();
        };
        let confirmed = |side: &Side| confirmations.iter().any(|one| one.side == *side);
        needed.iter().copied().filter(|side| !confirmed(side)).collect()
    }

    /// Whether a person may confirm it for a side, as far as the people go.
    ///
    /// # Errors
    /// [`Refused::NotAwaiting`], [`Refused::OwnRequest`], [`Refused::SamePerson`], [`Refused::SideNotNeeded`],
    /// [`Refused::SideConfirmed`].
    pub fn may_confirm(&self, by: UserId, side: Side, needed: &[Side]) -> Result<(), Refused> {
        let State::Asked { confirmations } = &self.state else {
            return Err(Refused::NotAwaiting { was: self.state.name() });
        };
        if self.requester.user.is_none_or(|asker| asker == by) {
            return Err(Refused::OwnRequest);
        }
        if confirmations.iter().any(|one| one.by == by) {
            return Err(Refused::SamePerson);
        }
        if !needed.contains(&side) {
            return Err(Refused::SideNotNeeded);
        }
        match confirmations.iter().find(|one| one.side == side) {
            Some(one) => Err(Refused::SideConfirmed {
                side,
                name: one.name.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Somebody who did not ask confirms it for their side, typing the component's name. `needed`: the sides that have to,
    /// as [`confirmed_by`] says; `points`: those observed.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn confirm(
        mut self,
        said: Confirmation,
        needed: &[Side],
        typed: (&str, &str),
        points: &[RecoveryPoint],
        open: Open,
    ) -> Result<Confirmed, Refused> {
        self.may_confirm(said.by, said.side, needed)?;
        if typed.0.trim() != typed.1 {
            return Err(Refused::OtherName);
        }
        if !open.is_empty() {
            return Err(Refused::Busy(open));
        }
        let last_point = self.last_point(points)?;
        let mut confirmations = self.confirmations();
        confirmations.push(said.clone());
        self.updated_at = said.at;
        self.state = State::Asked { confirmations };
        if !self.outstanding(needed).is_empty() {
            return Ok(Confirmed::InPart(self));
        }
        Ok(Confirmed::ByAll(Ending {
            of: self,
            last: said,
            last_point,
        }))
    }
}

/// The sides that have to confirm the end of a component: the customer always, and who the contract names where that takes
/// it out of scope. `in_force`: what holds for it now.
#[must_use]
pub fn confirmed_by(rules: &ApprovalRules, in_force: Option<&Scope>) -> Vec<Side> {
    let after = Scope::Out;
    let weakens = in_force.is_some_and(|before| !before.gives_up(&after).is_empty());
    let named = rules.for_change(Some(&after), weakens).sides(weakens);
    let others = named.iter().copied().filter(|side| weakens && *side != Side::Customer);
    [Side::Customer].into_iter().chain(others).collect()
}

/// What a confirmation made of an end.
#[derive(Debug, Clone)]
pub enum Confirmed {
    /// Another side still has to.
    InPart(Decommission),
    /// Nobody else has to.
    ByAll(Ending),
}

/// An end that all have confirmed, whose line still has to leave the scope of work.
#[derive(Debug, Clone)]
pub struct Ending {
    of: Decommission,
    last: Confirmation,
    last_point: Option<RecoveryPoint>,
}

impl Ending {
    /// Names of those who confirmed, the first one first.
    #[must_use]
    pub fn confirmed_by(&self) -> Vec<String> {
        let confirmations = self.of.confirmations().into_iter();
        confirmations.map(|one| one.name).collect()
    }

    /// Who asked for it.
    #[must_use]
    pub fn requester(&self) -> &str {
        &self.of.requester.name
    }

    /// The last day on which its recovery points are to be kept, if they are.
    #[must_use]
    pub const fn keep_until(&self) -> Option<Date> {
        self.of.fate.keep_until()
    }

    /// The component is no more. `sow_version`: the version that its line left by; `None`: it had no line. `hold`: the
    /// number of the hold on its recovery points, if they are to be kept.
    #[must_use]
    pub fn done(self, sow_version: Option<i32>, hold: Option<i32>) -> Decommission {
        Decommission {
            state: State::Decommissioned {
                confirmations: self.of.confirmations(),
                by: self.last.by,
                name: self.last.name,
                last_point: self.last_point,
                sow_version,
                hold,
            },
            ..self.of
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change_request::Requester;
    use crate::contract::ApprovalRule;
    use crate::decommission::{Fate, FinalBackup};
    use crate::id::{ComponentId, DecommissionId, TenantId};

    #[test]
    fn an_end_stored_before_the_sides_were_told_apart_was_confirmed_by_the_customer() {
        let body = r#"{"state": "decommissioned", "by": "00000000-0000-7000-8000-000000000001", "name": "Ana",
            "last_point": null, "sow_version": 2}"#;
        let end = |body: &str| Decommission {
            id: DecommissionId::at(Timestamp::UNIX_EPOCH),
            tenant: TenantId::at(Timestamp::UNIX_EPOCH),
            component: ComponentId::at(Timestamp::UNIX_EPOCH),
            reason: "It moved.".to_owned(),
            requester: Requester {
                user: None,
                name: "bo".to_owned(),
            },
            final_backup: FinalBackup::None,
            fate: Fate::Expire,
            state: serde_json::from_str(body).unwrap(),
            asked_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        let confirmations = end(body).confirmations();
        let said: Vec<_> = confirmations
            .iter()
            .map(|one| (one.side, one.name.as_str(), one.at))
            .collect();
        assert_eq!(said, [(Side::Customer, "Ana", Timestamp::UNIX_EPOCH)]);
        let asked = end(r#"{"state": "asked"}"#);
        assert_eq!((asked.is_asked(), asked.confirmations()), (true, Vec::new()));
    }

    #[test]
    fn nothing_goes_out_of_scope_without_the_provider() {
        let both = [Side::Customer, Side::Provider];
        let terms = crate::sow::platform_terms(&Default::default());
        for rule in [ApprovalRule::Provider, ApprovalRule::Customer, ApprovalRule::Both] {
            let rules = ApprovalRules::all(rule);
            assert_eq!(confirmed_by(&rules, Some(&Scope::In(terms.clone()))), both, "{rule:?}");
            assert_eq!(confirmed_by(&rules, Some(&Scope::Out)), [Side::Customer], "{rule:?}");
            assert_eq!(confirmed_by(&rules, None), [Side::Customer], "{rule:?}");
        }
    }
}
