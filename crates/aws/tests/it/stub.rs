//! An AWS that answers as it is told.

use std::collections::HashMap;

use aws::AwsMechanism;
use wiremock::matchers::{body_string_contains, header_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::fixture;

/// Holdfast's own account.
pub(crate) const OWN: &str = "999999999999";
/// The customer's.
pub(crate) const CUSTOMER: &str = "111122223333";

pub(crate) struct Stub {
    server: MockServer,
    pub(crate) mechanism: AwsMechanism,
}

impl Stub {
    /// Every role can be assumed, and sessions are in `session_account`.
    pub(crate) async fn with_sessions_in(session_account: &str) -> Self {
        let server = MockServer::start().await;
        let assumed = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIASESSION</AccessKeyId>\
            <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
            <Expiration>2036-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
        let identity = |account: &str| {
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{account}</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>"
            )
        };
        on("AssumeRole", 200, assumed).mount(&server).await;
        for (credential, account) in [("AKIAOWN", OWN), ("ASIASESSION", session_account)] {
            Mock::given(body_string_contains("Action=GetCallerIdentity&"))
                .and(header_regex("authorization", credential))
                .respond_with(ResponseTemplate::new(200).set_body_string(identity(account)))
                .mount(&server)
                .await;
        }
        let mechanism = fixture::mechanism(&server.uri(), "AKIAOWN").await;
        Self { server, mechanism }
    }

    pub(crate) async fn new() -> Self {
        Self::with_sessions_in(CUSTOMER).await
    }

    /// From now on the operation is answered so.
    pub(crate) async fn answer(&self, operation: &str, status: u16, body: &str) {
        on(operation, status, body).with_priority(2).mount(&self.server).await;
    }

    /// The next call of the operation is answered so.
    pub(crate) async fn answer_once(&self, operation: &str, status: u16, body: &str) {
        on(operation, status, body)
            .up_to_n_times(1)
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    /// The account holds these instances and snapshots (XML), with sensible answers all around.
    pub(crate) async fn holds(&self, instances: &str, snapshots: &str) {
        self.answer(
            "DescribeDBInstances",
            200,
            &listing("DescribeDBInstances", "DBInstances", instances),
        )
        .await;
        self.answer(
            "DescribeDBSnapshots",
            200,
            &listing("DescribeDBSnapshots", "DBSnapshots", snapshots),
        )
        .await;
        let none = listing("DescribeDBInstanceAutomatedBackups", "DBInstanceAutomatedBackups", "");
        self.answer("DescribeDBInstanceAutomatedBackups", 200, &none).await;
    }

    /// The calls of an operation so far: each its parameters.
    pub(crate) async fn calls(&self, operation: &str) -> Vec<HashMap<String, String>> {
        let all = self.server.received_requests().await.unwrap();
        all.iter()
            .map(parameters)
            .filter(|p| p.get("Action").is_some_and(|a| a == operation))
            .collect()
    }
}

fn on(operation: &str, status: u16, body: &str) -> Mock {
    Mock::given(body_string_contains(format!("Action={operation}&")))
        .respond_with(ResponseTemplate::new(status).set_body_raw(body, "text/xml"))
}

fn parameters(request: &Request) -> HashMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// The answer to a listing.
pub(crate) fn listing(operation: &str, list: &str, records: &str) -> String {
    format!(
        "<{operation}Response><{operation}Result><{list}>{records}</{list}></{operation}Result></{operation}Response>"
    )
}

/// An instance as RDS lists it.
pub(crate) fn instance(name: &str, status: &str, tags: &str) -> String {
    format!(
        "<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier><DBInstanceStatus>{status}</DBInstanceStatus>\
         <DBInstanceArn>arn:aws:rds:eu-west-1:{CUSTOMER}:db:{name}</DBInstanceArn><Engine>postgres</Engine>\
         <EngineVersion>16.4</EngineVersion><AllocatedStorage>20</AllocatedStorage><StorageEncrypted>true</StorageEncrypted>\
         <BackupRetentionPeriod>35</BackupRetentionPeriod><PreferredBackupWindow>03:00-04:00</PreferredBackupWindow>\
         <LatestRestorableTime>2026-11-21T11:55:00Z</LatestRestorableTime>\
         <DBSubnetGroup><DBSubnetGroupName>private</DBSubnetGroupName></DBSubnetGroup>\
         <TagList>{tags}</TagList></DBInstance>"
    )
}

/// A snapshot of `prod-pg` as RDS lists it.
pub(crate) fn snapshot(name: &str, kind: &str, status: &str, time: &str) -> String {
    format!(
        "<DBSnapshot><DBSnapshotIdentifier>{name}</DBSnapshotIdentifier><DBInstanceIdentifier>prod-pg</DBInstanceIdentifier>\
         <SnapshotType>{kind}</SnapshotType><Status>{status}</Status><SnapshotCreateTime>{time}</SnapshotCreateTime>\
         <Encrypted>true</Encrypted></DBSnapshot>"
    )
}

/// An error as RDS answers it.
pub(crate) fn error(code: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>because</Message></Error></ErrorResponse>"
    )
}
