//! The key of the demo's GitHub App, made anew for each demo.

use std::io::{Error, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// PEM files of both halves.
#[derive(Debug)]
pub struct AppKey {
    /// The private half, PKCS#8.
    pub private_file: PathBuf,
    /// The public half, SPKI.
    pub public_file: PathBuf,
}

impl AppKey {
    /// Makes a key pair and writes it to `dir`; the private half for us alone.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn generate(dir: &Path) -> std::io::Result<Self> {
        let failed = |_| Error::other("no RSA key could be made");
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
        let key = Self {
            private_file: dir.join("github-app.pem"),
            public_file: dir.join("github-app.pub.pem"),
        };
        write(&key.private_file, "PRIVATE KEY", private.as_ref())?;
        write(&key.public_file, "PUBLIC KEY", public.as_ref())?;
        Ok(key)
    }
}

fn write(path: &Path, label: &str, der: &[u8]) -> std::io::Result<()> {
    let body = STANDARD.encode(der);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "-----BEGIN {label}-----")?;
    for line in body.as_bytes().chunks(64) {
        file.write_all(line)?;
        writeln!(file)?;
    }
    writeln!(file, "-----END {label}-----")
}
