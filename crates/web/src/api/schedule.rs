//! What a schedule means.

use app::{AppError, Cx};
use axum::Json;
use axum::extract::State;
use domain::schedule::Schedule;
use domain::scope_change::{FormProblem, SCHEDULE};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::schedule::Meaning;
use crate::error::ApiError;
use crate::extract::ApiQuery;

/// What is to be explained.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScheduleQuery {
    /// Words such as `weekly on Sunday at 00:00 Europe/Brussels`, or cron as AWS or Velero reads it.
    #[param(example = "daily at 03:00")]
    text: String,
}

/// What a schedule means: its words, both dialects of cron, its longest interval, the next five runs
#[utoipa::path(get, path = "/api/v1/schedule", tag = "scope of work", params(ScheduleQuery), responses(
    (status = 200, body = Meaning),
    (status = 422, description = "The text is no schedule: what is wrong, and what is allowed")))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    ApiQuery(query): ApiQuery<ScheduleQuery>,
) -> Result<Json<Meaning>, ApiError> {
    let schedule = Schedule::parse(&query.text).map_err(|invalid| {
        let problem = FormProblem {
            field: "text".to_owned(),
            ..FormProblem::new(&SCHEDULE, Some(&invalid.given), invalid.why)
        };
        AppError::Invalid(vec![problem])
    })?;
    Ok(Json(Meaning::new(&schedule, cx.now())))
}
