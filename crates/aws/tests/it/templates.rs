//! What customers install.

use serde_json::{Value, json};

/// A file of `deploy/customer/aws`.
pub(crate) fn file(name: &str) -> String {
    let path = format!("{}/../../deploy/customer/aws/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn policy(name: &str) -> Value {
    serde_json::from_str(&file(name)).unwrap()
}

#[test]
fn cloudformation_installs_the_policies_of_the_files() {
    let template: Value = serde_yaml_ng::from_str(&file("holdfast-roles.yaml")).unwrap();
    let resources = &template["Resources"];
    assert_eq!(
        resources["Boundary"]["Properties"]["PolicyDocument"],
        policy("boundary.json")
    );
    let mut trust = policy("trust.json");
    trust["Statement"][0]["Principal"]["AWS"] = json!({ "Ref": "HoldfastPrincipalArn" });
    trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"] = json!({ "Ref": "ExternalId" });
    for (resource, role) in [
        ("Observe", "observe"),
        ("Configure", "configure"),
        ("Tune", "tune"),
        ("Restore", "restore"),
    ] {
        let role_properties = &resources[resource]["Properties"];
        assert_eq!(role_properties["RoleName"], role);
        assert_eq!(role_properties["Path"], "/holdfast/");
        assert_eq!(role_properties["PermissionsBoundary"], json!({ "Ref": "Boundary" }));
        assert_eq!(role_properties["AssumeRolePolicyDocument"], trust);
        assert_eq!(
            role_properties["Policies"][0]["PolicyDocument"],
            policy(&format!("{role}.json"))
        );
    }
}

#[test]
fn no_role_may_do_what_the_boundary_denies_or_leaves_out() {
    let boundary = policy("boundary.json");
    let listed = |n: usize| boundary["Statement"][n]["Action"].as_array().unwrap().clone();
    let (ceiling, denied) = (listed(0), listed(1));
    for role in ["observe", "configure", "tune", "restore"] {
        for statement in policy(&format!("{role}.json"))["Statement"].as_array().unwrap() {
            let actions = match &statement["Action"] {
                Value::Array(actions) => actions.clone(),
                one => vec![one.clone()],
            };
            for action in actions {
                assert!(ceiling.contains(&action), "{role}: {action} is beyond the boundary");
                assert!(!denied.contains(&action), "{role}: {action} is denied by the boundary");
            }
        }
    }
}
