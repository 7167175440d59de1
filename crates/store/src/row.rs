//! From columns to values.

use serde::de::DeserializeOwned;

use crate::StoreError;

/// A value that is stored as its name.
pub(crate) fn word<T: DeserializeOwned>(column: &'static str, text: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text.clone()))
        .map_err(|_| StoreError::Corrupt { column, value: text })
}

/// A value that is stored as JSON.
pub(crate) fn json<T: DeserializeOwned>(column: &'static str, value: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::Corrupt {
        column,
        value: error.to_string(),
    })
}

/// The JSON of a domain value.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect("domain values have string keys and no failing serializers")
}

/// The pattern that finds a text anywhere.
pub(crate) fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
