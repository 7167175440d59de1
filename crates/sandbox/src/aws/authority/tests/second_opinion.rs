//! ministack's evaluator, asked the same.

use std::collections::BTreeMap;

use super::*;

const ACTIONS: [&str; 4] = [LIST, DELETE, "backup-storage:MountCapsule", "rds:CreateDBSnapshot"];
const RESOURCES: [&str; 3] = [
    "*",
    "arn:aws:backup:eu-west-1:111122223333:backup-vault:gold",
    "arn:aws:rds:eu-west-1:111122223333:snapshot:holdfast-1",
];

fn statement(effect: &str, action: (&str, Value), resource: (&str, Value), condition: Value) -> Value {
    json!({"Effect": effect, action.0: action.1, resource.0: resource.1, "Condition": condition})
}

/// Statements of every form, each met by some of the requests.
fn statements() -> Vec<Value> {
    let all = || ("Resource", json!("*"));
    let any = || ("Action", json!("*"));
    let action = |pattern: Value| statement("Allow", ("Action", pattern), all(), json!({}));
    let under = |condition: Value| statement("Allow", any(), all(), condition);
    let mut statements = vec![
        action(json!("*")),
        action(json!("backup:*")),
        action(json!(["BACKUP:list*", "rds:Create??Snapshot"])),
        statement(
            "Allow",
            ("NotAction", json!(["backup:Delete*", "rds:*"])),
            all(),
            json!({}),
        ),
        statement("Deny", ("Action", json!("backup:Delete*")), all(), json!({})),
        statement(
            "Deny",
            ("NotAction", json!(["backup:*", "backup-storage:*"])),
            all(),
            json!({}),
        ),
        statement(
            "Allow",
            any(),
            (
                "Resource",
                json!(["arn:aws:backup:*:*:backup-vault:*", "arn:aws:rds:*"]),
            ),
            json!({}),
        ),
        statement(
            "Allow",
            any(),
            ("Resource", json!("arn:aws:backup:*:*:backup-vault:Gold")),
            json!({}),
        ),
        statement(
            "Allow",
            any(),
            ("NotResource", json!("arn:aws:rds:*:*:snapshot:*")),
            json!({}),
        ),
        statement(
            "Deny",
            any(),
            ("NotResource", json!(["arn:*:backup-vault:gold", "arn:aws:rds:*"])),
            json!({}),
        ),
        statement(
            "Deny",
            any(),
            ("Resource", json!("arn:aws:rds:*:*:snapshot:holdfast-?")),
            json!({"Bool": {"aws:SecureTransport": "false"}}),
        ),
        under(json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}})),
        under(json!({"NotIpAddress": {"aws:SourceIp": "127.0.0.1"}})),
        under(
            json!({"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}, "Bool": {"aws:SecureTransport": false}}),
        ),
        under(json!({"StringNotLike": {"aws:RequestedRegion": ["eu-*", "ap-*"]}})),
        under(json!({"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "ap-x"]}})),
        under(json!({"StringEqualsIgnoreCase": {"AWS:requestedREGION": "US-EAST-1"}})),
        under(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})),
        under(json!({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}})),
        under(
            json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}, "NumericGreaterThan": {"aws:EpochTime": "1"}}),
        ),
        under(json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01"}})),
        under(json!({"NumericLessThanEquals": {"aws:EpochTime": 1}})),
    ];
    for operator in [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
    ] {
        statements.push(under(json!({operator: {"aws:RequestTag/owner": "a"}})));
        statements.push(under(json!({operator: {"aws:PrincipalAccount": "000000000001"}})));
    }
    for absent in ["true", "false"] {
        statements.push(under(json!({"Null": {"aws:RequestTag/owner": absent}})));
        statements.push(under(json!({"Null": {"aws:SourceIp": absent}})));
    }
    statements
}

/// What stands beside each of them: something of no consequence, an Allow and a Deny.
fn companions() -> [Value; 3] {
    let some = |effect, actions, resources| statement(effect, ("Action", actions), ("Resource", resources), json!({}));
    [
        some("Allow", json!("iam:*"), json!("*")),
        some("Allow", json!(["backup:Delete*", "rds:*"]), json!("*")),
        some("Deny", json!("*"), json!("arn:aws:backup:*:*:backup-vault:g???")),
    ]
}

/// Ours, of the request that ministack simulates: the account's root over plain HTTP from loopback.
fn ours(w: &World, policy: &Policy, action: &str, resource: &str) -> &'static str {
    let principal = Principal::Root {
        account: w.account.clone(),
    };
    let context = with_time(Context::default(), clock::wall())
        .with("aws:PrincipalArn", format!("arn:aws:iam::{}:root", w.account))
        .with("aws:PrincipalAccount", &w.account)
        .with("aws:RequestedRegion", "us-east-1")
        .with("aws:SourceIp", "127.0.0.1")
        .with("aws:SecureTransport", "false");
    let request = Request {
        principal: &principal,
        action,
        resource,
        context: &context,
    };
    match policy.verdict(&request) {
        Verdict::Allow => "allowed",
        Verdict::Deny => "explicitDeny",
        Verdict::Nothing => "implicitDeny",
    }
}

/// What ministack says of each of the actions.
async fn theirs(w: &World, document: &str, resource: &str) -> Vec<String> {
    let names: Vec<String> = (1..=ACTIONS.len()).map(|n| format!("ActionNames.member.{n}")).collect();
    let mut params = vec![
        ("PolicyInputList.member.1", document),
        ("ResourceArns.member.1", resource),
    ];
    params.extend(names.iter().map(String::as_str).zip(ACTIONS));
    let simulated = w.iam("SimulateCustomPolicy", &params).await;
    let results = &simulated.find("EvaluationResults").unwrap().children;
    results
        .iter()
        .map(|result| result.text_of("EvalDecision").unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn two_evaluators_agree_on_every_statement_beside_others() {
    let w = World::new();
    let statements = statements();
    let mut seen = BTreeMap::new();
    for statement in &statements {
        for companion in companions() {
            let document = json!({"Version": "2012-10-17", "Statement": [statement, companion]}).to_string();
            let policy = Policy::parse(&document, Kind::Identity).unwrap();
            for resource in RESOURCES {
                let theirs = theirs(&w, &document, resource).await;
                let ours = ACTIONS.map(|action| ours(&w, &policy, action, resource));
                assert_eq!(ours.as_slice(), theirs, "{resource} {document}");
                for verdict in ours {
                    *seen.entry(verdict).or_insert(0) += 1;
                }
            }
        }
    }
    // A grid that meets one verdict alone would say little.
    assert!(seen.len() == 3 && seen.values().all(|&times| times > 100), "{seen:?}");
}

#[tokio::test]
async fn where_ministack_falls_behind_aws_is_known() {
    let w = World::new();
    let gold = RESOURCES[1];
    for (statement, verdict) in [
        // Variables are text to it.
        (
            statement(
                "Allow",
                ("Action", json!("*")),
                ("Resource", json!("arn:*:${aws:RequestTag/vault, 'gold'}")),
                json!({}),
            ),
            "allowed",
        ),
        // Its wildcards cross the parts of an ARN.
        (
            statement(
                "Allow",
                ("Action", json!("*")),
                ("Resource", json!("*")),
                json!({"ArnLike": {"aws:PrincipalArn": "arn:*:root"}}),
            ),
            "implicitDeny",
        ),
    ] {
        let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let policy = Policy::parse(&document, Kind::Identity).unwrap();
        assert_eq!(ours(&w, &policy, LIST, gold), verdict, "{document}");
        assert_ne!(theirs(&w, &document, gold).await[0], verdict, "{document}");
    }
}
