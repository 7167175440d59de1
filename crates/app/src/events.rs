//! Open pages hear that something of their tenant changed.

use domain::id::TenantId;
use store::events::Listener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{Actor, AppError, Cx};

/// Hears of changes of one tenant, and may hear of some that were none: a page that hears anything reads all anew.
pub struct Changes {
    tenant: TenantId,
    receiver: broadcast::Receiver<Option<TenantId>>,
}

impl Changes {
    /// Waits for the next change; `None` when the server stops.
    pub async fn next(&mut self) -> Option<()> {
        loop {
            match self.receiver.recv().await {
                Ok(Some(tenant)) if tenant != self.tenant => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return Some(()),
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

/// Subscribes to the changes of a tenant that the person may see.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn subscribe(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Changes, AppError> {
    if !actor.scope().contains(tenant) {
        return Err(AppError::NotFound);
    }
    Ok(Changes {
        tenant,
        receiver: cx.changed.subscribe(),
    })
}

/// Passes on what Postgres notifies, until `stop`. One of these runs in each process that serves pages.
pub async fn listen(cx: Cx, stop: CancellationToken) {
    let relay = async {
        loop {
            match Listener::connect(&cx.db).await {
                Ok(mut listener) => {
                    // What was notified before is lost. Nobody may be listening here, which is no error.
                    let _ = cx.changed.send(None);
                    while let Ok(tenant) = listener.next().await {
                        let _ = cx.changed.send(tenant);
                    }
                }
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "Pages are not live: cannot listen to the database"
                ),
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = relay => {}
        () = stop.cancelled() => {}
    }
}
