//! Every kind of fault, at every service, in the words of its protocol.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Account;

/// A call without an effect, and one with an effect, of each service that the sandbox stands in front of or is.
const SERVICES: [(&str, &str, &str); 4] = [
    ("backup", "ListBackupVaults", "CreateBackupVault"),
    ("dlm", "GetLifecyclePolicies", "CreateLifecyclePolicy"),
    ("rds", "DescribeDBInstances", "CreateDBSnapshot"),
    ("sts", "GetCallerIdentity", "GetSessionToken"),
];

impl Account {
    async fn ask(&self, service: &str, operation: &str) -> Result<(u16, Option<String>, String), reqwest::Error> {
        let answer = self.call(service, operation).await.send().await?;
        let code = answer.headers().get("x-amzn-errortype").cloned();
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let in_xml = || Some(text.split_once("<Code>")?.1.split_once('<')?.0.to_owned());
        let code = code.map(|code| code.to_str().unwrap().to_owned()).or_else(in_xml);
        Ok((status, code, text))
    }

    async fn call(&self, service: &str, operation: &str) -> RequestBuilder {
        let query = |version, params: &[(&str, &str)]| {
            let head = [("Action", operation), ("Version", version)];
            let form: Vec<_> = head.iter().chain(params).copied().collect();
            self.http.post(&self.running.url).form(&form)
        };
        let rest = |method, path, body: Value| {
            let request = self.http.request(method, format!("{}{path}", self.running.url));
            request.body(body.to_string())
        };
        let request = match operation {
            "ListBackupVaults" => rest(Method::GET, "/backup-vaults/", Value::Null),
            "CreateBackupVault" => rest(Method::PUT, "/backup-vaults/lost", json!({})),
            "GetLifecyclePolicies" => rest(Method::GET, "/policies", Value::Null),
            "CreateLifecyclePolicy" => rest(Method::POST, "/policies", self.policy()),
            "DescribeDBInstances" => query("2014-10-31", &[]),
            "CreateDBSnapshot" => query(
                "2014-10-31",
                &[("DBInstanceIdentifier", "prod-pg"), ("DBSnapshotIdentifier", "lost")],
            ),
            _ => query("2011-06-15", &[]),
        };
        let now = self.now().await.strftime("%Y%m%dT%H%M%SZ").to_string();
        let scope = format!("{}/{}/eu-west-1/{service}/aws4_request", self.id, &now[..8]);
        let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=00");
        request.header("authorization", authorization).header("x-amz-date", now)
    }

    fn policy(&self) -> Value {
        json!({
            "ExecutionRoleArn": format!("arn:aws:iam::{}:role/dlm", self.id),
            "Description": "daily", "State": "DISABLED",
            "PolicyDetails": {
                "ResourceTypes": ["VOLUME"], "TargetTags": [{"Key": "backup", "Value": "yes"}],
                "Schedules": [{"Name": "daily", "RetainRule": {"Count": 7},
                    "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS"}}],
            },
        })
    }

    async fn break_next(&self, service: &str, kind: &str) {
        let rule = json!({"service": service, "account": self.id, "kind": kind, "hold_seconds": 0});
        self.control(Method::POST, "/faults", rule).await;
    }
}

#[tokio::test]
async fn each_kind_of_fault_is_met_once_by_each_service_in_its_own_words() {
    let a = Account::new().await;
    for (service, reads, _) in SERVICES {
        let json = ["backup", "dlm"].contains(&service);
        let words = [
            ("throttle", 400, ["Throttling", "ThrottlingException"]),
            ("error", 500, ["InternalFailure", "ServiceUnavailableException"]),
            ("access-denied", 403, ["AccessDenied", "AccessDeniedException"]),
        ];
        for (kind, status, codes) in words {
            a.break_next(service, kind).await;
            let (met, code, _) = a.ask(service, reads).await.unwrap();
            assert_eq!(
                (met, code.as_deref()),
                (status, Some(codes[usize::from(json)])),
                "{service} {kind}"
            );
        }
        a.break_next(service, "garbage").await;
        let (met, _, text) = a.ask(service, reads).await.unwrap();
        assert_eq!(met, 200, "{service}");
        assert!(
            !text.ends_with('>') && serde_json::from_str::<Value>(&text).is_err(),
            "{service}: {text}"
        );
        for kind in ["timeout", "lost-response"] {
            a.break_next(service, kind).await;
            assert!(a.ask(service, reads).await.is_err(), "{service} {kind}");
        }
        let (met, _, text) = a.ask(service, reads).await.unwrap();
        assert_eq!(met, 200, "{service} is well again: {text}");
    }
}

#[tokio::test]
async fn a_lost_response_has_its_effect_and_a_timeout_has_none() {
    let a = Account::new().await;
    for (service, _, writes) in &SERVICES[..3] {
        for (kind, effects) in [("timeout", 0), ("lost-response", 1)] {
            a.break_next(service, kind).await;
            assert!(a.ask(service, writes).await.is_err(), "{service} {kind}");
            let counters = a.control(Method::GET, "/counters", Value::Null).await;
            let counted = counters["items"].as_array().unwrap().iter();
            let of = counted.filter(|counter| counter["operation"] == *writes);
            let seen: Vec<&Value> = of.map(|counter| &counter["effects"]).collect();
            assert_eq!(seen, [&json!(effects)], "{service} {kind}");
        }
    }
}
