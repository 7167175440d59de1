//! A panic in a handler ends that request only.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::error::{Failure, PageError};

/// Logs the panic and answers 500 without its text.
pub(super) fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    tracing::error!(panic = words, "A handler panicked");
    PageError(Failure::INTERNAL).into_response()
}
