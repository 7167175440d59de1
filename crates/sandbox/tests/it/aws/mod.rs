//! The AWS front, over a real ministack, used by the SDK.

mod authority;
mod backups;
mod clusters;
mod copies;
mod events;
mod exports;
mod faults;
mod front;
mod limits;
mod plan_runs;
mod plans;
mod replicas;
mod reports;
mod restore;
mod restore_tests;
mod restores;
mod retained;
mod sharing;
mod snapshot_copies;
mod tags;
mod vaulted;
mod witness;

use aws_sdk_rds::Client;
use aws_sdk_rds::config::retry::RetryConfig;
use aws_sdk_rds::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use sandbox::{Config, Running};
use serde_json::{Value, json};

const PORTAL: &str = "999900000000";
const EXTERNAL_ID: &str = "external-1";
const RDS: (&str, &str) = ("rds", "2014-10-31");

/// A customer's account with the database `prod-pg`, not backed up, and the role `portal` for whoever knows the ExternalId.
struct Account {
    id: String,
    running: Running,
    ministack: String,
    http: reqwest::Client,
}

fn fresh_account() -> String {
    format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000)
}

/// The code of a refusal.
fn code<T, E, R>(answer: Result<T, SdkError<E, R>>) -> String
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let refused = answer.err().expect("the call is refused");
    refused.code().unwrap_or("no code").to_owned()
}

impl Account {
    async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// With a sandbox that is started so.
    async fn with(config: Config) -> Self {
        let ministack = std::env::var("HOLDFAST_TEST_MINISTACK").expect(
            "HOLDFAST_TEST_MINISTACK names no ministack (started with AUTH=true): run `make test`, which starts one",
        );
        // Tests share the ministack: each has an account of its own, whatever ran before.
        let id = fresh_account();
        let config = Config {
            ministack: Some(ministack.parse().unwrap()),
            ..config
        };
        let running = sandbox::start(config).await.unwrap();
        let account = Self {
            id,
            running,
            ministack,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        account.add_role().await;
        account
            .root()
            .create_db_instance()
            .db_instance_identifier("prod-pg")
            .db_instance_class("db.t3.medium")
            .engine("postgres")
            .allocated_storage(20)
            .master_username("postgres")
            .master_user_password("not-a-secret")
            .storage_encrypted(true)
            .backup_retention_period(0)
            .send()
            .await
            .unwrap();
        account
    }

    async fn add_role(&self) {
        self.add_role_for("portal", "rds:*").await;
    }

    /// A role that may do `actions`, for whoever knows the ExternalId.
    async fn add_role_for(&self, name: &str, actions: &str) {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{PORTAL}:root")}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}}]});
        let all =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        let iam = ("iam", "2010-05-08");
        let role = [("RoleName", name), ("AssumeRolePolicyDocument", &trust.to_string())];
        self.post(&self.ministack, &self.id, iam, "CreateRole", &role)
            .await
            .unwrap();
        let policy = [
            ("RoleName", name),
            ("PolicyName", "all"),
            ("PolicyDocument", &all.to_string()),
        ];
        self.post(&self.ministack, &self.id, iam, "PutRolePolicy", &policy)
            .await
            .unwrap();
    }

    /// A call of the query protocol as the root of an account, whose signature ministack does not look at.
    async fn request(
        &self,
        to: &str,
        root: &str,
        (service, version): (&str, &str),
        action: &str,
        params: &[(&str, &str)],
    ) -> reqwest::Request {
        let now = self.now().await.strftime("%Y%m%dT%H%M%SZ").to_string();
        let scope = format!("{root}/{}/eu-west-1/{service}/aws4_request", &now[..8]);
        let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=00");
        let head = [("Action", action), ("Version", version)];
        let form: Vec<&(&str, &str)> = head.iter().chain(params).collect();
        let request = self.http.post(to).form(&form);
        let request = request.header("authorization", authorization);
        request.header("x-amz-date", now).build().unwrap()
    }

    /// The answer's text, as an error where it is a refusal.
    async fn post(
        &self,
        to: &str,
        root: &str,
        service: (&str, &str),
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<String, String> {
        let request = self.request(to, root, service, action, params).await;
        let response = self.http.execute(request).await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        if status.is_success() { Ok(text) } else { Err(text) }
    }

    /// A call of the JSON protocol at ministack itself, as the account's root.
    async fn json(&self, service: &str, target: &str, body: Value) -> Value {
        let now = self.now().await.strftime("%Y%m%dT%H%M%SZ").to_string();
        let scope = format!("{}/{}/eu-west-1/{service}/aws4_request", self.id, &now[..8]);
        let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=00");
        let request = self.http.post(&self.ministack).body(body.to_string());
        let request = request.header("authorization", authorization).header("x-amz-date", now);
        let request = request.header("content-type", "application/x-amz-json-1.1");
        let answer = request.header("x-amz-target", target).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{target}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn client(&self, credentials: Credentials) -> Client {
        self.client_in("eu-west-1", credentials)
    }

    fn client_in(&self, region: &'static str, credentials: Credentials) -> Client {
        let config = aws_sdk_rds::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url(&self.running.url)
            .retry_config(RetryConfig::disabled())
            .credentials_provider(credentials);
        Client::from_conf(config.build())
    }

    fn root(&self) -> Client {
        self.client(Credentials::new(&self.id, "test", None, None, "test"))
    }

    /// The root in another region.
    fn root_in(&self, region: &'static str) -> Client {
        self.client_in(region, Credentials::new(&self.id, "test", None, None, "test"))
    }

    /// The root of another account, with its id.
    fn stranger(&self) -> (String, Client) {
        let id = fresh_account();
        let client = self.client(Credentials::new(&id, "test", None, None, "test"));
        (id, client)
    }

    /// A manual snapshot of `prod-pg`.
    async fn snapshot(&self, name: &str) {
        let create = self.root().create_db_snapshot().db_snapshot_identifier(name);
        create.db_instance_identifier("prod-pg").send().await.unwrap();
    }

    async fn snapshot_status(&self, client: &Client, name: &str) -> String {
        let described = client.describe_db_snapshots().db_snapshot_identifier(name);
        let described = described.send().await.unwrap();
        described.db_snapshots()[0].status().unwrap().to_owned()
    }

    async fn fault(&self, operation: &str, kind: &str, message: &str) {
        let rule =
            json!({"service": "rds", "account": self.id, "operation": operation, "kind": kind, "message": message});
        self.control(reqwest::Method::POST, "/faults", rule).await;
    }

    /// The role's session through the sandbox, narrowed to `actions` on `resources`.
    async fn session(&self, actions: &[&str], resources: &[&str]) -> Client {
        self.client(self.credentials("portal", actions, resources).await)
    }

    /// Of a session of the role, narrowed to `actions` on `resources`.
    async fn credentials(&self, role: &str, actions: &[&str], resources: &[&str]) -> Credentials {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}]});
        let role = format!("arn:aws:iam::{}:role/{role}", self.id);
        let params = [
            ("RoleArn", role.as_str()),
            ("RoleSessionName", "holdfast"),
            ("ExternalId", EXTERNAL_ID),
            ("SourceIdentity", "change-1"),
            ("Policy", &policy.to_string()),
        ];
        let answer = self
            .post(&self.running.url, PORTAL, ("sts", "2011-06-15"), "AssumeRole", &params)
            .await
            .unwrap();
        let field = |name: &str| {
            let rest = answer.split_once(&format!("<{name}>")).unwrap().1;
            rest.split_once('<').unwrap().0.to_owned()
        };
        let token = Some(field("SessionToken"));
        Credentials::new(field("AccessKeyId"), field("SecretAccessKey"), token, None, "test")
    }

    fn arn(&self, instance: &str) -> String {
        format!("arn:aws:rds:eu-west-1:{}:db:{instance}", self.id)
    }

    async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox{path}", self.running.url);
        let response = self
            .http
            .request(method, url)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        response.json().await.unwrap()
    }

    async fn now(&self) -> jiff::Timestamp {
        let clock = self.control(reqwest::Method::GET, "/clock", Value::Null).await;
        clock["now"].as_str().unwrap().parse().unwrap()
    }

    async fn advance(&self, seconds: u32) {
        self.control(reqwest::Method::POST, "/clock", json!({"advance_seconds": seconds}))
            .await;
    }

    async fn retain(&self, days: i32) {
        let modified = self
            .root()
            .modify_db_instance()
            .db_instance_identifier("prod-pg")
            .backup_retention_period(days);
        modified
            .preferred_backup_window("02:00-02:30")
            .apply_immediately(true)
            .send()
            .await
            .unwrap();
    }

    /// Identifiers of the automated snapshots of `prod-pg`, oldest first.
    async fn automated(&self) -> Vec<String> {
        let described = self
            .root()
            .describe_db_snapshots()
            .db_instance_identifier("prod-pg")
            .snapshot_type("automated");
        let listed = described.send().await.unwrap();
        listed
            .db_snapshots()
            .iter()
            .map(|snapshot| snapshot.db_snapshot_identifier().unwrap().to_owned())
            .collect()
    }

    async fn status(&self, instance: &str) -> String {
        let described = self
            .root()
            .describe_db_instances()
            .db_instance_identifier(instance)
            .send()
            .await
            .unwrap();
        described.db_instances()[0].db_instance_status().unwrap().to_owned()
    }
}
