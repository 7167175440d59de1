//! A closed loop of clients, each with one connection that it keeps, and what it measured.

use std::fmt;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use reqwest::Client;

use crate::Result;

/// What one round measured.
pub(crate) struct Round {
    /// Requests per second, of all clients.
    pub(crate) per_second: f64,
    /// How long each request took.
    pub(crate) times: Vec<Duration>,
}

/// What several rounds measured.
pub(crate) struct Rate {
    /// Requests per second, of all clients: the median of the rounds.
    pub(crate) per_second: f64,
    /// Time that half of the requests took at most.
    pub(crate) p50: Duration,
    /// Time that 99 of 100 requests took at most.
    pub(crate) p99: Duration,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99] = [self.p50, self.p99].map(|time| time.as_secs_f64() * 1e3);
        let rate = self.per_second;
        write!(f, "{rate:.0} per s, p50 {p50:.1} ms, p99 {p99:.1} ms")
    }
}

impl From<Vec<Round>> for Rate {
    fn from(rounds: Vec<Round>) -> Self {
        let mut rates: Vec<_> = rounds.iter().map(|round| round.per_second).collect();
        rates.sort_by(f64::total_cmp);
        let mut times: Vec<_> = rounds.into_iter().flat_map(|round| round.times).collect();
        times.sort();
        Self {
            per_second: rates[rates.len() / 2],
            p50: times[times.len() / 2],
            p99: times[times.len() * 99 / 100],
        }
    }
}

/// Makes the requests of each client, one after the other, the clients at once. The first of each is not measured: it
/// opens the connection. `request` fails when the answer is wrong.
pub(crate) async fn round<T>(clients: &[Vec<T>], request: impl AsyncFn(&Client, &T) -> Result<()>) -> Result<Round> {
    let ready = clients.iter().map(async |requests| {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let (first, rest) = requests.split_first().ok_or("a client without requests")?;
        request(&client, first).await?;
        Ok::<_, Box<dyn std::error::Error>>((client, rest))
    });
    let ready = try_join_all(ready).await?;

    let begun = Instant::now();
    let times = ready.iter().map(async |(client, requests)| {
        let mut times = Vec::with_capacity(requests.len());
        for one in *requests {
            let asked = Instant::now();
            request(client, one).await?;
            times.push(asked.elapsed());
        }
        Ok::<_, Box<dyn std::error::Error>>(times)
    });
    let times = try_join_all(times).await?.concat();
    Ok(Round {
        per_second: times.len() as f64 / begun.elapsed().as_secs_f64(),
        times,
    })
}
