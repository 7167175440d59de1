//! One request, and what it is about.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

use super::kind::Kind;
use super::refusal::Refusal;

/// Largest body that is read, as etcd and the API server have it.
const MAX_BODY: usize = 3 << 20;

/// A request as it was asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) cluster: String,
    /// Below the cluster's root, starting with `/`.
    pub(crate) path: String,
    /// Of the path, percent-decoded.
    pub(crate) segments: Vec<String>,
    /// Of repeated parameters the last.
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) accept: String,
    /// Without parameters.
    pub(crate) content_type: String,
    pub(crate) user_agent: String,
    /// What follows `Bearer`.
    pub(crate) token: Option<String>,
    pub(crate) body: Bytes,
}

/// The objects that a request is about.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) kind: &'static Kind,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<String>,
    /// As RBAC names it.
    pub(crate) verb: &'static str,
}

impl Asked {
    /// The path is `/{cluster}/…`.
    ///
    /// # Errors
    /// 413 for a body that is too large.
    pub(crate) async fn read(request: Request) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, MAX_BODY).await.map_err(|_| {
            let message = format!("Request entity too large: limit is {MAX_BODY}");
            Refusal::new(413, "RequestEntityTooLarge", message)
        })?;
        let header = |name: HeaderName| text(&parts.headers, &name);
        let authorization = header(AUTHORIZATION);
        let token = authorization.split_once(' ');
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let whole = parts.uri.path().trim_start_matches('/');
        let (cluster, path) = whole.split_once('/').unwrap_or((whole, ""));
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        Ok(Self {
            cluster: decoded(cluster),
            path: format!("/{path}"),
            segments: path.split('/').filter(|part| !part.is_empty()).map(decoded).collect(),
            query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            accept: header(ACCEPT),
            content_type: media_type(&header(CONTENT_TYPE)),
            user_agent: header(USER_AGENT),
            token: token.map(|(_, token)| token.trim().to_owned()),
            method: parts.method,
            body,
        })
    }

    /// What the path names; `None` for a path without a resource.
    ///
    /// # Errors
    /// A resource that is not served, or a method that it does not have.
    pub(crate) fn resource(&self) -> Result<Option<Resource>, Refusal> {
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        let (group, version, rest) = match segments.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return Ok(None),
        };
        if rest.is_empty() || group.ends_with("authorization.k8s.io") || group == "authentication.k8s.io" {
            return Ok(None);
        }
        let (namespace, rest) = match rest {
            ["namespaces", _, "status" | "finalize"] | ["namespaces"] | ["namespaces", _] => (None, rest),
            ["namespaces", namespace, rest @ ..] => (Some((*namespace).to_owned()), rest),
            _ => (None, rest),
        };
        let (plural, name, subresource) = match rest {
            [plural] => (plural, None, None),
            [plural, name] => (plural, Some(name), None),
            [plural, name, subresource] => (plural, Some(name), Some(subresource)),
            _ => return Err(Refusal::no_such_path()),
        };
        let kind = Kind::find(group, version, plural).ok_or_else(Refusal::no_such_path)?;
        if (namespace.is_some() && !kind.namespaced) || (kind.namespaced && namespace.is_none() && name.is_some()) {
            return Err(Refusal::no_such_path());
        }
        Ok(Some(Resource {
            verb: self.verb(name.is_some())?,
            kind,
            namespace,
            name: name.map(|name| (*name).to_owned()),
            subresource: subresource.map(|name| (*name).to_owned()),
        }))
    }

    fn verb(&self, named: bool) -> Result<&'static str, Refusal> {
        Ok(match (self.method.as_str(), named) {
            ("GET", true) => "get",
            ("GET", false) if self.flag("watch") => "watch",
            ("GET", false) => "list",
            ("POST", false) => "create",
            ("PUT", true) => "update",
            ("PATCH", true) => "patch",
            ("DELETE", true) => "delete",
            ("DELETE", false) => "deletecollection",
            _ => {
                let message = "the server does not allow this method on the requested resource";
                return Err(Refusal::new(405, "MethodNotAllowed", message));
            }
        })
    }

    /// A parameter; `None` where it is absent or empty.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.param(name).is_some_and(|value| matches!(value, "true" | "1"))
    }

    /// A parameter that is a number.
    ///
    /// # Errors
    /// 400 where it is something else.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let parse = |value: &str| {
            value.parse().map_err(|_| {
                Refusal::bad_request(format!(
                    "{name}: Invalid value: {value:?}: strconv.ParseUint: parsing {value:?}: invalid syntax"
                ))
            })
        };
        self.param(name).map(parse).transpose()
    }

    /// Whether nothing is to be stored.
    pub(crate) fn dry_run(&self) -> Result<bool, Refusal> {
        match self.param("dryRun") {
            None => Ok(false),
            Some("All") => Ok(true),
            Some(other) => {
                let message = format!("dryRun: Unsupported value: {other:?}: supported values: \"All\"");
                Err(Refusal::new(422, "Invalid", message))
            }
        }
    }

    /// Who is recorded as the writer: the field manager, or the first word of the user agent.
    pub(crate) fn manager(&self) -> &str {
        let agent = self.user_agent.split('/').next().filter(|agent| !agent.is_empty());
        self.param("fieldManager").or(agent).unwrap_or("unknown")
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 400 with the place of the fault; 415 for another content type.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if !matches!(self.content_type.as_str(), "" | "application/json") {
            return Err(unsupported(
                "application/json, application/yaml, application/vnd.kubernetes.protobuf",
            ));
        }
        parse(&self.body)
    }

    /// The body as the call log keeps it: no values of secrets.
    pub(crate) fn shown_body(&self) -> Value {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if self.segments.iter().any(|segment| segment == "secrets") {
            body = Value::Null;
        }
        body
    }
}

/// # Errors
/// 400 with the place of the fault.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request(format!("couldn't get version/kind; json parse error: {error}")))
}

pub(crate) fn unsupported(accepted: &str) -> Refusal {
    let message =
        format!("the body of the request was in an unknown format - accepted media types include: {accepted}");
    Refusal::new(415, "UnsupportedMediaType", message)
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

fn media_type(content_type: &str) -> String {
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().to_ascii_lowercase()
}
