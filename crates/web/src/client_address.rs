//! Where a request comes from: the peer, or whom a proxy names that we trust.

use std::net::{IpAddr, SocketAddr};

use axum::extract::rejection::ExtensionRejection;
use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::state::Web;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of who asks; `None`: it came through a trusted proxy that does not say.
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

impl FromRequestParts<Web> for ClientAddress {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, ExtensionRejection> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, web).await?;
        Ok(Self(client(peer.ip(), &parts.headers, &web.settings.trusted_proxies)))
    }
}

/// Each proxy adds at the right whom it heard from. So the last one that is none of ours is the client, and what
/// stands left of it is only that client's word.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let ours = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    if !ours(&peer) {
        return Some(peer);
    }
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    lines
        .flat_map(|line| line.to_str().unwrap_or_default().rsplit(','))
        .map(|hop| address(hop.trim()))
        .find(|hop| hop.as_ref().is_none_or(|hop| !ours(hop)))
        .flatten()
}

/// Some proxies add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let address = hop.parse().or_else(|_| hop.parse().map(|peer: SocketAddr| peer.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// Whom a peer's request comes from, with these `X-Forwarded-For` and `10.0.0.0/8` and `::1` trusted.
    fn said(peer: &str, forwarded: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted = ["10.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap());
        client(peer.parse().unwrap(), &headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn a_stranger_speaks_for_nobody_else() {
        for forwarded in [&[][..], &["192.0.2.9"]] {
            assert_eq!(said("192.0.2.1", forwarded).unwrap(), "192.0.2.1");
        }
    }

    #[test]
    fn a_trusted_proxy_says_whom_it_heard_from_whatever_that_one_claims() {
        for (forwarded, client) in [
            (&["192.0.2.9"][..], "192.0.2.9"),
            (&["192.0.2.9:4711"], "192.0.2.9"),
            (&["2001:db8::9"], "2001:db8::9"),
            (&["[2001:db8::9]:4711"], "2001:db8::9"),
            (&["198.51.100.1, 192.0.2.9"], "192.0.2.9"),
            (&["198.51.100.1", "192.0.2.9"], "192.0.2.9"),
            (&["10.0.0.7, 192.0.2.9"], "192.0.2.9"),
            (&["nonsense, 192.0.2.9, 10.0.0.7"], "192.0.2.9"),
            (&["198.51.100.1, 192.0.2.9", "10.0.0.7, ::1"], "192.0.2.9"),
        ] {
            assert_eq!(said("10.0.0.1", forwarded).unwrap(), client, "{forwarded:?}");
        }
    }

    #[test]
    fn an_address_is_the_same_on_a_socket_for_both_families() {
        assert_eq!(said("::ffff:192.0.2.1", &[]).unwrap(), "192.0.2.1");
        assert_eq!(said("::ffff:10.0.0.1", &["::ffff:192.0.2.9"]).unwrap(), "192.0.2.9");
    }

    #[test]
    fn nobody_is_named_where_a_trusted_proxy_does_not_say() {
        for forwarded in [&[][..], &[""], &["unknown"], &["10.0.0.7"], &["192.0.2.9, unknown"]] {
            assert_eq!(said("10.0.0.1", forwarded), None, "{forwarded:?}");
        }
    }
}
