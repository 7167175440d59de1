//! A hold as JSON.

use app::hold::OfTarget;
use domain::recovery_point::Expiry;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::restore::RecoveryPoint;

/// Recovery points that somebody wants kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hold {
    id: Uuid,
    /// 1, 2, 3, … within the customer.
    number: i32,
    /// `standing`, `release-asked`, `released` or `over`.
    state: &'static str,
    /// Always `false`: no mechanism enforces a hold yet.
    enforced: bool,
    /// `null`: everything of the customer, by a case.
    component_id: Option<Uuid>,
    component: Option<String>,
    /// `null`: every recovery point of the component, those to come included.
    recovery_point: Option<RecoveryPoint>,
    /// When the recovery point goes all the same; `null` where there is no one moment, or nobody knows.
    expires_at: Option<Timestamp>,
    /// The case of a legal hold.
    case: Option<String>,
    /// The last day (UTC); `null`: until both sides release it.
    until: Option<String>,
    reason: String,
    asked: Said,
    /// That it be released, as one side asked.
    release: Option<Release>,
    /// The other side's word.
    released: Option<Said>,
    /// Counts the changes; also the `ETag`.
    revision: i64,
}

/// What a person said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Said {
    by: String,
    /// `customer` or `provider`.
    side: &'static str,
    at: Timestamp,
}

/// A release that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Release {
    asked: Said,
    reason: String,
}

/// A new hold. With neither id, everything of the customer is held, which takes a case.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "case": "Dispute 2026/17", "until": "2099-12-31", "reason": "A court asked for it." }))]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHold {
    /// Every recovery point of this component, those to come included.
    #[serde(default)]
    pub(crate) component_id: Option<Uuid>,
    /// Just this recovery point.
    #[serde(default)]
    pub(crate) recovery_point_id: Option<Uuid>,
    /// The case of a legal hold.
    #[serde(default)]
    pub(crate) case: Option<String>,
    /// The last day (UTC), such as `2027-03-31`; absent: until both sides release it.
    #[serde(default)]
    pub(crate) until: Option<String>,
    /// Why.
    pub(crate) reason: String,
}

/// That a hold be released.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "reason": "It is settled." }))]
#[serde(deny_unknown_fields)]
pub(crate) struct AskRelease {
    /// Why the recovery points need no longer be kept.
    pub(crate) reason: String,
}

impl Hold {
    pub(crate) fn new(held: &OfTarget, now: Timestamp) -> Self {
        let hold = &held.hold;
        let component_id = hold.target.component();
        let name = held.component.as_ref().map(|(name, _)| name.clone());
        let expiry = held.point.as_ref().filter(|held| !held.gone);
        let expiry = expiry.map(|held| Expiry::of(&held.point, held.automated_days));
        Self {
            id: hold.id.0,
            number: hold.number,
            state: hold.state(now).as_str(),
            enforced: false,
            component_id: component_id.map(|id| id.0),
            recovery_point: held
                .point
                .as_ref()
                .zip(component_id)
                .map(|(held, id)| RecoveryPoint::new(id, name.clone().unwrap_or_default(), &held.point)),
            component: name,
            expires_at: match expiry {
                Some(Expiry::At(at)) => Some(at),
                _ => None,
            },
            case: hold.case.clone(),
            until: hold.until.map(|day| day.to_string()),
            reason: hold.reason.clone(),
            asked: (&hold.asked).into(),
            release: hold.release.as_ref().map(|release| Release {
                asked: (&release.said).into(),
                reason: release.reason.clone(),
            }),
            released: hold.released.as_ref().map(Said::from),
            revision: hold.revision,
        }
    }
}

impl From<&domain::hold::Said> for Said {
    fn from(said: &domain::hold::Said) -> Self {
        Self {
            by: said.name.clone(),
            side: said.side.as_str(),
            at: said.at,
        }
    }
}
