//! The arrows between the crates, and who may speak to what outside (design: house.md).

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Each crate, and the crates of ours that it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("jobs", &[]),
    ("sandbox", &[]),
    ("planner", &["domain"]),
    ("store", &["domain"]),
    ("github", &["domain"]),
    ("mechanism", &["domain", "planner"]),
    ("aws", &["domain", "mechanism"]),
    ("velero", &["domain", "mechanism"]),
    ("app", &["domain", "jobs", "planner", "store"]),
    (
        "worker",
        &["app", "domain", "github", "jobs", "mechanism", "planner", "store"],
    ),
    ("web", &["app", "domain", "github"]),
    (
        "holdfast",
        &[
            "app",
            "aws",
            "domain",
            "github",
            "jobs",
            "mechanism",
            "planner",
            "store",
            "velero",
            "web",
            "worker",
        ],
    ),
    ("testkit", ALL),
    ("tests", ALL),
];

/// For what only tests link.
const ALL: &[&str] = &[
    "app",
    "aws",
    "domain",
    "github",
    "holdfast",
    "jobs",
    "mechanism",
    "planner",
    "sandbox",
    "store",
    "testkit",
    "velero",
    "web",
    "worker",
];

/// Libraries (and what begins with their name and a dash) that only some crates may use.
const KEPT_IN: &[(&str, &[&str])] = &[
    // testkit and tests look behind the scenes.
    ("sqlx", &["jobs", "store", "testkit", "tests"]),
    ("axum", &["sandbox", "web"]),
    ("aws-sdk", &["aws"]),
    ("octocrab", &["github"]),
];

fn packages() -> Vec<Package> {
    let metadata = MetadataCommand::new().no_deps().exec();
    metadata.expect("cargo knows the workspace").packages
}

#[test]
fn every_arrow_between_crates_is_one_of_the_house() {
    let allowed: BTreeMap<_, BTreeSet<_>> = ARROWS
        .iter()
        .map(|(from, to)| (*from, to.iter().copied().collect()))
        .collect();
    let packages = packages();
    let ours: BTreeSet<_> = packages.iter().map(|package| package.name.as_str()).collect();

    let mut wrong = Vec::new();
    for package in &packages {
        let from = package.name.as_str();
        let Some(allowed) = allowed.get(from) else {
            wrong.push(format!("{from} stands nowhere in house.md"));
            continue;
        };
        let to = package.dependencies.iter();
        for to in to.filter(|to| ours.contains(to.name.as_str())) {
            let for_its_tests = to.kind == DependencyKind::Development && to.name == "testkit";
            if !allowed.contains(to.name.as_str()) && !for_its_tests {
                wrong.push(format!("{from} -> {} ({})", to.name, to.kind));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "no arrows of house.md: {wrong:#?}\nMove the code, or change house.md and ARROWS together."
    );
}

#[test]
fn each_library_that_speaks_to_the_outside_stays_in_its_crate() {
    let mut wrong = Vec::new();
    for package in packages() {
        let linked = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development);
        for dependency in linked {
            for (library, homes) in KEPT_IN {
                let rest = dependency.name.strip_prefix(library);
                let is_library = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
                if is_library && !homes.contains(&package.name.as_str()) {
                    wrong.push(format!(
                        "{} uses {}, which belongs to {homes:?}",
                        package.name, dependency.name
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
