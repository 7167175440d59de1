//! A signed AWS request, kept as it came so that it can be forwarded.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH};
use axum::http::request::Parts;
use bytes::Bytes;
use url::form_urlencoded;

use super::answer::Refusal;
use super::{rest, sign};

/// Largest request that is read; the query protocol stays far below.
const MAX_BODY: usize = 16 << 20;

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    /// From the credential scope: `sts`, `rds`, ….
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) access_key: String,
    /// The query protocol's `Action`, the JSON protocol's target, the REST operation where the sandbox serves it, or method and path.
    pub(crate) operation: String,
    /// Parameters in the path of a REST operation.
    pub(crate) path_params: Vec<(&'static str, String)>,
    /// Parameters of the query protocol, without `Action` and `Version`.
    pub(crate) form: Vec<(String, String)>,
}

impl Call {
    pub(crate) async fn read(request: Request) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, MAX_BODY)
            .await
            .map_err(|error| Refusal::new(400, "RequestEntityTooLarge", error.to_string()))?;
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let scope = header(AUTHORIZATION.as_str()).and_then(scope).ok_or_else(|| {
            let message = format!(
                "{} {} carries no SigV4 Authorization, so its service is unknown",
                parts.method,
                parts.uri.path()
            );
            Refusal::new(403, "MissingAuthenticationToken", message)
        })?;
        let mut action = None;
        let mut form = Vec::new();
        for (name, value) in form_urlencoded::parse(&body) {
            match name.as_ref() {
                "Action" => action = Some(value.into_owned()),
                "Version" => {}
                _ => form.push((name.into_owned(), value.into_owned())),
            }
        }
        let target = header("x-amz-target").map(|target| target.rsplit('.').next().unwrap_or(target).to_owned());
        if action.is_none() {
            form.clear();
        }
        let [access_key, region, service] = scope;
        let (rest, path_params) = rest::find(super::routes(&service), parts.method.as_str(), parts.uri.path()).unzip();
        let operation = rest
            .map(|route| route.operation.to_owned())
            .or(target)
            .or(action)
            .unwrap_or_else(|| format!("{} {}", parts.method, parts.uri.path()));
        Ok(Self {
            body,
            service,
            region,
            access_key,
            operation,
            path_params: path_params.unwrap_or_default(),
            form,
            parts,
        })
    }

    /// A parameter of the query protocol; an empty one counts as absent.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.form
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The values whose names begin with `prefix`: a list's.
    pub(crate) fn listed(&self, prefix: &str) -> Vec<&str> {
        let values = self.form.iter().filter(|(name, _)| name.starts_with(prefix));
        values.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a parameter is `true`; absent counts as not.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.param(name) == Some("true")
    }

    /// The call with one more parameter, signed again over the same headers; `None` unless `secret` is what signed it.
    pub(crate) fn with(&self, name: &str, value: &str, secret: &str) -> Option<Self> {
        let before = self.parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (unsigned, signature) = before.rsplit_once("Signature=")?;
        if sign::signature(&self.parts, &self.body, secret)? != signature {
            return None;
        }
        let mut call = self.clone();
        let body = std::str::from_utf8(&self.body).ok()?.to_owned();
        call.body = form_urlencoded::Serializer::new(body)
            .append_pair(name, value)
            .finish()
            .into();
        call.form.push((name.to_owned(), value.to_owned()));
        let headers = &mut call.parts.headers;
        headers.insert(CONTENT_LENGTH, HeaderValue::from(call.body.len()));
        let signature = sign::signature(&call.parts, &call.body, secret)?;
        let after = format!("{unsigned}Signature={signature}");
        let after = HeaderValue::try_from(after).ok()?;
        call.parts.headers.insert(AUTHORIZATION, after);
        Some(call)
    }

    /// Whether the operation starts something that goes on after the answer, and may then fail.
    pub(crate) fn starts_job(&self) -> bool {
        const STARTS: [&str; 5] = [
            "Start",
            "Restore",
            "CopyDB",
            "CreateDBSnapshot",
            "CreateDBClusterSnapshot",
        ];
        const BUT: [&str; 2] = ["StartReportJob", "StartDBInstanceAutomatedBackupsReplication"];
        !BUT.contains(&self.operation.as_str()) && STARTS.iter().any(|verb| self.operation.starts_with(verb))
    }

    /// Whether the operation changes anything at AWS, going by its verb.
    pub(crate) fn mutates(&self) -> bool {
        const READS: [&str; 9] = [
            "Export",
            "Describe",
            "Get",
            "List",
            "AssumeRole",
            "Decode",
            "GET ",
            "HEAD ",
            "Download",
        ];
        !READS.iter().any(|verb| self.operation.starts_with(verb))
    }
}

/// Access key, region and service out of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn scope(authorization: &str) -> Option<[String; 3]> {
    let credential = authorization.split("Credential=").nth(1)?.split(',').next()?;
    let mut parts = credential.split('/');
    let (key, _date, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some([key.to_owned(), region.to_owned(), service.to_owned()])
}
