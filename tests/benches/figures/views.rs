//! page-fleet, page-status and page-sow: the pages over 1,000 customers of 100 components, and over one of 10,000, signed in
//! by the session's cookie; and page-fleet once more with ten times the history, which must not cost more.

use reqwest::{Client, StatusCode, header};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::installation::{Installation, Server};
use crate::pgbench::Script;
use crate::{Comparison, ROUNDS, Result, engineer, load, pgbench};

const CLIENTS: usize = 4;
/// Of each client in a round.
const PAGES: usize = 250;
/// Of each client in a round of the limit.
const QUERIES: usize = 500;
/// Rows on a page.
const ROWS: usize = 50;

/// Changes and recovery points of each customer, and how many come on top so that there are ten times as many.
const HISTORY: [(u32, u32); 2] = [(20, 1), (180, 9)];

const FLEET: &str = include_str!("views.fleet.limit.sql");
const COMPONENTS: &str = include_str!("views.components.limit.sql");

/// A page that is opened, and what it has to show.
struct Opened {
    path: &'static str,
    /// Stands in every row.
    every: &'static str,
    /// Stands first in the table.
    first: String,
}

/// Each figure by its name.
pub(crate) async fn measure(installation: &Installation) -> Result<Vec<(&'static str, Comparison)>> {
    let mut owner = installation.owner().await?;
    sqlx::raw_sql(include_str!("views.seed.sql"))
        .execute(&mut owner)
        .await?;
    add_history(&mut owner, HISTORY[0]).await?;
    let server = installation.serve().await?;
    let bench = Bench {
        cookie: engineer::sign_in(installation, &server).await?,
        installation,
        server: &server,
    };
    let fleet = Opened {
        path: "/",
        every: "class=\"badge",
        first: worst(&mut owner).await?,
    };
    let large = |path| Opened {
        path,
        every: "",
        first: String::new(),
    };
    let searched = |path| Opened {
        path,
        every: "orders-",
        first: String::new(),
    };
    let searched_limit = [("q", "%orders%"), ("environment", "production")];
    let whole_limit = [("q", "%"), ("environment", "%")];
    let mut figures = vec![
        ("page-fleet, 4 clients", bench.figure(&fleet, FLEET, &[]).await?),
        (
            "page-status of 10,000 components, 4 clients",
            bench
                .figure(&large("/customers/large"), COMPONENTS, &whole_limit)
                .await?,
        ),
        (
            "page-status of 10,000, filtered and searched",
            bench
                .figure(
                    &searched("/customers/large?q=orders&environment=production"),
                    COMPONENTS,
                    &searched_limit,
                )
                .await?,
        ),
        (
            "page-sow of 10,000 components, 4 clients",
            bench
                .figure(&large("/customers/large/scope"), COMPONENTS, &whole_limit)
                .await?,
        ),
        (
            "page-sow of 10,000, filtered and searched",
            bench
                .figure(
                    &searched("/customers/large/scope?q=orders&environment=production"),
                    COMPONENTS,
                    &searched_limit,
                )
                .await?,
        ),
    ];
    add_history(&mut owner, HISTORY[1]).await?;
    figures.push((
        "page-fleet with ten times the history",
        bench.figure(&fleet, FLEET, &[]).await?,
    ));
    server.stop().await;
    Ok(figures)
}

async fn add_history(owner: &mut PgConnection, (changes, points): (u32, u32)) -> Result<()> {
    let sql = include_str!("views.history.sql")
        .replace(":changes", &changes.to_string())
        .replace(":points", &points.to_string());
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await?;
    Ok(())
}

/// The customer that comes first, reckoned from every component.
async fn worst(owner: &mut PgConnection) -> Result<String> {
    let slug: String = sqlx::query_scalar(
        "SELECT slug FROM component_status JOIN tenant USING (tenant_id),
           LATERAL (SELECT protection_state(standing, observed_at, now() - interval '30 minutes')) AS s (state)
         GROUP BY tenant_id, slug, tenant.name
         ORDER BY count(*) FILTER (WHERE state = 'unprotected') DESC, count(*) FILTER (WHERE state = 'at-risk') DESC,
           count(*) FILTER (WHERE state = 'unknown') DESC, tenant.name LIMIT 1",
    )
    .fetch_one(owner)
    .await?;
    Ok(format!("href=\"/customers/{slug}\""))
}

struct Bench<'a> {
    installation: &'a Installation,
    server: &'a Server,
    cookie: String,
}

impl Bench<'_> {
    /// The page and its statement take turns.
    async fn figure(&self, page: &Opened, sql: &str, variables: &[(&str, &str)]) -> Result<Comparison> {
        let script = Script { sql, variables };
        let clients = vec![vec![page; PAGES + 1]; CLIENTS];
        let (mut ours, mut limit) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let round = load::round(&clients, async |client, page| self.open(client, page).await);
            ours.push(round.await?);
            // As the application's role: row-level security is part of the limit.
            let database = self.installation.app_url();
            let dir = self.installation.dir.path();
            limit.push(pgbench::round(&database, dir, &script, CLIENTS, QUERIES).await?);
        }
        Ok(Comparison {
            ours: ours.into(),
            limit: limit.into(),
        })
    }

    async fn open(&self, client: &Client, page: &Opened) -> Result<()> {
        let answer = client
            .get(format!("{}{}", self.server.url, page.path))
            .header(header::COOKIE, &self.cookie)
            .send()
            .await?;
        let status = answer.status();
        let html = answer.text().await?;
        let table = html
            .split("<tbody>")
            .nth(1)
            .and_then(|rest| rest.split("</tbody>").next());
        let rows: Vec<_> = table.unwrap_or_default().split("<tr>").skip(1).collect();
        let right = rows.iter().filter(|row| row.contains(page.every)).count();
        let first = rows.first().is_some_and(|row| row.contains(&page.first));
        if status == StatusCode::OK && rows.len() == ROWS && right == ROWS && first {
            Ok(())
        } else {
            let rows = rows.len();
            Err(format!(
                "{}: {status}, {rows} rows, {right} of them right, the first: {first}",
                page.path
            )
            .into())
        }
    }
}
