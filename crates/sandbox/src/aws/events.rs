//! Events of AWS services, in EventBridge's envelope, delivered to the SQS queues that the account's rules name.
//!
//! ministack refuses events of `aws.*` on its API, as AWS does, so the rules are matched by asking it, and the queue is written to here.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Refusal;
use super::ministack::{Ministack, Target};

const EVENTS: Target = Target {
    service: "events",
    prefix: "AWSEvents",
    version: "1.1",
};
const SQS: Target = Target {
    service: "sqs",
    prefix: "AmazonSQS",
    version: "1.0",
};

/// Something that happened in an account's region.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// `aws.backup`, `aws.rds`, ….
    pub(crate) source: &'static str,
    pub(crate) detail_type: &'static str,
    /// ARNs.
    pub(crate) resources: Vec<String>,
    pub(crate) detail: Value,
    pub(crate) at: Timestamp,
}

impl Event {
    fn envelope(&self, account: &str, region: &str) -> Value {
        json!({
            "version": "0",
            "id": Uuid::new_v4(),
            "detail-type": self.detail_type,
            "source": self.source,
            "account": account,
            "time": self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": region,
            "resources": self.resources,
            "detail": self.detail,
        })
    }
}

/// Sends each event to the queues of the default bus's rules that match it; as AWS does, nobody hears of one that cannot be delivered.
pub(crate) async fn publish(ministack: &Ministack, account: &str, region: &str, events: &[Event]) {
    if events.is_empty() {
        return;
    }
    let at = At {
        ministack,
        account,
        region,
    };
    match at.rules().await {
        Ok(rules) => {
            for event in events {
                let envelope = event.envelope(account, region);
                for rule in &rules {
                    if let Err(refusal) = at.deliver(rule, &envelope).await {
                        let code = refusal.into_answer().error_code();
                        tracing::info!(account, region, rule = rule.name, code, "An event was not delivered");
                    }
                }
            }
        }
        Err(refusal) => {
            let code = refusal.into_answer().error_code();
            tracing::info!(account, region, code, "The rules for events could not be read");
        }
    }
}

/// A rule of the default bus that is switched on, with the ARNs of its queues.
struct Rule {
    name: String,
    pattern: String,
    queues: Vec<String>,
}

struct At<'a> {
    ministack: &'a Ministack,
    account: &'a str,
    region: &'a str,
}

impl At<'_> {
    async fn rules(&self) -> Result<Vec<Rule>, Refusal> {
        let listed = self.events("ListRules", json!({})).await?;
        let mut rules = Vec::new();
        for rule in list(&listed, "Rules") {
            let (Some(name), Some(pattern)) = (text(rule, "Name"), text(rule, "EventPattern")) else {
                continue;
            };
            if text(rule, "State") != Some("ENABLED") {
                continue;
            }
            let targets = self.events("ListTargetsByRule", json!({"Rule": name})).await?;
            let queues = list(&targets, "Targets").filter_map(|target| text(target, "Arn"));
            rules.push(Rule {
                name: name.to_owned(),
                pattern: pattern.to_owned(),
                queues: queues.filter(|arn| arn.contains(":sqs:")).map(str::to_owned).collect(),
            });
        }
        Ok(rules)
    }

    async fn deliver(&self, rule: &Rule, envelope: &Value) -> Result<(), Refusal> {
        let envelope = envelope.to_string();
        let asked = json!({"EventPattern": rule.pattern, "Event": envelope});
        if self.events("TestEventPattern", asked).await?["Result"] != true {
            return Ok(());
        }
        for queue in &rule.queues {
            let mut parts = queue.split(':').skip(3);
            let (Some(region), Some(account), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let url = self.ministack.join(&format!("/{account}/{name}"));
            let message = json!({"QueueUrl": url, "MessageBody": envelope});
            self.ministack
                .json_as_root(account, region, &SQS, "SendMessage", &message)
                .await?;
        }
        Ok(())
    }

    async fn events(&self, operation: &str, body: Value) -> Result<Value, Refusal> {
        self.ministack
            .json_as_root(self.account, self.region, &EVENTS, operation, &body)
            .await
    }
}

fn list<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer[name].as_array().into_iter().flatten()
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str()
}
