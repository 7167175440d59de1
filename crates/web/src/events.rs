//! Tells open pages that something of their customer changed; they then read themselves anew.

use std::convert::Infallible;
use std::time::Duration;

use app::events::subscribe;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{Stream, StreamExt, stream};

use crate::auth::Caller;
use crate::error::PageError;
use crate::extract::Path;
use crate::state::Web;

/// Shorter than the server's idle limit.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// After this the browser connects again, and who it is is asked again.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// One event at once, so that nothing is missed between a page and its stream, then one per change.
pub(crate) async fn stream(
    State(web): State<Web>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, PageError> {
    let tenant = actor.tenant(&web.cx, &slug).await?;
    let changes = subscribe(&web.cx, &actor, tenant.id)?;
    let changed = || Ok(Event::default().event("changed").data("now"));
    let later = stream::unfold(changes, |mut changes| async move {
        changes.next().await.map(|()| ((), changes))
    });
    let end = async move {
        tokio::select! {
            () = web.stop.cancelled() => {}
            () = tokio::time::sleep(LIFETIME) => {}
        }
    };
    let events = stream::once(async {})
        .chain(later)
        .map(move |()| changed())
        .take_until(Box::pin(end));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
