//! A refusal in the REST-JSON protocol.

use serde_json::{Map, Value, json};

use super::super::answer::Answer;

/// Status, code and message, with what the error's shape has beside them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Exception {
    status: u16,
    code: &'static str,
    message: String,
    fields: Map<String, Value>,
}

impl Exception {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: Map::new(),
        }
    }

    /// Adds a member that the error's shape has.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValueException", message)
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::new(400, "MissingParameterValueException", format!("{name} is required"))
    }

    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidRequestException", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(400, "ResourceNotFoundException", message)
    }

    pub(crate) fn already_exists(message: impl Into<String>) -> Self {
        Self::new(400, "AlreadyExistsException", message)
    }

    /// AWS has the operation, the sandbox has not.
    pub(crate) fn not_implemented(service: &str, operation: &str) -> Self {
        Self::new(
            501,
            "UnknownOperationException",
            format!("the sandbox does not offer {service}:{operation}"),
        )
    }

    pub(crate) fn into_answer(self) -> Answer {
        let mut body = json!({"Message": self.message});
        if let Some(members) = body.as_object_mut() {
            members.extend(self.fields);
        }
        Answer::json_error(self.status, self.code, &body)
    }
}
