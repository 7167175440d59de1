//! Payloads that GitHub really sent, collected by others (npm `@octokit/webhooks-examples`).

use std::path::PathBuf;

use github::event::Event;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Examples {
    name: String,
    examples: Vec<Value>,
}

fn examples() -> Vec<Examples> {
    let folder = std::env::var_os("HOLDFAST_NPM_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/npm")),
        PathBuf::from,
    );
    let file = folder.join("node_modules/@octokit/webhooks-examples/api.github.com/index.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "{} cannot be read ({error}): run `make test`, which installs it",
            file.display()
        )
    });
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_known_payload_is_an_event() {
    let (mut all, mut issues, mut comments, mut installations) = (0, 0, 0, 0);
    for event in examples() {
        for payload in &event.examples {
            all += 1;
            let name = &event.name;
            let body = serde_json::to_vec(payload).unwrap();
            match Event::parse(name, &body).unwrap_or_else(|error| panic!("{error:?}: {payload}")) {
                Event::Issues(read) => {
                    issues += 1;
                    assert_eq!(payload["issue"]["number"], read.issue.number);
                    assert_eq!(payload["repository"]["id"], read.repository.id);
                    assert_eq!(payload["installation"]["id"].as_u64(), read.installation.map(|i| i.id));
                    assert_eq!(payload["issue"]["pull_request"].is_object(), read.issue.is_pull_request);
                }
                Event::IssueComment(read) => {
                    comments += 1;
                    assert_eq!(payload["comment"]["body"].as_str(), read.comment.body.as_deref());
                    assert_eq!(payload["sender"]["id"].as_u64(), read.sender.map(|s| s.id));
                }
                Event::Installation(read) | Event::InstallationRepositories(read) => {
                    installations += 1;
                    assert_eq!(payload["installation"]["id"], read.installation.id);
                }
                Event::Ping => assert_eq!(name, "ping"),
                Event::Other { name: other } => assert_eq!(name, &other),
            }
        }
    }
    assert_eq!((all, issues, comments, installations), (329, 29, 9, 10));
}
