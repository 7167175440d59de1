//! Tags, which are authorised on the resource whose ARN the call gives.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::desk::Desk;

pub(crate) async fn perform(desk: &Desk<'_>, call: &Call) -> Result<Answer, Refusal> {
    let instance = call.param("ResourceName").and_then(|arn| arn.split_once(":db:"));
    match instance {
        Some((_, instance)) => desk.forward(&desk.on_instance(call, instance)).await,
        None => desk.forward(call).await,
    }
}
