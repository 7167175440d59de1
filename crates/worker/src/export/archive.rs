//! The archive while it is written: a file for each table, for each sheet, and what people read first.

use std::collections::BTreeMap;
use std::fs::File as Disk;
use std::io::{self, Write as _};

use domain::csv;
use domain::digest::{Digest, Hasher};
use domain::export::{File, Manifest, Remaining, Table, column_left_out, table_left_out};
use domain::tenant::Tenant;
use jiff::Timestamp;
use store::StoreError;
use store::export::Sheet;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::unlinked;

/// Files besides the tables and sheets: two lists of what remains, the README, the manifest.
pub(super) const PROSE: usize = 4;
/// The file that lists the others.
pub(super) const MANIFEST: &str = "manifest.json";

/// It could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    /// The records.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk.
    #[error(transparent)]
    Write(#[from] io::Error),
}

impl From<zip::result::ZipError> for ArchiveError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Write(error.into())
    }
}

/// An archive on disk, in a file without a name.
pub(super) struct Archive {
    zip: ZipWriter<Disk>,
    files: BTreeMap<String, File>,
}

/// A file of it that is being written.
pub(super) struct Entry<'a> {
    archive: &'a mut Archive,
    name: String,
    hasher: Hasher,
    rows: u64,
}

impl Archive {
    pub(super) fn new() -> Result<Self, ArchiveError> {
        Ok(Self {
            zip: ZipWriter::new(tempfile::tempfile()?),
            files: BTreeMap::new(),
        })
    }

    /// Begins a file of rows.
    pub(super) fn begin(&mut self, name: &str) -> Result<Entry<'_>, ArchiveError> {
        self.zip
            .start_file(name, SimpleFileOptions::default().large_file(true))?;
        Ok(Entry {
            archive: self,
            name: name.to_owned(),
            hasher: Hasher::default(),
            rows: 0,
        })
    }

    /// Adds a table for people.
    pub(super) fn sheet(&mut self, sheet: &Sheet) -> Result<(), ArchiveError> {
        let rows = sheet.rows.iter().map(|row| {
            let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or_default()).collect();
            csv::row(&cells)
        });
        let text = std::iter::once(csv::row(sheet.head)).chain(rows).collect::<String>();
        self.whole(sheet.name, sheet.about, u64::try_from(sheet.rows.len()).ok(), &text)
    }

    /// Adds what stays at the outside, for programs and for people.
    pub(super) fn remaining(&mut self, remaining: &Remaining) -> Result<(), ArchiveError> {
        let json = serde_json::to_string_pretty(remaining).map_err(io::Error::from)?;
        let about = "What stays in your accounts when Holdfast has gone; nothing there is deleted by Holdfast.";
        self.whole("what-remains.json", about, None, &json)?;
        let rows = remaining_rows(remaining);
        let text: String = rows.iter().map(|row| csv::row(row)).collect();
        let count = u64::try_from(rows.len() - 1).ok();
        self.whole("what-remains.csv", "The same, one line for each thing.", count, &text)
    }

    /// Adds what people read first.
    pub(super) fn readme(&mut self, text: &str) -> Result<(), ArchiveError> {
        self.whole("README.txt", "What this is, in plain words.", None, text)
    }

    /// Adds the manifest, and ends the archive.
    pub(super) fn finish(
        mut self,
        of: &Tenant,
        taken_at: Timestamp,
        tables: &[Table],
        left_out: &[Table],
    ) -> Result<(Disk, Manifest), ArchiveError> {
        let whole = left_out
            .iter()
            .filter_map(|table| Some((table.name.clone(), table_left_out(&table.name)?)));
        let columns = tables.iter().flat_map(|table| {
            let of = |name: &String| Some((format!("{}.{name}", table.name), column_left_out(name)?));
            table.columns.iter().filter_map(move |column| of(&column.name))
        });
        let others = [
            (
                "app_user.password_hash",
                "A secret: it is not handed over. people.csv has the people.",
            ),
            ("session", "Secrets of signed-in people: they are not handed over."),
            ("api_token", "Secrets of programs: they are not handed over."),
        ];
        let others = others.map(|(name, why)| (name.to_owned(), why));
        let left_out = whole
            .chain(columns)
            .chain(others)
            .map(|(name, why)| (name, why.to_owned()));
        let manifest = Manifest {
            format: 1,
            customer: of.name.clone(),
            tenant_id: of.id,
            taken_at,
            left_out: left_out.collect(),
            files: self.files,
        };
        let json = serde_json::to_string_pretty(&manifest).map_err(io::Error::from)?;
        self.zip.start_file(MANIFEST, SimpleFileOptions::default())?;
        self.zip.write_all(json.as_bytes())?;
        Ok((self.zip.finish()?, manifest))
    }

    fn whole(&mut self, name: &str, about: &str, rows: Option<u64>, text: &str) -> Result<(), ArchiveError> {
        self.zip
            .start_file(name, SimpleFileOptions::default().large_file(true))?;
        self.zip.write_all(text.as_bytes())?;
        let file = File {
            about: about.to_owned(),
            rows,
            sha256: Digest::of_bytes(text.as_bytes()),
            columns: Vec::new(),
        };
        self.files.insert(name.to_owned(), file);
        Ok(())
    }
}

impl Entry<'_> {
    /// Adds a row.
    pub(super) fn line(&mut self, row: &str) -> Result<(), ArchiveError> {
        for bytes in [row.as_bytes(), b"\n"] {
            self.archive.zip.write_all(bytes)?;
            self.hasher.update(bytes);
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends it, and lists it with what the table's columns mean.
    pub(super) fn end(self, table: &Table) {
        let kept = |column: &&domain::export::Column| column_left_out(&column.name).is_none();
        let about = table.about.clone();
        let file = File {
            about: about.unwrap_or_else(|| format!("The rows of {}.", table.name.replace('_', " "))),
            rows: Some(self.rows),
            sha256: self.hasher.finish(),
            columns: table.columns.iter().filter(kept).cloned().collect(),
        };
        self.archive.files.insert(self.name, file);
    }
}

/// What stays, one line for each thing, below a head.
fn remaining_rows(remaining: &Remaining) -> Vec<Vec<String>> {
    let head = ["what", "account", "region", "of", "name", "at", "earliest", "detail"];
    let mut rows = vec![head.map(str::to_owned).into()];
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    for of in &remaining.recovery_points {
        let place = [text(&of.account), text(&of.region), text(&of.arn)];
        for point in &of.points {
            let detail = if point.encrypted { "encrypted" } else { "not encrypted" };
            let mut row = vec![format!("recovery point ({})", point.granularity)];
            row.extend(place.clone());
            row.push(point.provider_id.clone());
            row.push(point.at.to_string());
            row.push(point.earliest.map(|at| at.to_string()).unwrap_or_default());
            row.push(detail.to_owned());
            rows.push(row);
        }
        if let Some(days) = of.retention_days.filter(|days| *days > 0) {
            let mut row = vec!["retention that goes on".to_owned()];
            row.extend(place);
            row.push(of.component.clone());
            row.push(of.observed_at.map(|at| at.to_string()).unwrap_or_default());
            row.push(String::new());
            row.push(format!("automated backups go on, each kept {days} days"));
            rows.push(row);
        }
    }
    for made in &remaining.restored {
        let arn = made.arn.as_deref().unwrap_or_default();
        let at = made.made_at.map(|at| at.to_string()).unwrap_or_default();
        let detail = format!("{}; as last known, nobody looks at it any more", made.known());
        let row = [
            "made by a restore",
            &made.account,
            &made.region,
            arn,
            &made.name,
            &at,
            "",
            &detail,
        ];
        rows.push(row.map(str::to_owned).into());
    }
    for tagged in &remaining.tagged {
        let tags: Vec<_> = tagged
            .tags
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let row = ["tags", "", "", "", &tagged.arn, "", "", &tags.join(" ")];
        rows.push(row.map(str::to_owned).into());
    }
    for account in &remaining.accounts {
        for role in &account.roles {
            let external = format!("external id {}{}", account.external_id, unlinked(account.unlinked_at));
            let row = [
                "role to delete",
                &account.account,
                &account.region,
                "",
                role,
                "",
                "",
                &external,
            ];
            rows.push(row.map(str::to_owned).into());
        }
    }
    for repository in &remaining.repositories {
        let unlinked = unlinked(repository.unlinked_at);
        let detail = format!("installation {}{unlinked}", repository.installation_id);
        let row = [
            "GitHub App to uninstall",
            "",
            "",
            "",
            &repository.full_name,
            "",
            "",
            &detail,
        ];
        rows.push(row.map(str::to_owned).into());
    }
    rows
}
