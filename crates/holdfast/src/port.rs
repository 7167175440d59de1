//! Free ports on loopback.

use std::net::{Ipv4Addr, TcpListener};

/// How often to try again when somebody takes a free port before its user does.
pub(crate) const ATTEMPTS: u32 = 5;

/// A loopback port that nobody listens on at this moment.
///
/// # Errors
/// When the system gives none.
pub(crate) fn free() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
