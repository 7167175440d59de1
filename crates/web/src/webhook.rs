//! Deliveries of GitHub: verified, stored, then answered. What they mean is found out afterwards.

use app::inbox::{self, Delivery};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use github::event::Event;
use github::webhook::{SIGNATURE_HEADER, verify};
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;

use crate::error::{ApiError, Failure};
use crate::state::Web;

const UNSIGNED: Failure = Failure::new(
    StatusCode::UNAUTHORIZED,
    "Not signed",
    "The signature is missing or is not that of this body.",
);

const NO_DELIVERY: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "No delivery",
    "X-GitHub-Delivery and X-GitHub-Event are needed.",
);

/// The longest id or event name that is taken, in bytes.
const NAME_BYTES: usize = 100;

/// Answers 202 once the delivery is stored: GitHub does not send it again after that.
pub(crate) async fn github(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    verify(&web.settings.webhook_secrets, &body, header(SIGNATURE_HEADER)).map_err(|_| ApiError(UNSIGNED))?;
    let named = |name: &str| header(name).filter(|value| !value.is_empty() && value.len() <= NAME_BYTES);
    let (Some(id), Some(event)) = (named("x-github-delivery"), named("x-github-event")) else {
        return Err(ApiError(NO_DELIVERY));
    };
    let unreadable = Event::parse(event, &body)
        .err()
        .map(|error| format!("{error}: {}", error.source));
    let delivery = Delivery {
        id: id.to_owned(),
        event: event.to_owned(),
        body: body.into(),
    };
    match inbox::receive(&web.cx, &delivery, unreadable.as_deref()).await {
        Ok(()) => Ok(StatusCode::ACCEPTED.into_response()),
        // Nothing was stored: GitHub shows the delivery as failed, and a redelivery brings it back.
        Err(error) => {
            let failure = Failure::from(error);
            let retry_after = Some(failure.retry_after.unwrap_or(SignedDuration::from_secs(10)));
            Err(ApiError(Failure {
                status: StatusCode::SERVICE_UNAVAILABLE,
                retry_after,
                ..failure
            }))
        }
    }
}
