//! A hand-over export: everything of a tenant in one archive, which is opened again and compared before anybody gets it.

mod archive;
mod read_back;
mod readme;

use std::fs::File;
use std::io::{Read, Seek as _, Write as _};
use std::time::Duration;

use app::Cx;
use domain::digest::{Digest, Hasher};
use domain::export::{Export, Manifest, State, Table, table_left_out};
use domain::id::{ExportId, TenantId};
use domain::tenant::{Tenant, TenantScope};
use jiff::Timestamp;
use jobs::{Failure, Lease};
use store::Tx;

use crate::crash::crash_point;
use crate::outside::{app_failure, store_failure};
use archive::{Archive, ArchiveError};

/// Bytes of a stored piece.
const PIECE: usize = 1 << 20;

/// Makes the export, from the beginning: what an attempt that died has left is removed first.
pub(crate) async fn make(cx: &Cx, tenant: TenantId, id: ExportId, lease: &Lease) -> Result<(), Failure> {
    let turn = format!("export/{id}");
    let Some(held) = store::lock::try_hold(&cx.db, &turn).await.map_err(store_failure)? else {
        return Err(Failure::Retry {
            reason: "another worker is at this export".to_owned(),
            after: Some(Duration::from_secs(5)),
        });
    };
    let done = write_and_verify(cx, tenant, id, lease).await;
    held.release().await.map_err(store_failure)?;
    done
}

async fn write_and_verify(cx: &Cx, tenant: TenantId, id: ExportId, lease: &Lease) -> Result<(), Failure> {
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let export = store::export::get(&mut tx, tenant, id).await.map_err(store_failure)?;
    let Some(mut export) = export.filter(|export| export.state.is_under_way()) else {
        return Ok(());
    };
    store::export::drop_pieces(&mut tx, tenant, id)
        .await
        .map_err(store_failure)?;
    tx.commit().await.map_err(store_failure)?;

    // What is written and what it is compared with are of the same moment.
    let mut snapshot = cx.db.begin_snapshot(&scope).await.map_err(store_failure)?;
    export.snapshot_at = Some(cx.now());
    let of = store::tenant::get(&mut snapshot, &scope, tenant)
        .await
        .map_err(store_failure)?;
    let of = of.ok_or_else(|| Failure::fail("The customer is gone."))?;
    let tables = store::export::tables(&mut snapshot).await.map_err(store_failure)?;
    let (left_out, tables): (Vec<_>, Vec<_>) = tables
        .into_iter()
        .partition(|table| table_left_out(&table.name).is_some());
    let (archive, manifest) = write(cx, &mut snapshot, &of, &mut export, &tables, &left_out).await?;
    crash_point!("export-before-pieces");
    lease.check().await?;
    put(cx, &export, archive).await?;
    crash_point!("export-after-pieces");

    export.state = State::Verifying;
    export.files_done = 0;
    app::export::advance(cx, &export).await.map_err(app_failure)?;
    let (archive, size, sha256) = fetch(cx, &export).await?;
    let read = tokio::task::spawn_blocking(move || read_back::read(archive));
    let read = read.await.map_err(|error| Failure::retry(error.to_string()))?;
    let read = read.map_err(|differs| Failure::fail(format!("The archive was read back: {differs}.")))?;
    if read != manifest {
        return Err(Failure::fail(
            "The archive was read back, and its manifest is not the one that was written.",
        ));
    }
    compare(cx, &mut snapshot, &mut export, &tables, &read).await?;
    drop(snapshot);
    export.files_done = export.files_total.unwrap_or(export.files_done);
    export.rows = Some(rows(&read, &tables));
    export.size_bytes = Some(size);
    export.sha256 = Some(sha256.to_string());
    lease.check().await?;
    crash_point!("export-before-verified");
    app::export::verified(cx, &export).await.map_err(app_failure)
}

/// Writes every file, telling after each how far it is.
async fn write(
    cx: &Cx,
    snapshot: &mut Tx,
    of: &Tenant,
    export: &mut Export,
    tables: &[Table],
    left_out: &[Table],
) -> Result<(File, Manifest), Failure> {
    let sheets = store::export::sheets(snapshot, of.id).await.map_err(store_failure)?;
    let remaining = store::export::remaining(snapshot, of.id).await.map_err(store_failure)?;
    export.state = State::Writing;
    export.files_done = 0;
    export.files_total = i32::try_from(tables.len() + sheets.len() + archive::PROSE).ok();
    app::export::advance(cx, export).await.map_err(app_failure)?;

    let mut archive = Archive::new().map_err(failure)?;
    for table in tables {
        let mut entry = archive.begin(&table_file(table)).map_err(failure)?;
        store::export::rows(snapshot, of.id, table, |row| entry.line(row))
            .await
            .map_err(failure)?;
        entry.end(table);
        export.files_done += 1;
        app::export::advance(cx, export).await.map_err(app_failure)?;
    }
    for sheet in &sheets {
        archive.sheet(sheet).map_err(failure)?;
    }
    archive.remaining(&remaining).map_err(failure)?;
    let taken_at = export.snapshot_at.unwrap_or_else(|| cx.now());
    archive
        .readme(&readme::text(of, taken_at, &remaining, tables))
        .map_err(failure)?;
    archive.finish(of, taken_at, tables, left_out).map_err(failure)
}

/// The file of a table.
fn table_file(table: &Table) -> String {
    format!("tables/{}.ndjson", table.name)
}

/// Stores the archive in pieces, all or none.
async fn put(cx: &Cx, export: &Export, mut archive: File) -> Result<(), Failure> {
    archive.rewind().map_err(io)?;
    let mut tx = cx
        .db
        .begin(&TenantScope::one(export.tenant))
        .await
        .map_err(store_failure)?;
    let mut piece = Vec::with_capacity(PIECE);
    for position in 0.. {
        piece.clear();
        let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
        if Read::by_ref(&mut archive)
            .take(limit)
            .read_to_end(&mut piece)
            .map_err(io)?
            == 0
        {
            break;
        }
        store::export::put_piece(&mut tx, export.tenant, export.id, position, &piece)
            .await
            .map_err(store_failure)?;
    }
    tx.commit().await.map_err(store_failure)
}

/// The archive as everybody will get it, with its size and digest.
async fn fetch(cx: &Cx, export: &Export) -> Result<(File, i64, Digest), Failure> {
    let (mut file, mut hasher, mut size) = (tempfile::tempfile().map_err(io)?, Hasher::default(), 0_i64);
    let mut tx = cx
        .db
        .begin(&TenantScope::one(export.tenant))
        .await
        .map_err(store_failure)?;
    for position in 0.. {
        let piece = store::export::piece(&mut tx, export.tenant, export.id, position).await;
        let Some(piece) = piece.map_err(store_failure)? else {
            break;
        };
        file.write_all(&piece).map_err(io)?;
        hasher.update(&piece);
        size += i64::try_from(piece.len()).unwrap_or_default();
    }
    file.rewind().map_err(io)?;
    Ok((file, size, hasher.finish()))
}

/// Reads every table once more, of the same moment: what was read back has to be the same, row by row.
async fn compare(
    cx: &Cx,
    snapshot: &mut Tx,
    export: &mut Export,
    tables: &[Table],
    read: &Manifest,
) -> Result<(), Failure> {
    for table in tables {
        let (mut hasher, mut count) = (Hasher::default(), 0_u64);
        store::export::rows(snapshot, export.tenant, table, |row| {
            hasher.update(row.as_bytes());
            hasher.update(b"\n");
            count += 1;
            Ok::<_, store::StoreError>(())
        })
        .await
        .map_err(store_failure)?;
        let file = read.files.get(&table_file(table));
        let same = file.is_some_and(|file| file.rows == Some(count) && file.sha256 == hasher.finish());
        if !same {
            let name = &table.name;
            return Err(Failure::fail(format!(
                "The archive does not hold what the records hold of {name}."
            )));
        }
        export.files_done += 1;
        app::export::advance(cx, export).await.map_err(app_failure)?;
    }
    Ok(())
}

/// Rows of all tables.
fn rows(read: &Manifest, tables: &[Table]) -> i64 {
    let of = |table: &Table| read.files.get(&table_file(table))?.rows;
    i64::try_from(tables.iter().filter_map(of).sum::<u64>()).unwrap_or(i64::MAX)
}

fn failure(error: ArchiveError) -> Failure {
    match error {
        ArchiveError::Store(error) => store_failure(error),
        ArchiveError::Write(error) => io(error),
    }
}

/// The disk may have room in a moment.
fn io(error: std::io::Error) -> Failure {
    Failure::retry(format!("writing the archive: {error}"))
}

/// Since when something is no longer linked, to be added to its line; empty: it is.
fn unlinked(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!(", unlinked on {}", at.strftime("%F")))
}
