//! Reading what RDS lists, page by page.

use std::collections::HashSet;

use aws_sdk_rds::types::{DbInstance, DbInstanceAutomatedBackup, DbSnapshot};

use crate::error::Failure;
use crate::sessions::Session;

/// At 100 records a page that is more than any account may hold.
const PAGES_MAX: usize = 500;

/// Every instance of the account in the session's region.
pub(super) async fn instances(session: &Session) -> Result<Vec<DbInstance>, Failure> {
    let what = "listing the RDS instances";
    let mut pages = Pages::new(what);
    loop {
        let call = session.rds.describe_db_instances().set_marker(pages.marker.clone());
        let page = session.answer(what, call.send().await)?;
        if pages.add(page.db_instances, page.marker)? {
            return Ok(pages.records);
        }
    }
}

/// Every snapshot that the account owns in the session's region.
pub(super) async fn snapshots(session: &Session) -> Result<Vec<DbSnapshot>, Failure> {
    let what = "listing the RDS snapshots";
    let mut pages = Pages::new(what);
    loop {
        let call = session.rds.describe_db_snapshots().set_marker(pages.marker.clone());
        let page = session.answer(what, call.send().await)?;
        if pages.add(page.db_snapshots, page.marker)? {
            return Ok(pages.records);
        }
    }
}

/// The continuous backups of the account in the session's region.
pub(super) async fn automated_backups(session: &Session) -> Result<Vec<DbInstanceAutomatedBackup>, Failure> {
    let what = "listing the RDS automated backups";
    let mut pages = Pages::new(what);
    loop {
        let call = session
            .rds
            .describe_db_instance_automated_backups()
            .set_marker(pages.marker.clone());
        let page = session.answer(what, call.send().await)?;
        if pages.add(page.db_instance_automated_backups, page.marker)? {
            return Ok(pages.records);
        }
    }
}

/// One instance; `None`: there is none of this name.
pub(super) async fn instance(session: &Session, name: &str) -> Result<Option<DbInstance>, Failure> {
    let what = format!("reading the RDS instance {name}");
    let call = session.rds.describe_db_instances().db_instance_identifier(name);
    let page = match session.answer(&what, call.send().await) {
        Err(failure) if failure.is("DBInstanceNotFound") => return Ok(None),
        page => page?,
    };
    let mut found = page.db_instances.unwrap_or_default();
    match found.pop() {
        Some(one) if found.is_empty() && one.db_instance_identifier() == Some(name) => Ok(Some(one)),
        _ => Err(Failure::nonsense(format!("{what}: the answer is about something else"))),
    }
}

/// Gathers the records of a listing, and refuses one that does not end.
struct Pages<T> {
    what: &'static str,
    records: Vec<T>,
    marker: Option<String>,
    seen: HashSet<String>,
}

impl<T> Pages<T> {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            records: Vec::new(),
            marker: None,
            seen: HashSet::new(),
        }
    }

    /// Takes a page; whether it was the last.
    fn add(&mut self, page: Option<Vec<T>>, next: Option<String>) -> Result<bool, Failure> {
        let what = self.what;
        let page = page.ok_or_else(|| Failure::nonsense(format!("{what}: the answer holds no list")))?;
        self.records.extend(page);
        self.marker = next.filter(|marker| !marker.is_empty());
        let Some(marker) = &self.marker else {
            return Ok(true);
        };
        if !self.seen.insert(marker.clone()) || self.seen.len() >= PAGES_MAX {
            return Err(Failure::nonsense(format!("{what}: the pages do not end")));
        }
        Ok(false)
    }
}
