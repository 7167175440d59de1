//! What the log says about STS calls; the calls themselves pass through, unless their session policy is malformed.

use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::authority::{Kind, Policy};
use super::identity::Caller;
use super::request::Call;

/// The account whose role is assumed; `None` for every other call.
pub(crate) fn account_of_role(call: &Call) -> Option<String> {
    let account = call.param("RoleArn")?.split(':').nth(4)?;
    (call.service == "sts" && !account.is_empty()).then(|| account.to_owned())
}

/// Refuses a session policy that IAM would not understand; ministack looks less closely.
pub(crate) fn check_policy(call: &Call) -> Result<(), Refusal> {
    let parsed = call
        .param("Policy")
        .map(|json| Policy::parse(json, Kind::Identity))
        .transpose();
    parsed
        .map(|_| ())
        .map_err(|wrong| Refusal::new(400, "MalformedPolicyDocument", wrong.to_string()))
}

/// The parameters, with the session policy as JSON, and whether an ExternalId was given instead of its value.
pub(crate) fn described(call: &Call, caller: &Caller) -> Value {
    let mut shown = Map::new();
    for (name, value) in &call.form {
        let value = match name.as_str() {
            "ExternalId" => continue,
            "Policy" => serde_json::from_str(value).unwrap_or_else(|_| json!(value)),
            _ => json!(value),
        };
        shown.insert(name.clone(), value);
    }
    shown.insert("ExternalIdGiven".to_owned(), json!(call.param("ExternalId").is_some()));
    shown.insert("CallerAccount".to_owned(), json!(caller.account));
    Value::Object(shown)
}
