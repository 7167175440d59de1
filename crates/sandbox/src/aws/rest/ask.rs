//! What a call of the REST-JSON protocol asks.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::super::request::Call;
use super::Exception;

/// Parameters of path and query, and the body.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    call: &'a Call,
    query: Vec<(String, String)>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(call: &'a Call) -> Self {
        let query = call.parts.uri.query().unwrap_or_default();
        Self {
            call,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        }
    }

    pub(crate) fn operation(&self) -> &'a str {
        &self.call.operation
    }

    /// A parameter of the path; empty where the route has none of that name.
    pub(crate) fn path(&self, name: &str) -> &'a str {
        let param = self.call.path_params.iter().find(|(key, _)| *key == name);
        param.map_or("", |(_, value)| value)
    }

    /// A parameter of the query; an empty one counts as absent.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.queries(name).next()
    }

    /// Every value of a parameter that may be repeated.
    pub(crate) fn queries(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self
            .query
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty());
        all.map(|(_, value)| value.as_str())
    }

    /// The body, an object; no body counts as an empty one.
    ///
    /// # Errors
    /// `SerializationException` where it is no JSON or has a field of another type.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Exception> {
        let object = match self.call.body.as_ref() {
            b"" => Ok(Map::new()),
            json => serde_json::from_slice::<Map<String, Value>>(json),
        };
        let read = object.and_then(|object| serde_json::from_value(Value::Object(object)));
        read.map_err(|error| Exception::new(400, "SerializationException", error.to_string()))
    }

    /// All that is asked. Of two members of one name the path's counts, then the body's, as for who carries the call out.
    pub(crate) fn described(&self) -> Value {
        let text = |(name, value): (&str, &String)| (name.to_owned(), Value::from(value.as_str()));
        let mut asked: Map<String, Value> = self.query.iter().map(|(name, value)| text((name, value))).collect();
        if let Ok(Value::Object(body)) = serde_json::from_slice(&self.call.body) {
            asked.extend(body);
        }
        asked.extend(self.call.path_params.iter().map(|(name, value)| text((name, value))));
        Value::Object(asked)
    }
}
