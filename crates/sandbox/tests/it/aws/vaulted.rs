//! An account with a vault, for the tests of AWS Backup's jobs.

use aws_sdk_backup::Client;
use aws_sdk_backup::config::retry::RetryConfig;
use aws_sdk_backup::config::{BehaviorVersion, Credentials, Region};
use sandbox::Config;
use serde_json::{Value, json};

use super::Account;

pub(super) const EC2: (&str, &str) = ("ec2", "2016-11-15");
pub(super) const HERE: &str = "eu-west-1";

/// The account with the vault `daily` in `eu-west-1`, and the role `backup` for AWS Backup.
pub(super) struct Vaulted {
    pub(super) account: Account,
    pub(super) backup: Client,
}

impl Vaulted {
    pub(super) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// With a sandbox that is started so.
    pub(super) async fn with(config: Config) -> Self {
        let account = Account::with(config).await;
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let role = [("RoleName", "backup"), ("AssumeRolePolicyDocument", &trust.to_string())];
        let iam = ("iam", "2010-05-08");
        account
            .post(&account.ministack, &account.id, iam, "CreateRole", &role)
            .await
            .unwrap();
        let backup = client(&account, &account.id, HERE);
        backup
            .create_backup_vault()
            .backup_vault_name("daily")
            .send()
            .await
            .unwrap();
        Self { account, backup }
    }

    /// AWS Backup in another region or account.
    pub(super) fn elsewhere(&self, account: &str, region: &str) -> Client {
        client(&self.account, account, region)
    }

    pub(super) fn role(&self) -> String {
        format!("arn:aws:iam::{}:role/backup", self.account.id)
    }

    pub(super) fn database(&self) -> String {
        self.account.arn("prod-pg")
    }

    /// A volume of 4 GiB; its ARN.
    pub(super) async fn volume(&self) -> String {
        let params = [("AvailabilityZone", "eu-west-1a"), ("Size", "4")];
        let made = self.root(EC2, "CreateVolume", &params).await;
        let volume = made.split_once("<volumeId>").unwrap().1.split_once('<').unwrap().0;
        format!("arn:aws:ec2:{HERE}:{}:volume/{volume}", self.account.id)
    }

    /// A call of ministack, as the account's root.
    pub(super) async fn root(&self, service: (&str, &str), action: &str, params: &[(&str, &str)]) -> String {
        let a = &self.account;
        a.post(&a.ministack, &a.id, service, action, params).await.unwrap()
    }

    /// Backs up into `daily`; ARN of the recovery point.
    pub(super) async fn back_up(&self, resource: &str) -> String {
        let start = self
            .backup
            .start_backup_job()
            .backup_vault_name("daily")
            .resource_arn(resource);
        let start = start.recovery_point_tags("team", "data").iam_role_arn(self.role());
        let job = start.send().await.unwrap().backup_job_id.unwrap();
        self.account.advance(10).await;
        let done = self
            .backup
            .describe_backup_job()
            .backup_job_id(job)
            .send()
            .await
            .unwrap();
        done.recovery_point_arn
            .unwrap_or_else(|| panic!("{:?}", done.status_message))
    }

    pub(super) async fn fail_next(&self, operation: &str, message: &str, state: Option<&str>) {
        let rule = json!({"service": "backup", "account": self.account.id, "operation": operation,
            "kind": "job-failed", "message": message, "state": state});
        self.account.control(reqwest::Method::POST, "/faults", rule).await;
    }

    /// What EventBridge sends of AWS Backup goes to a queue; its URL.
    pub(super) async fn listen(&self) -> String {
        let a = &self.account;
        let queue = self
            .root(("sqs", "2012-11-05"), "CreateQueue", &[("QueueName", "events")])
            .await;
        let url = queue
            .split_once("<QueueUrl>")
            .unwrap()
            .1
            .split_once('<')
            .unwrap()
            .0
            .to_owned();
        let pattern = json!({"source": ["aws.backup"]}).to_string();
        self.events("PutRule", json!({"Name": "all", "EventPattern": pattern}))
            .await;
        let target = json!({"Id": "queue", "Arn": format!("arn:aws:sqs:{HERE}:{}:events", a.id)});
        self.events("PutTargets", json!({"Rule": "all", "Targets": [target]}))
            .await;
        url
    }

    async fn events(&self, operation: &str, body: Value) {
        self.json("events", &format!("AWSEvents.{operation}"), body).await;
    }

    /// A call of ministack in a JSON protocol, as the account's root.
    pub(super) async fn json(&self, service: &str, target: &str, body: Value) -> Value {
        let text = self.send(service, ("POST", "/"), Some(target), body.to_string()).await;
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A call of ministack in a REST protocol, as the account's root; the answer's text.
    pub(super) async fn rest(&self, service: &str, method: &str, path: &str, body: impl ToString) -> String {
        self.send(service, (method, path), None, body.to_string()).await
    }

    async fn send(&self, service: &str, (method, path): (&str, &str), target: Option<&str>, body: String) -> String {
        let a = &self.account;
        let signed = a.request(&a.ministack, &a.id, (service, ""), "", &[]).await;
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = a.http.request(method, format!("{}{path}", a.ministack)).body(body);
        for name in ["authorization", "x-amz-date"] {
            request = request.header(name, &signed.headers()[name]);
        }
        if let Some(target) = target {
            request = request
                .header("x-amz-target", target)
                .header("content-type", "application/x-amz-json-1.1");
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{service} {path}: {text}");
        text
    }

    /// The events of a kind that arrived since the last look, as their details.
    pub(super) async fn heard(&self, queue: &str, kind: &str) -> Vec<Value> {
        let params = [("QueueUrl", queue), ("MaxNumberOfMessages", "10")];
        let mut heard = Vec::new();
        loop {
            let got = self.root(("sqs", "2012-11-05"), "ReceiveMessage", &params).await;
            let bodies: Vec<&str> = got
                .split("<Body>")
                .skip(1)
                .map(|rest| rest.split_once('<').unwrap().0)
                .collect();
            if bodies.is_empty() {
                return heard;
            }
            let events = bodies
                .iter()
                .map(|body| body.replace("&quot;", "\"").replace("&amp;", "&"));
            let events = events.map(|body| serde_json::from_str::<Value>(&body).unwrap());
            heard.extend(
                events
                    .filter(|event| event["detail-type"] == kind)
                    .map(|mut event| event["detail"].take()),
            );
        }
    }
}

fn client(account: &Account, id: &str, region: &str) -> Client {
    let config = aws_sdk_backup::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(&account.running.url)
        .retry_config(RetryConfig::disabled())
        .credentials_provider(Credentials::new(id, "test", None, None, "test"));
    Client::from_conf(config.build())
}
