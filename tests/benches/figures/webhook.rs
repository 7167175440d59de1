//! webhook-durable: a delivery of GitHub is verified, stored once and answered after the commit.

use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use reqwest::{Client, StatusCode};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::installation::{Installation, WEBHOOK_SECRET};
use crate::pgbench::Script;
use crate::{Comparison, ROUNDS, Result, load, pgbench};

const CLIENTS: usize = 8;
/// Of each client in a round.
const DELIVERIES: usize = 1000;
/// Size of a body, in bytes.
const BODY: usize = 6500;
const SEED: u64 = 6500;

/// The row that a delivery becomes, and no more.
const INSERT: &str = "INSERT INTO webhook_delivery (delivery_id, event, body, received_at, state) \
    VALUES (gen_random_uuid()::text, 'issues', convert_to(:body, 'UTF8'), now(), 'new');";

/// Words of an issue's text, so that a body compresses as people's text does.
const WORDS: [&str; 32] = [
    "backup",
    "database",
    "please",
    "restore",
    "retention",
    "the",
    "customer",
    "production",
    "of",
    "staging",
    "window",
    "snapshot",
    "we",
    "need",
    "days",
    "until",
    "audit",
    "and",
    "cluster",
    "orders",
    "payments",
    "is",
    "daily",
    "hourly",
    "keep",
    "region",
    "before",
    "migration",
    "to",
    "volume",
    "after",
    "on",
];

struct Delivery {
    id: String,
    body: String,
    signature: String,
}

impl Delivery {
    fn new(random: &mut SmallRng, number: usize) -> Self {
        let body = issue_event(random, number);
        let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).expect("a key may have any length");
        mac.update(body.as_bytes());
        Self {
            id: Uuid::new_v4().to_string(),
            signature: format!("sha256={}", hex::encode(mac.finalize().into_bytes())),
            body,
        }
    }
}

pub(crate) async fn measure(installation: &Installation) -> Result<Comparison> {
    let mut random = SmallRng::seed_from_u64(SEED);
    let server = installation.serve().await?;
    let mut owner = installation.owner().await?;
    let url = format!("{}/webhooks/github", server.url);
    let example = issue_event(&mut random, 0);
    let script = Script {
        sql: INSERT,
        variables: &[("body", &example)],
    };
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let deliveries: Vec<Vec<_>> = (0..CLIENTS)
            .map(|_| {
                (0..=DELIVERIES)
                    .map(|number| Delivery::new(&mut random, number))
                    .collect()
            })
            .collect();
        let round = load::round(&deliveries, async |client, delivery| {
            deliver(client, &url, delivery).await
        });
        ours.push(round.await?);
        assert_stored(&mut owner, deliveries.iter().flatten()).await?;

        let database = installation.owner_url();
        let dir = installation.dir.path();
        limit.push(pgbench::round(&database, dir, &script, CLIENTS, DELIVERIES).await?);
    }
    server.stop().await;
    Ok(Comparison {
        ours: ours.into(),
        limit: limit.into(),
    })
}

async fn deliver(client: &Client, url: &str, delivery: &Delivery) -> Result<()> {
    let answer = client
        .post(url)
        .header("x-github-event", "issues")
        .header("x-github-delivery", &delivery.id)
        .header("x-hub-signature-256", &delivery.signature)
        .header("content-type", "application/json")
        .body(delivery.body.clone())
        .send()
        .await?;
    match answer.status() {
        StatusCode::ACCEPTED => Ok(()),
        other => Err(format!("a delivery got {other}: {}", answer.text().await?).into()),
    }
}

/// Fails unless each delivery is in the inbox, with the bytes that were sent.
async fn assert_stored(owner: &mut PgConnection, deliveries: impl Iterator<Item = &Delivery>) -> Result<()> {
    let (ids, digests): (Vec<_>, Vec<_>) = deliveries
        .map(|delivery| (&*delivery.id, Sha256::digest(&delivery.body).to_vec()))
        .unzip();
    let stored: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM webhook_delivery
         JOIN unnest($1::text[], $2::bytea[]) AS sent (id, digest) ON sent.id = delivery_id AND sent.digest = sha256(body)
         WHERE state = 'new'",
    )
    .bind(&ids)
    .bind(&digests)
    .fetch_one(owner)
    .await?;
    if usize::try_from(stored)? == ids.len() {
        Ok(())
    } else {
        Err(format!("{} deliveries were accepted, {stored} are stored", ids.len()).into())
    }
}

/// The payload of an opened issue, [`BODY`] bytes long.
fn issue_event(random: &mut SmallRng, number: usize) -> String {
    let event = |text: &str| {
        json!({
            "action": "opened",
            "issue": {
                "id": 3_000_000 + number,
                "number": number,
                "title": "Back up prod-pg",
                "state": "open",
                "user": { "id": 9000, "login": "acme-dev", "type": "User" },
                "labels": [{ "id": 1, "name": "backup", "color": "0e8a16" }],
                "body": text,
            },
            "repository": { "id": 5000, "full_name": "acme/platform", "private": true },
            "installation": { "id": 7000 },
            "sender": { "id": 9000, "login": "acme-dev", "type": "User" },
        })
        .to_string()
    };
    let length = BODY - event("").len();
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        text.extend(WORDS.choose(random).copied());
        text.push(' ');
    }
    text.truncate(length);
    event(&text)
}
