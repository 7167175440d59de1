//! import-10k: an onboarding document of 10,000 components is imported as its dry run showed it, through the API.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::{Cx, Db, SystemClock};
use domain::role::Role;
use reqwest::{Client, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::installation::Installation;
use crate::{ROUNDS, Result};

const COMPONENTS: usize = 10_000;
/// What one import may take (issue 4).
const LIMIT: Duration = Duration::from_secs(5);
const EMAIL: &str = "admin@provider.test";

/// How long the import took, without its dry run: the longest of the rounds, each at a customer of its own.
pub(crate) async fn measure(installation: &Installation) -> Result<Duration> {
    let server = installation.serve().await?;
    let db = Db::connect(installation.app_url().expose_secret(), 1).await?;
    let cx = Cx::new(db, Arc::new(SystemClock));
    let password = "correct horse battery staple";
    app::user::create(&cx, EMAIL, "Admin", password.into(), &[(Role::Admin, None)]).await?;
    let token = app::user::create_token(&cx, EMAIL, "figures", None).await?;
    let client = Client::new();
    let post = async |path: &str, body: &Value| -> Result<(StatusCode, Value)> {
        let url = format!("{}/api/v1/customers{path}", server.url);
        let answer = client.post(url).bearer_auth(&token).json(body).send().await?;
        Ok((answer.status(), answer.json().await?))
    };
    let mut longest = Duration::ZERO;
    for round in 0..ROUNDS {
        let slug = format!("import-{round}");
        let customer = json!({
            "slug": slug, "name": slug, "service_level": "baseline", "approval_rule": "both", "terms_version": "1", "time_zone": "UTC",
        });
        post("", &customer).await?;
        let mut body = json!({
            "format": "csv", "document": document(), "signed_by": ["Ana"], "signed_on": "2026-01-05",
        });
        let (_, shown) = post(&format!("/{slug}/imports?dry_run=true"), &body).await?;
        body["digest"] = shown["digest"].clone();
        let begun = Instant::now();
        let (status, import) = post(&format!("/{slug}/imports"), &body).await?;
        longest = longest.max(begun.elapsed());
        if (status, &import["new"], &import["decided"])
            != (StatusCode::CREATED, &json!(COMPONENTS), &json!(COMPONENTS / 2))
        {
            return Err(format!("the import of {slug}: {status}, {import}").into());
        }
    }
    server.stop().await;
    if longest > LIMIT {
        return Err(format!("an import of {COMPONENTS} components took {longest:?}, {LIMIT:?} are allowed").into());
    }
    Ok(longest)
}

/// Half of its components are in scope.
fn document() -> String {
    let mut text =
        String::from("name,environment,kind,workload,owner,engine,version,size,decision,tier,retention,frequency\n");
    for number in 0..COMPONENTS {
        let terms = if number % 2 == 0 { "in,2,35 days,daily" } else { ",,," };
        text.push_str(&format!(
            "db-{number},production,self-managed-database,shop,platform team,PostgreSQL,16,20 GiB,{terms}\n"
        ));
    }
    text
}
