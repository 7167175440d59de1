//! What remains in the customer's accounts and repositories, as it was last known.

use domain::export::Remaining;

use crate::view::{Moment, words};

pub(super) struct RemainingView {
    pub(super) components: Vec<(String, String, String)>,
    /// What restores made: name, place, what is known, ARN.
    pub(super) restored: Vec<(String, String, String, Option<String>)>,
    pub(super) tagged: Vec<(String, String)>,
    pub(super) accounts: Vec<RemainingAccount>,
    /// Name, installation, and since when it is unlinked.
    pub(super) repositories: Vec<(String, i64, Option<Moment>)>,
}

pub(super) struct RemainingAccount {
    pub(super) account: String,
    pub(super) external_id: String,
    pub(super) roles: Vec<String>,
    pub(super) unlinked: Option<Moment>,
}

impl RemainingView {
    pub(super) fn new(remaining: &Remaining) -> Self {
        let components = remaining.recovery_points.iter().map(|of| {
            let place = match (&of.account, &of.region) {
                (Some(account), Some(region)) => format!("account {account}, {region}"),
                _ => "outside AWS".to_owned(),
            };
            let day = |at: jiff::Timestamp| at.strftime("%-d %b %Y, %H:%M UTC").to_string();
            let copies = match (of.points.first(), of.points.last()) {
                (Some(newest), Some(oldest)) => format!(
                    "{}; the newest goes back to {}, the oldest to {}",
                    words::count(of.points.len(), "recovery point", "recovery points"),
                    day(newest.at),
                    day(oldest.earliest.unwrap_or(oldest.at))
                ),
                _ => "no recovery point was seen".to_owned(),
            };
            let goes_on = match of.retention_days {
                Some(days) if days > 0 => format!("; AWS goes on making backups and keeps each {days} days"),
                _ => String::new(),
            };
            (
                format!("{} ({})", of.component, of.environment),
                place,
                format!("{copies}{goes_on}"),
            )
        });
        let tagged = remaining.tagged.iter().map(|tagged| {
            let tags: Vec<_> = tagged
                .tags
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            (tagged.arn.clone(), tags.join(" "))
        });
        let restored = remaining.restored.iter().map(|made| {
            let place = format!("account {}, {}", made.account, made.region);
            (made.name.clone(), place, made.known(), made.arn.clone())
        });
        let accounts = remaining.accounts.iter();
        Self {
            components: components.collect(),
            restored: restored.collect(),
            tagged: tagged.collect(),
            accounts: accounts
                .map(|one| RemainingAccount {
                    account: one.account.clone(),
                    external_id: one.external_id.clone(),
                    roles: one.roles.clone(),
                    unlinked: one.unlinked_at.map(Moment),
                })
                .collect(),
            repositories: remaining
                .repositories
                .iter()
                .map(|one| (one.full_name.clone(), one.installation_id, one.unlinked_at.map(Moment)))
                .collect(),
        }
    }

    pub(super) const fn is_nothing(&self) -> bool {
        self.components.is_empty()
            && self.restored.is_empty()
            && self.tagged.is_empty()
            && self.accounts.is_empty()
            && self.repositories.is_empty()
    }
}
