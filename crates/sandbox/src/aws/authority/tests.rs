//! Sessions that a ministack hands out, and its own evaluator as a second opinion.

use axum::body::Body;
use axum::extract::Request as HttpRequest;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::super::Aws;
use super::*;
use crate::aws::request::Call;
use crate::faults::Faults;

const IAM: (&str, &str) = ("iam", "2010-05-08");
const PORTAL: &str = "999900000000";
const LIST: &str = "backup:ListRecoveryPointsByBackupVault";
const DELETE: &str = "backup:DeleteRecoveryPoint";

/// An account of its own in a ministack that the tests share.
struct World {
    account: String,
    aws: Aws,
}

impl World {
    fn new() -> Self {
        let url = std::env::var("HOLDFAST_TEST_MINISTACK").expect(
            "HOLDFAST_TEST_MINISTACK names no ministack (started with AUTH=true): run `make test`, which starts one",
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            account: format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000),
            aws: Aws::new(Some(url.parse().unwrap()), (3, 3), http),
        }
    }

    fn ministack(&self) -> &Ministack {
        self.aws.ministack.as_ref().unwrap()
    }

    async fn iam(&self, action: &str, params: &[(&str, &str)]) -> super::super::xml::Element {
        let asked = self
            .ministack()
            .as_root(&self.account, "us-east-1", IAM, action, params)
            .await;
        asked.unwrap_or_else(|refusal| panic!("{action}: {refusal:?}"))
    }

    /// With an inline policy, for the portal and for AWS Backup.
    async fn add_role(&self, name: &str, policy: &Value) -> String {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": PORTAL}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
            {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": self.account}}}]});
        let params = [
            ("RoleName", name),
            ("Path", "/holdfast/"),
            ("AssumeRolePolicyDocument", &trust.to_string()),
        ];
        self.iam("CreateRole", &params).await;
        self.put(name, policy).await;
        format!("arn:aws:iam::{}:role/holdfast/{name}", self.account)
    }

    /// Replaces the role's inline policy.
    async fn put(&self, role: &str, policy: &Value) {
        let params = [
            ("RoleName", role),
            ("PolicyName", "inline"),
            ("PolicyDocument", &policy.to_string()),
        ];
        self.iam("PutRolePolicy", &params).await;
    }

    /// A managed policy; returns its ARN.
    async fn manage(&self, name: &str, policy: &Value) -> String {
        let created = self
            .iam(
                "CreatePolicy",
                &[("PolicyName", name), ("PolicyDocument", &policy.to_string())],
            )
            .await;
        created.find("Arn").unwrap().text.clone()
    }

    /// A session of the role, asked for with `params` by the portal through the sandbox.
    async fn session(&self, role: &str, params: &[(&str, &str)]) -> Caller {
        let now = clock::wall();
        let date = now.strftime("%Y%m%d");
        let head = [
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", role),
            ("RoleSessionName", "change-1"),
        ];
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(head)
            .extend_pairs(params)
            .finish();
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={PORTAL}/{date}/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=00"
        );
        let request = HttpRequest::post("/")
            .header("authorization", authorization)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-amz-date", now.strftime("%Y%m%dT%H%M%SZ").to_string())
            .body(Body::from(body))
            .unwrap();
        let call = Call::read(request).await.unwrap();
        let portal = self.caller(&call.access_key).await;
        let answer = self
            .aws
            .perform(&call, &portal, (&Faults::default(), now), None)
            .await
            .unwrap();
        let answer = answer.document().unwrap();
        let key = &answer.find("AccessKeyId").unwrap_or_else(|| panic!("{answer}")).text;
        self.caller(key).await
    }

    async fn caller(&self, key: &str) -> Caller {
        self.aws.identities.resolve(self.aws.ministack.as_ref(), key).await
    }

    /// The end of the sentence that denies, after the resource; empty where nothing is denied.
    async fn because(&self, caller: &Caller, action: &str) -> String {
        let vault = format!("arn:aws:backup:eu-west-1:{}:backup-vault:gold", self.account);
        let checked = self
            .aws
            .authority
            .check(Some(self.ministack()), caller, action, &vault, &[])
            .await;
        let Err(denied) = checked else {
            return String::new();
        };
        let before = format!(
            "User: {} is not authorized to perform: {action} on resource: {vault} ",
            caller.principal
        );
        let because = denied
            .message
            .strip_prefix(&before)
            .unwrap_or_else(|| panic!("{denied}"));
        because.to_owned()
    }
}

fn policy(effect: &str, actions: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": actions, "Resource": "*"}]})
}

#[tokio::test]
async fn every_layer_must_allow_and_none_may_deny() {
    let w = World::new();
    let role = w.add_role("tune", &policy("Allow", json!("backup:L*"))).await;
    let plain = w.session(&role, &[]).await;
    assert_eq!(w.because(&plain, LIST).await, "");
    assert_eq!(
        w.because(&plain, DELETE).await,
        format!("because no identity-based policy allows the {DELETE} action")
    );

    let attached = w.manage("attached", &policy("Allow", json!("backup:*"))).await;
    w.iam("AttachRolePolicy", &[("RoleName", "tune"), ("PolicyArn", &attached)])
        .await;
    // IAM is believed for some seconds, but a new session brings its news.
    let plain = w.session(&role, &[]).await;
    assert_eq!(w.because(&plain, DELETE).await, "");

    let narrow = policy("Allow", json!(LIST)).to_string();
    let narrowed = w.session(&role, &[("Policy", &narrow)]).await;
    assert_eq!(w.because(&narrowed, LIST).await, "");
    let outside = format!("because no session policy allows the {DELETE} action");
    assert_eq!(w.because(&narrowed, DELETE).await, outside);
    let by_arn = w
        .session(&role, &[("Policy", &narrow), ("PolicyArns.member.1.arn", &attached)])
        .await;
    assert_eq!(w.because(&by_arn, DELETE).await, "");
    let denying = policy("Deny", json!(DELETE)).to_string();
    let denying = w.session(&role, &[("Policy", &denying)]).await;
    assert_eq!(
        w.because(&denying, DELETE).await,
        "with an explicit deny in a session policy"
    );

    let boundary = w.manage("boundary", &policy("Allow", json!("backup:List*"))).await;
    w.iam(
        "PutRolePermissionsBoundary",
        &[("RoleName", "tune"), ("PermissionsBoundary", &boundary)],
    )
    .await;
    let bounded = w.session(&role, &[]).await;
    assert_eq!(w.because(&bounded, LIST).await, "");
    let outside = format!("because no permissions boundary allows the {DELETE} action");
    assert_eq!(w.because(&bounded, DELETE).await, outside);

    w.put("tune", &policy("Deny", json!("backup:*"))).await;
    let denied = w.session(&role, &[]).await;
    assert_eq!(
        w.because(&denied, LIST).await,
        "with an explicit deny in an identity-based policy"
    );
    // What was believed of the role is gone for its older sessions, too.
    assert_eq!(
        w.because(&plain, LIST).await,
        "with an explicit deny in an identity-based policy"
    );
}

#[tokio::test]
async fn a_session_has_its_tags_its_source_identity_and_its_roles_arn() {
    let w = World::new();
    let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "backup:*",
        "Resource": "arn:aws:backup:*:${aws:PrincipalAccount}:backup-vault:${aws:PrincipalTag/vault}",
        "Condition": {"StringEquals": {"aws:SourceIdentity": "change-1"},
            "ArnEquals": {"aws:PrincipalArn": format!("arn:aws:iam::{}:role/holdfast/own", w.account)}}}]});
    let role = w.add_role("own", &own).await;
    w.iam(
        "TagRole",
        &[
            ("RoleName", "own"),
            ("Tags.member.1.Key", "Vault"),
            ("Tags.member.1.Value", "gold"),
        ],
    )
    .await;
    let change = ("SourceIdentity", "change-1");
    assert_eq!(w.because(&w.session(&role, &[change]).await, LIST).await, "");
    let elsewhere = [
        change,
        ("Tags.member.1.Key", "vault"),
        ("Tags.member.1.Value", "silver"),
    ];
    let denied = format!("because no identity-based policy allows the {LIST} action");
    assert_eq!(w.because(&w.session(&role, &elsewhere).await, LIST).await, denied);
    assert_eq!(w.because(&w.session(&role, &[]).await, LIST).await, denied);
}

#[tokio::test]
async fn who_is_not_known_may_nothing_and_the_root_everything() {
    let w = World::new();
    let root = w.caller(&w.account).await;
    assert_eq!(w.because(&root, DELETE).await, "");
    let stranger = w.caller("ASIANOBODYKNOWSTHIS0").await;
    let checked = w
        .aws
        .authority
        .check(Some(w.ministack()), &stranger, DELETE, "*", &[])
        .await;
    assert_eq!(checked, Err(Denied::unknown_key()));
    let role = w.add_role("gone", &policy("Allow", json!("*"))).await;
    let orphan = w.session(&role, &[]).await;
    w.iam("DeleteRolePolicy", &[("RoleName", "gone"), ("PolicyName", "inline")])
        .await;
    w.iam("DeleteRole", &[("RoleName", "gone")]).await;
    let checked = w
        .aws
        .authority
        .check(Some(w.ministack()), &orphan, DELETE, "*", &[])
        .await;
    assert_eq!(checked, Err(Denied::unknown_key()));
}

#[tokio::test]
async fn a_service_assumes_only_a_role_that_trusts_it() {
    let w = World::new();
    let role = w.add_role("service", &policy("Allow", json!("*"))).await;
    let source = [("aws:SourceAccount", w.account.clone())];
    let authority = &w.aws.authority;
    let assumes = async |arn: &str, service, source: &[(&str, String)]| {
        authority
            .may_assume(Some(w.ministack()), arn, service, source)
            .await
            .unwrap()
    };
    assert!(assumes(&role, "backup.amazonaws.com", &source).await);
    assert!(
        !assumes(
            &role,
            "backup.amazonaws.com",
            &[("aws:SourceAccount", PORTAL.to_owned())]
        )
        .await
    );
    assert!(!assumes(&role, "dlm.amazonaws.com", &source).await);
    let without_path = format!("arn:aws:iam::{}:role/service", w.account);
    for nobody in [without_path.as_str(), "service"] {
        assert!(!assumes(nobody, "backup.amazonaws.com", &source).await, "{nobody}");
    }
}

#[tokio::test]
async fn a_malformed_session_policy_is_refused_before_a_session_begins() {
    let w = World::new();
    let role = w.add_role("tune", &policy("Allow", json!("*"))).await;
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("Action", "AssumeRole"), ("RoleArn", &role), ("RoleSessionName", "x")])
        .append_pair("Policy", r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"a": "b"}}}}"#)
        .finish();
    let authorization = format!("AWS4-HMAC-SHA256 Credential={PORTAL}/20260101/eu-west-1/sts/aws4_request");
    let request = HttpRequest::post("/")
        .header("authorization", authorization)
        .body(Body::from(body))
        .unwrap();
    let call = Call::read(request).await.unwrap();
    let portal = w.caller(&call.access_key).await;
    let refused = w
        .aws
        .perform(&call, &portal, (&Faults::default(), clock::wall()), None)
        .await
        .unwrap_err()
        .into_answer();
    assert_eq!(refused.error_code().as_deref(), Some("MalformedPolicyDocument"));
}

mod second_opinion;
