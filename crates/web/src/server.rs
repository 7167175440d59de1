//! Serving, with a bound on everything that a stranger can hold. HTTP/1.1 only: browsers and proxies speak nothing
//! newer without TLS, and each further protocol needs bounds of its own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::idle_timeout::IdleTimeout;

/// What a connection may take. The defaults are the product's.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; more wait in the listener's backlog. Below the usual 1024 file descriptors.
    pub connections: usize,
    /// From the first byte of a request's head (or of silence) to its end.
    pub header_read: Duration,
    /// Without a byte in either direction. Longer than the event stream's keep-alive and than a request's time limit.
    pub idle: Duration,
    /// Bytes of a request's head; over it 431.
    pub header_bytes: usize,
    /// Header fields of a request; over it 431.
    pub header_count: usize,
    /// How long requests in flight may finish after the stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 800,
            header_read: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            header_bytes: 64 * 1024,
            header_count: 100,
            drain: Duration::from_secs(20),
        }
    }
}

/// Serves `app` until `stop`, then lets requests in flight finish within [`Limits::drain`].
///
/// Each request carries the peer's address as `ConnectInfo<SocketAddr>`.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let connections = GracefulShutdown::new();
    let builder = builder(&limits);
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            (listener.accept().await, slot)
        };
        let ((stream, peer), slot) = tokio::select! {
            () = stop.cancelled() => break,
            (accepted, slot) = accepted => match accepted {
                Ok(accepted) => (accepted, slot),
                Err(error) => {
                    tracing::warn!(%error, "A connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await; // out of descriptors: do not spin
                    continue;
                }
            },
        };
        let connection = builder.serve_connection(io(stream, limits.idle), service(app.clone(), peer));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "A connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    let open = connections.count();
    if tokio::time::timeout(limits.drain, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(connections = open, "Connections were cut: they did not finish in time");
    }
}

fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes)
        .max_headers(limits.header_count);
    builder
}

fn io(stream: TcpStream, idle: Duration) -> TokioIo<IdleTimeout<TcpStream>> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    TokioIo::new(IdleTimeout::new(stream, idle))
}

fn service(
    app: Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = axum::response::Response,
    Error = Infallible,
    Future: Send + 'static,
> + Clone {
    service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request)
    })
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::middleware::body_limit::{BodyLimit, ORDINARY_BYTES, read_whole};

    struct Served {
        address: SocketAddr,
        stop: CancellationToken,
        done: JoinHandle<()>,
    }

    async fn served(app: Router, limits: Limits) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let done = tokio::spawn(serve(listener, app, limits, stop.clone()));
        Served { address, stop, done }
    }

    /// Sends bytes and reads until the server closes.
    async fn exchange(served: &Served, sent: &[u8]) -> String {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await; // a reset after the answer is an end too
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn app() -> Router {
        let limit = axum::middleware::from_fn_with_state(BodyLimit::new(ORDINARY_BYTES), read_whole);
        Router::new()
            .route("/", get(|| async { "fine" }))
            .route("/", post(|| async { "taken" }).layer(limit))
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let served = served(app(), Limits::default()).await;
        let large = format!("GET / HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n", "y".repeat(80_000));
        assert!(exchange(&served, large.as_bytes()).await.starts_with("HTTP/1.1 431"));
        let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "x: y\r\n".repeat(200));
        assert!(exchange(&served, many.as_bytes()).await.starts_with("HTTP/1.1 431"));
    }

    #[tokio::test]
    async fn half_a_head_is_given_up_while_others_are_served() {
        let limits = Limits {
            header_read: Duration::from_millis(40),
            idle: Duration::from_millis(80),
            ..Limits::default()
        };
        let served = served(app(), limits).await;
        for slow in ["GET / HTTP/1.1\r\nHost:", ""] {
            let (answer, healthy) = tokio::join!(
                exchange(&served, slow.as_bytes()),
                exchange(&served, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            );
            assert!(!answer.contains("200 OK"), "{slow:?}: {answer}");
            assert!(healthy.ends_with("fine"), "{healthy}");
        }
    }

    #[tokio::test]
    async fn another_protocol_is_refused_at_once() {
        let served = served(app(), Limits::default()).await;
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        let settings = "\0\0\0\x04\0\0\0\0\0";
        let sent = format!("{preface}{settings}");
        let answer = exchange(&served, sent.as_bytes());
        let answer = tokio::time::timeout(Limits::default().header_read / 2, answer).await;
        assert_eq!(answer.expect("not kept waiting"), "");
    }

    #[tokio::test]
    async fn the_sender_of_too_large_a_body_hears_413() {
        let served = served(app(), Limits::default()).await;
        let size = 8 * ORDINARY_BYTES;
        let mut request =
            format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n").into_bytes();
        request.resize(request.len() + size, b'x');
        assert!(exchange(&served, &request).await.starts_with("HTTP/1.1 413"));
    }

    #[tokio::test]
    async fn a_request_is_never_read_as_two() {
        let served = served(app(), Limits::default()).await;
        let inner = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let shapes = [
            format!(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"
            ),
            format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 28\r\n\r\n{inner}"),
            format!("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n{inner}"),
        ];
        for shape in shapes {
            let answers = exchange(&served, shape.as_bytes()).await.matches("HTTP/1.1 ").count();
            assert_eq!(answers, 1, "{shape:?}");
        }
    }

    #[tokio::test]
    async fn a_request_in_flight_is_finished_before_the_end() {
        let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (enter, left) = (Arc::clone(&entered), Arc::clone(&leave));
        let slow = move || async move {
            enter.notify_one();
            left.notified().await;
            "finished"
        };
        let served = served(Router::new().route("/", get(slow)), Limits::default()).await;
        let request = exchange(&served, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        let stopping = async {
            entered.notified().await;
            served.stop.cancel();
            leave.notify_one();
        };
        let (answer, ()) = tokio::join!(request, stopping);
        assert!(answer.ends_with("finished"), "{answer}");
        served.done.await.unwrap();
    }
}
