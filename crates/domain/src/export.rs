//! The hand-over: everything that Holdfast knows of a customer in one archive, and what remains at the outside (feature A10).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{ExportId, TenantId};

/// How long an archive is kept, and an offboarded customer's people may still read.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A hand-over that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// Whose.
    pub tenant: TenantId,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// How far it is.
    pub state: State,
    /// Files that are done, written or read back as the state says.
    pub files_done: i32,
    /// Of how many; `None`: not known yet.
    pub files_total: Option<i32>,
    /// The moment of which it tells; `None`: not begun.
    pub snapshot_at: Option<Timestamp>,
    /// Rows of all tables; `None` until it is verified.
    pub rows: Option<i64>,
    /// Bytes of the archive; `None` until it is verified.
    pub size_bytes: Option<i64>,
    /// Of the archive; `None` until it is verified.
    pub sha256: Option<String>,
    /// Why it failed.
    pub problem: Option<String>,
    /// When it was verified or failed.
    pub ended_at: Option<Timestamp>,
}

/// How far a hand-over is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Waits for a worker.
    Queued,
    /// Its files are being written.
    Writing,
    /// It is opened again and compared with the records.
    Verifying,
    /// It was read back and is the same as the records.
    Verified,
    /// It could not be made, or what was read back was not the same.
    Failed,
    /// It was kept for its time; its content is gone.
    Expired,
}

impl State {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Writing => "writing",
            Self::Verifying => "verifying",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// Whether a worker is at it or will be.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Queued | Self::Writing | Self::Verifying)
    }
}

/// A table of the records, as the database describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub about: Option<String>,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// The columns by which a row is known; empty for none.
    pub key: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL names it.
    pub kind: String,
    /// Whether a row may lack it.
    pub nullable: bool,
    /// What it means, where its name does not say it.
    pub about: Option<String>,
}

/// What stands in the archive as `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of this description; 1.
    pub format: u32,
    /// The customer's name.
    pub customer: String,
    /// The customer's id.
    pub tenant_id: TenantId,
    /// The moment of which everything tells.
    pub taken_at: Timestamp,
    /// Every other file, by name.
    pub files: BTreeMap<String, File>,
    /// What is not in it: `table` or `table.column`, and why.
    pub left_out: BTreeMap<String, String>,
}

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What it holds.
    pub about: String,
    /// Rows; `None` for prose.
    pub rows: Option<u64>,
    /// Of its uncompressed bytes.
    pub sha256: Digest,
    /// Its columns, for a table of the records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
}

/// Why a whole table is not handed over; `None`: it is.
#[must_use]
pub fn table_left_out(table: &str) -> Option<&'static str> {
    (table == "export_piece").then_some("The content of earlier exports; the table export lists them.")
}

/// Why a column is not handed over; `None`: it is. A column that holds a secret is known by its name.
#[must_use]
pub fn column_left_out(column: &str) -> Option<&'static str> {
    const SECRET: [&str; 5] = ["password", "token", "secret", "session", "private_key"];
    let secret = SECRET.iter().any(|word| column.contains(word));
    secret.then_some("A secret: it is not handed over.")
}

/// What stays in the customer's accounts when Holdfast has gone. Holdfast deletes none of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Remaining {
    /// Copies, by component.
    pub recovery_points: Vec<RemainingPoints>,
    /// What restores made, beside the components: Holdfast does not read it, so it is told as it was last known.
    pub restored: Vec<Restored>,
    /// Resources that carry tags of ours, as they were last observed.
    pub tagged: Vec<Tagged>,
    /// Accounts with roles that can be deleted.
    pub accounts: Vec<RemainingAccount>,
    /// Repositories in which the GitHub App is installed.
    pub repositories: Vec<RemainingRepository>,
}

/// The copies of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemainingPoints {
    /// Its name.
    pub component: String,
    /// Its environment.
    pub environment: String,
    /// The account that has them; `None`: not in AWS.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The component's ARN.
    pub arn: Option<String>,
    /// Days for which the provider goes on keeping automated backups by itself, as last observed; `None`: unknown.
    pub retention_days: Option<i32>,
    /// When it was last observed; `None`: never.
    pub observed_at: Option<Timestamp>,
    /// The newest first.
    pub points: Vec<RemainingPoint>,
}

/// A copy that was there at the last reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemainingPoint {
    /// The provider's name for it.
    pub provider_id: String,
    /// `snapshot` or `continuous`.
    pub granularity: String,
    /// The moment to which it goes back.
    pub at: Timestamp,
    /// The earliest moment, for a continuous one.
    pub earliest: Option<Timestamp>,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// A resource that a restore made, or may have made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// Its identifier.
    pub name: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Its ARN; `None`: the provider's answer was never seen, so that it may be there or not.
    pub arn: Option<String>,
    /// When the provider confirmed that it makes it; `None` likewise.
    pub made_at: Option<Timestamp>,
    /// The number of the restore.
    pub restore: i32,
    /// The component that was restored.
    pub component: String,
    /// Its environment.
    pub environment: String,
}

impl Restored {
    /// What is known of it, in words.
    #[must_use]
    pub fn known(&self) -> String {
        let of = format!("restore {} of {} ({})", self.restore, self.component, self.environment);
        match self.made_at {
            Some(at) => format!("made by {of} on {}", at.strftime("%-d %b %Y, %H:%M UTC")),
            None => format!("asked for by {of}; no answer was seen, so look whether it is there"),
        }
    }
}

/// A resource that carries tags of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tagged {
    /// Its ARN.
    pub arn: String,
    /// Our tags (`holdfast:…`) and their values.
    pub tags: BTreeMap<String, String>,
}

/// An account with roles that Holdfast assumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemainingAccount {
    /// Its number.
    pub account: String,
    /// The region of its components.
    pub region: String,
    /// What the roles ask for before they let anybody in.
    pub external_id: String,
    /// ARNs of the roles.
    pub roles: Vec<String>,
    /// When Holdfast gave up the link: the roles are there all the same. `None`: it is linked.
    pub unlinked_at: Option<Timestamp>,
}

/// A repository in which the GitHub App is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemainingRepository {
    /// `owner/name` as last seen.
    pub full_name: String,
    /// GitHub's number of it.
    pub repository_id: i64,
    /// The installation of the App.
    pub installation_id: i64,
    /// When Holdfast gave up the link: the App is there all the same. `None`: it is linked.
    pub unlinked_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_stays_and_all_else_goes() {
        for column in [
            "password_hash",
            "token_hash",
            "webhook_secret",
            "session_id",
            "private_key_pem",
        ] {
            assert!(column_left_out(column).is_some(), "{column}");
        }
        for column in [
            "external_id",
            "provider_id",
            "digest",
            "key",
            "approved_by",
            "lifecycle",
        ] {
            assert!(column_left_out(column).is_none(), "{column}");
        }
        assert!(table_left_out("export_piece").is_some() && table_left_out("export").is_none());
    }
}
