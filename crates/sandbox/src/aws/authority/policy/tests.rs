//! What AWS documents about policies.

use serde_json::{Value, json};

use super::super::principal::Principal;
use super::super::request::{Context, Request};
use super::{Kind, Policy, Verdict};
use Verdict::{Allow, Deny, Nothing};

const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:gold";
const ROLE: &str = "arn:aws:iam::111122223333:role/holdfast/tune";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/tune/change-1";

fn session() -> Principal {
    Principal::Session {
        account: "111122223333".to_owned(),
        role: ROLE.to_owned(),
        arn: SESSION.to_owned(),
    }
}

fn context(keys: &[(&str, &str)]) -> Context {
    keys.iter()
        .fold(Context::default(), |context, (key, value)| context.with(key, *value))
}

/// Of statements in a policy of the kind, about `backup:DeleteRecoveryPoint` on the vault.
fn verdict(kind: Kind, statements: &Value, principal: &Principal, keys: &[(&str, &str)]) -> Verdict {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = Policy::parse(&document.to_string(), kind).unwrap_or_else(|wrong| panic!("{wrong}: {document}"));
    policy.verdict(&Request {
        principal,
        action: "backup:DeleteRecoveryPoint",
        resource: VAULT,
        context: &context(keys),
    })
}

fn of_identity(statements: &Value, keys: &[(&str, &str)]) -> Verdict {
    verdict(Kind::Identity, statements, &session(), keys)
}

/// Of an Allow under the condition.
fn under(condition: &Value, keys: &[(&str, &str)]) -> bool {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    of_identity(&statement, keys) == Allow
}

/// Of an Allow to the principals in a policy on the vault.
fn named(principal: &Value, asking: &Principal) -> bool {
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "backup:*", "Resource": "*"});
    verdict(Kind::Resource, &statement, asking, &[]) == Allow
}

#[test]
fn a_deny_overrules_every_allow_whatever_their_order() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": "backup:Delete*", "Resource": "*"});
    assert_eq!(of_identity(&json!([allow, deny]), &[]), Deny);
    assert_eq!(of_identity(&json!([deny, allow]), &[]), Deny);
    assert_eq!(of_identity(&allow, &[]), Allow);
    let other = json!({"Effect": "Allow", "Action": "backup:List*", "Resource": "*"});
    assert_eq!(of_identity(&other, &[]), Nothing);
}

#[test]
fn actions_know_no_case_and_resources_do() {
    let allow = |action: &str, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    for (action, resource, expected) in [
        ("BACKUP:deleterecoverypoint", "*", Allow),
        ("backup:Delete?ecovery*", VAULT, Allow),
        ("backup:*", "arn:aws:backup:*:*:backup-vault:*", Allow),
        ("backup:*", "arn:aws:backup:*:*:backup-vault:Gold", Nothing),
        ("backup:*", "arn:aws:backup:*:444455556666:*", Nothing),
        ("backup-storage:*", "*", Nothing),
        ("*", "arn:aws:backup:*", Allow),
    ] {
        assert_eq!(
            of_identity(&allow(action, resource), &[]),
            expected,
            "{action} {resource}"
        );
    }
}

#[test]
fn what_is_not_named_is_what_the_negated_elements_are_about() {
    for (statement, expected) in [
        (
            json!({"Effect": "Allow", "NotAction": ["iam:*", "rds:*"], "Resource": "*"}),
            Allow,
        ),
        (
            json!({"Effect": "Allow", "NotAction": ["iam:*", "backup:*"], "Resource": "*"}),
            Nothing,
        ),
        (
            json!({"Effect": "Deny", "NotAction": "backup:List*", "Resource": "*"}),
            Deny,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "NotResource": [VAULT]}),
            Nothing,
        ),
        (
            json!({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:backup:*:*:backup-vault:silver"}),
            Deny,
        ),
    ] {
        assert_eq!(of_identity(&statement, &[]), expected, "{statement}");
    }
}

#[test]
fn variables_take_the_callers_values() {
    let own = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:backup:*:*:backup-vault:${aws:PrincipalTag/tier}"});
    assert_eq!(of_identity(&own, &[("aws:PrincipalTag/tier", "gold")]), Allow);
    assert_eq!(of_identity(&own, &[("aws:PrincipalTag/tier", "*")]), Nothing);
    assert_eq!(of_identity(&own, &[]), Nothing);
    let equal = json!({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}});
    assert!(under(
        &equal,
        &[("aws:ResourceTag/team", "a"), ("aws:PrincipalTag/team", "a")]
    ));
    assert!(!under(
        &equal,
        &[("aws:ResourceTag/team", "a"), ("aws:PrincipalTag/team", "b")]
    ));
    assert!(!under(&equal, &[("aws:ResourceTag/team", "a")]));
}

#[test]
fn a_policy_without_version_has_no_variables() {
    let document = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:backup:*:*:*:${aws:PrincipalTag/tier}"}});
    let policy = Policy::parse(&document.to_string(), Kind::Identity).unwrap();
    let asked = Request {
        principal: &session(),
        action: "backup:DeleteRecoveryPoint",
        resource: VAULT,
        context: &context(&[("aws:PrincipalTag/tier", "gold")]),
    };
    assert_eq!(policy.verdict(&asked), Nothing);
}

#[test]
fn a_principal_is_named_by_itself_its_role_its_account_or_all() {
    let root = Principal::Root {
        account: "111122223333".to_owned(),
    };
    let service = Principal::Service("backup.amazonaws.com".to_owned());
    for (principal, names_session, names_root, names_service) in [
        (json!("*"), true, true, true),
        (json!({"AWS": "*"}), true, true, true),
        (json!({"AWS": "111122223333"}), true, true, false),
        (
            json!({"AWS": ["444455556666", "arn:aws:iam::111122223333:root"]}),
            true,
            true,
            false,
        ),
        (json!({"AWS": ROLE}), true, false, false),
        (json!({"AWS": SESSION}), true, false, false),
        (
            json!({"AWS": "arn:aws:iam::111122223333:role/tune"}),
            false,
            false,
            false,
        ),
        (
            json!({"AWS": "arn:aws:sts::111122223333:assumed-role/tune/change-2"}),
            false,
            false,
            false,
        ),
        (json!({"Service": ["backup.amazonaws.com"]}), false, false, true),
        (json!({"Service": "rds.amazonaws.com"}), false, false, false),
        (json!({"Federated": "accounts.google.com"}), false, false, false),
    ] {
        let got = (
            named(&principal, &session()),
            named(&principal, &root),
            named(&principal, &service),
        );
        assert_eq!(got, (names_session, names_root, names_service), "{principal}");
    }
    let others = json!({"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "*", "Resource": "*"});
    assert_eq!(verdict(Kind::Resource, &others, &session(), &[]), Nothing);
    assert_eq!(verdict(Kind::Resource, &others, &root, &[]), Deny);
}

#[test]
fn a_vault_that_nobody_may_empty_stays_full() {
    let policy = json!({"Effect": "Deny", "Principal": "*", "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
        "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}});
    assert_eq!(
        verdict(Kind::Resource, &policy, &session(), &[("aws:PrincipalArn", ROLE)]),
        Deny
    );
    let glass = ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/break-glass");
    assert_eq!(verdict(Kind::Resource, &policy, &session(), &[glass]), Nothing);
}

#[test]
fn a_service_is_no_deputy_for_another_account() {
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"},
        "Action": "sts:AssumeRole", "Condition": {
            "StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": "arn:aws:backup:*:111122223333:*"}}}});
    let trust = Policy::parse(&trust.to_string(), Kind::Trust).unwrap();
    let assumed = |account: &str| {
        let source = format!("arn:aws:backup:eu-west-1:{account}:backup-plan:p");
        trust.verdict(&Request {
            principal: &Principal::Service("backup.amazonaws.com".to_owned()),
            action: "sts:AssumeRole",
            resource: ROLE,
            context: &context(&[("aws:SourceAccount", account), ("aws:SourceArn", &source)]),
        })
    };
    assert_eq!(assumed("111122223333"), Allow);
    assert_eq!(assumed("444455556666"), Nothing);
}
