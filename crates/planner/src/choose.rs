//! Which mechanism serves which terms (feature D35): native is the standard; what native cannot do is said.

use domain::component::{Component, ComponentKind};
use domain::schedule::Schedule;
use domain::sow::{Location, MechanismChoice, MechanismName, Scope, Terms};

/// Days that RDS keeps automated backups at most.
const RDS_MAX_RETENTION_DAYS: u16 = 35;

/// Chooses the mechanism for a component, with the reason in one sentence.
#[must_use]
pub fn choose(component: &Component, scope: &Scope) -> MechanismChoice {
    let Scope::In(terms) = scope else {
        return none("Not in scope: no mechanism is configured.".to_owned());
    };
    match (component.kind, &component.aws) {
        (ComponentKind::RdsInstance, Some(_)) => rds(terms),
        (ComponentKind::RdsInstance, None) => none(format!("{} has no linked AWS resource yet.", component.name)),
        (kind, _) => none(format!(
            "There is no mechanism for the kind \"{}\" yet: it is in scope, but unprotected.",
            kind.words()
        )),
    }
}

fn rds(terms: &Terms) -> MechanismChoice {
    if let Some(why) = terms.schedule.too_often_for_snapshots() {
        return none(why);
    }
    let beyond_native = if terms.location != Location::SameAccountAndRegion {
        Some("a copy outside the account or region needs AWS Backup".to_owned())
    } else if terms.retention.get() > RDS_MAX_RETENTION_DAYS {
        Some("RDS keeps automated backups for 35 days at most, longer needs AWS Backup".to_owned())
    } else {
        beyond_one_a_day(&terms.schedule)
    };
    match beyond_native {
        Some(why) => none(format!(
            "Native backups do not suffice: {why}, which Holdfast cannot configure yet."
        )),
        None => MechanismChoice {
            mechanism: MechanismName::NativeRds,
            reason: "Native, because the same account and region suffice.".to_owned(),
        },
    }
}

/// What a schedule wants that RDS, with its one snapshot a day at a time in UTC, cannot do.
fn beyond_one_a_day(schedule: &Schedule) -> Option<String> {
    let native = match schedule {
        Schedule::Continuous | Schedule::Hourly | Schedule::Daily | Schedule::Weekly => true,
        Schedule::Timed(_) => schedule.daily_in_utc().is_some(),
    };
    (!native).then(|| format!("RDS makes one snapshot a day, in a window in UTC; \"{schedule}\" needs AWS Backup"))
}

fn none(reason: String) -> MechanismChoice {
    MechanismChoice {
        mechanism: MechanismName::None,
        reason,
    }
}
