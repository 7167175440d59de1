//! The archive opened again, as anybody would: each file parsed, counted and compared with the manifest.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Read, Seek};

use domain::digest::{Digest, Hasher};
use domain::export::{File, Manifest};
use serde::de::IgnoredAny;
use zip::ZipArchive;

use super::archive::MANIFEST;

/// What is wrong with an archive that was read back.
#[derive(Debug, thiserror::Error)]
pub(super) enum Differs {
    /// It is no archive, or is cut off.
    #[error("it cannot be opened: {0}")]
    Open(#[from] zip::result::ZipError),
    /// A file cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A file does not parse.
    #[error("{file} cannot be parsed: {why}")]
    Parse {
        /// Its name.
        file: String,
        /// Why not.
        why: String,
    },
    /// Something else is in it than the manifest says.
    #[error("its files are not those of its manifest")]
    Names,
    /// A file has other content.
    #[error("{file} has {found} where its manifest says {listed}")]
    Content {
        /// Its name.
        file: String,
        /// What the manifest says.
        listed: String,
        /// What is there.
        found: String,
    },
}

/// Reads everything, and gives the manifest when all is as it says.
pub(super) fn read(archive: impl Read + Seek) -> Result<Manifest, Differs> {
    let mut zip = ZipArchive::new(archive)?;
    let manifest: Manifest =
        serde_json::from_reader(BufReader::new(zip.by_name(MANIFEST)?)).map_err(parse(MANIFEST))?;
    let found = zip.file_names().map(|name| name.map(String::from));
    let found: BTreeSet<String> = found.collect::<Result<_, _>>()?;
    let listed: BTreeSet<String> = manifest.files.keys().cloned().chain([MANIFEST.to_owned()]).collect();
    if found != listed || zip.len() != listed.len() {
        return Err(Differs::Names);
    }
    for (name, listed) in &manifest.files {
        let (rows, sha256) = contents(name, zip.by_name(name)?)?;
        if rows != listed.rows || sha256 != listed.sha256 {
            let said =
                |rows: Option<u64>, sha256: &Digest| format!("{} rows and digest {sha256}", rows.unwrap_or_default());
            let File {
                rows: all,
                sha256: digest,
                ..
            } = listed;
            return Err(Differs::Content {
                file: name.clone(),
                listed: said(*all, digest),
                found: said(rows, &sha256),
            });
        }
    }
    Ok(manifest)
}

/// The rows of a file, where it has some, and its digest.
fn contents(name: &str, file: impl Read) -> Result<(Option<u64>, Digest), Differs> {
    let mut file = Hashing {
        inner: file,
        hasher: Hasher::default(),
    };
    let rows = match name.rsplit_once('.').map(|(_, kind)| kind) {
        Some("ndjson") => Some(json_lines(name, &mut file)?),
        Some("csv") => {
            let mut rows = 0;
            for row in csv::Reader::from_reader(&mut file).byte_records() {
                row.map_err(|error| Differs::Parse {
                    file: name.to_owned(),
                    why: error.to_string(),
                })?;
                rows += 1;
            }
            Some(rows)
        }
        Some("json") => {
            serde_json::from_reader::<_, IgnoredAny>(BufReader::new(&mut file)).map_err(parse(name))?;
            None
        }
        _ => None,
    };
    io::copy(&mut file, &mut io::sink())?;
    Ok((rows, file.hasher.finish()))
}

fn json_lines(name: &str, file: impl Read) -> Result<u64, Differs> {
    let (mut lines, mut line, mut rows) = (BufReader::new(file), Vec::new(), 0);
    while lines.read_until(b'\n', &mut line)? > 0 {
        serde_json::from_slice::<IgnoredAny>(&line).map_err(parse(name))?;
        rows += 1;
        line.clear();
    }
    Ok(rows)
}

fn parse(name: &str) -> impl FnOnce(serde_json::Error) -> Differs {
    move |error| Differs::Parse {
        file: name.to_owned(),
        why: error.to_string(),
    }
}

/// Counts what is read into a digest.
struct Hashing<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{Cursor, Write as _};

    use domain::id::TenantId;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// An archive of these files whose manifest lists `listed`, with as many rows as it says.
    fn archive(files: &[(&str, &str)], listed: &[(&str, &str, Option<u64>)]) -> Cursor<Vec<u8>> {
        let file = |content: &str, rows| File {
            about: String::new(),
            rows,
            sha256: Digest::of_bytes(content.as_bytes()),
            columns: Vec::new(),
        };
        let taken_at = "2026-03-01T09:00:00Z".parse().unwrap();
        let manifest = Manifest {
            format: 1,
            customer: "Acme".to_owned(),
            tenant_id: TenantId::at(taken_at),
            taken_at,
            files: listed
                .iter()
                .map(|(name, content, rows)| ((*name).to_owned(), file(content, *rows)))
                .collect(),
            left_out: BTreeMap::new(),
        };
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let manifest = serde_json::to_string(&manifest).unwrap();
        for (name, content) in files.iter().chain([&(MANIFEST, manifest.as_str())]) {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap()
    }

    const ROWS: &str = "{\"a\":1}\n{\"a\":2}\n";
    const SHEET: &str = "\"a\"\r\n\"one\nline\"\r\n";

    #[test]
    fn what_is_as_its_manifest_says_is_taken() {
        let files = [("t.ndjson", ROWS), ("s.csv", SHEET), ("README.txt", "Read me.")];
        let listed = [
            ("t.ndjson", ROWS, Some(2)),
            ("s.csv", SHEET, Some(1)),
            ("README.txt", "Read me.", None),
        ];
        assert_eq!(read(archive(&files, &listed)).unwrap().files.len(), 3);
    }

    #[test]
    fn what_is_not_is_named() {
        let listed = [("t.ndjson", ROWS, Some(2))];
        let refused = |files: &[(&str, &str)], listed: &[(&str, &str, Option<u64>)]| {
            read(archive(files, listed)).unwrap_err().to_string()
        };
        let changed = refused(&[("t.ndjson", "{\"a\":1}\n{\"a\":3}\n")], &listed);
        assert!(changed.starts_with("t.ndjson has 2 rows"), "{changed}");
        let missing = refused(&[("t.ndjson", ROWS)], &[("t.ndjson", ROWS, Some(3))]);
        assert!(missing.contains("says 3 rows"), "{missing}");
        let cut = "{\"a\":1}\n{\"a\"";
        let cut = refused(&[("t.ndjson", cut)], &[("t.ndjson", cut, Some(2))]);
        assert!(cut.starts_with("t.ndjson cannot be parsed"), "{cut}");
        assert!(refused(&[], &listed).contains("not those of its manifest"));
        assert!(refused(&[("t.ndjson", ROWS), ("x.txt", "x")], &listed).contains("not those of its manifest"));
        let whole = archive(&[("t.ndjson", ROWS)], &listed).into_inner();
        let half = Cursor::new(whole[..whole.len() / 2].to_vec());
        assert!(read(half).unwrap_err().to_string().contains("cannot be opened"));
    }
}
