//! page-list: the changes of one customer among fifty, in one state, the newest fifty, signed in by the session's cookie.

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::{Client, StatusCode, header};

use crate::installation::Installation;
use crate::pgbench::Script;
use crate::{Comparison, ROUNDS, Result, engineer, load, pgbench};

const CLIENTS: usize = 4;
/// Of each client in a round.
const PAGES: usize = 1000;
/// Of each client in a round of the limit: it takes a fraction of the time.
const QUERIES: usize = 4000;
/// Customers, as `page_list.seed.sql` makes them.
const CUSTOMERS: u32 = 50;
const STATE: &str = "planned";
/// Rows on a page.
const ROWS: usize = 50;
const SEED: u64 = 50;

pub(crate) async fn measure(installation: &Installation) -> Result<Comparison> {
    let mut owner = installation.owner().await?;
    sqlx::raw_sql(include_str!("page_list.seed.sql"))
        .execute(&mut owner)
        .await?;
    let server = installation.serve().await?;
    let cookie = engineer::sign_in(installation, &server).await?;

    let mut random = SmallRng::seed_from_u64(SEED);
    let script = Script {
        sql: include_str!("page_list.limit.sql"),
        variables: &[("state", STATE)],
    };
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let customers: Vec<Vec<_>> = (0..CLIENTS)
            .map(|_| {
                (0..=PAGES)
                    .map(|_| format!("customer-{}", random.random_range(1..=CUSTOMERS)))
                    .collect()
            })
            .collect();
        let round = load::round(&customers, async |client, customer| {
            open(client, &server.url, &cookie, customer).await
        });
        ours.push(round.await?);

        let database = installation.owner_url();
        let dir = installation.dir.path();
        limit.push(pgbench::round(&database, dir, &script, CLIENTS, QUERIES).await?);
    }
    server.stop().await;
    Ok(Comparison {
        ours: ours.into(),
        limit: limit.into(),
    })
}

/// Opens the list. Each title says its state and its customer, so a row that does not belong there shows.
async fn open(client: &Client, url: &str, cookie: &str, customer: &str) -> Result<()> {
    let answer = client
        .get(format!("{url}/customers/{customer}/changes?state={STATE}"))
        .header(header::COOKIE, cookie)
        .send()
        .await?;
    let status = answer.status();
    let page = answer.text().await?;
    let rows = page.matches("<tr>").count() - 1;
    let right = page.matches(&format!("Keep {STATE} of {customer} days<")).count();
    if (status, rows, right) == (StatusCode::OK, ROWS, ROWS) {
        Ok(())
    } else {
        Err(format!("the list of {customer}: {status}, {rows} rows, {right} of them right").into())
    }
}
