//! The contract as its readers and editors meet it: versions, two editors at once, bounds, signatures, contacts.

use domain::role::Role;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::server::{Answer, Api};

use super::{CONTACT, Scene, new_change};

/// The contract with these fields over what stands, put under this tag.
async fn put(api: &Api, tag: &str, changed: Value, accepted: Value) -> Answer {
    let standing = api.get("/customers/acme/contract").await.json();
    let mut agreement = standing["agreement"].clone();
    for (field, value) in changed.as_object().unwrap() {
        agreement[field] = value.clone();
    }
    let body = json!({ "agreement": agreement, "note": "A test.", "accepted_conflicts": accepted });
    api.put("/customers/acme/contract", &body, &[("if-match", tag)]).await
}

fn fields(answer: &Answer) -> Vec<String> {
    let problem = answer.json();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn each_change_is_a_version_and_the_second_of_two_editors_is_told_what_changed() {
    let scene = Scene::new().await;
    let manager = scene.api(Role::AccountManager, scene.t.acme());
    let first = manager.get("/customers/acme/contract").await;
    assert_eq!(first.header("etag"), "\"1\"");
    assert_eq!(first.json()["service_level"], "baseline");

    let made = put(
        &manager,
        "\"1\"",
        json!({ "terms_version": "2026-07", "notice_days": 90 }),
        json!([]),
    )
    .await;
    assert_eq!((made.status, made.header("etag")), (200, "\"2\""), "{}", made.body);
    let late = put(&manager, "\"1\"", json!({ "terms_version": "2026-03" }), json!([])).await;
    assert_eq!(
        (late.status, fields(&late)),
        (
            412,
            ["terms_version", "notice_days", "note"].map(str::to_owned).to_vec()
        )
    );
    let again = put(&manager, "\"2\"", json!({}), json!([])).await;
    assert_eq!(again.json()["version"], 2, "the same once more is no new version");

    let versions = manager.get("/customers/acme/contract-versions").await.json();
    let changed = &versions["items"][0]["changes"][0];
    assert_eq!(
        (&changed["before"], &changed["after"]),
        (&json!("2026-01"), &json!("2026-07"))
    );
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);
    let page = scene
        .portal
        .signed_in(Role::CustomerViewer, scene.t.acme())
        .await
        .get("/customers/acme/contract")
        .await;
    assert!(
        page.body.contains("<del class=\"words\">2026-01</del>"),
        "{}",
        page.body
    );
    // What others read without the contract is in step with it.
    let customers = scene.portal.signed_in(Role::AccountManager, scene.t.acme()).await;
    let scope = customers.get("/customers/acme/scope").await;
    assert!(scope.body.contains("terms and conditions, version 2026-07"));
    let address = "https://contracts.example/terms";
    for (given, shown) in [
        (address, format!("<a href=\"{address}\"")),
        (
            "file 2026/17",
            "The terms and conditions: <bdi>file 2026/17</bdi>".to_owned(),
        ),
        ("javascript:alert(1)", "<bdi>javascript:alert(1)</bdi>".to_owned()),
    ] {
        let tag = manager.get("/customers/acme/contract").await.header("etag").to_owned();
        let made = put(&manager, &tag, json!({ "terms_reference": given }), json!([])).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let contract = customers.get("/customers/acme/contract").await.body;
        assert_eq!(
            contract.matches(&shown).count(),
            2,
            "footer and acknowledgements: {contract}"
        );
    }
}

#[tokio::test]
async fn on_the_page_the_second_editor_sees_both_values_and_keeps_what_they_typed() {
    let scene = Scene::new().await;
    let manager = scene.portal.signed_in(Role::AccountManager, scene.t.acme()).await;
    let tenant = &scene.t.acme().tenant;
    let actor = scene.t.actor(Role::AccountManager, scene.t.acme()).await;
    let mut answers = app::contract::in_force(&scene.t.cx, &actor, tenant)
        .await
        .unwrap()
        .contract
        .answers();
    answers.insert("version".to_owned(), "1".to_owned());
    let with = |changed: &[(&str, &str)]| {
        let mut answers = answers.clone();
        answers.extend(
            changed
                .iter()
                .map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned())),
        );
        answers
    };
    let post = async |answers: std::collections::BTreeMap<String, String>| {
        let form: Vec<_> = answers
            .iter()
            .map(|(field, answer)| (field.as_str(), answer.as_str()))
            .collect();
        manager.post("/customers/acme/contract/edit", &form).await
    };
    let wrong = post(with(&[("time_zone", "Brussels"), ("until", "soon")])).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("2 answers are missing or not understood") && wrong.body.contains("value=\"soon\""));

    assert_eq!(
        post(with(&[("notice_days", "60"), ("note", "Longer.")])).await.status,
        303
    );
    let second = post(with(&[("notice_days", "30")])).await;
    assert_eq!(second.status, 412);
    assert!(
        second.body.contains("made it “60”") && second.body.contains("value=\"30\""),
        "{}",
        second.body
    );
    assert!(second.body.contains("name=\"version\" value=\"2\""));
    let mut knowing = with(&[("notice_days", "30")]);
    knowing.insert("version".to_owned(), "2".to_owned());
    assert_eq!(post(knowing).await.status, 303);
}

#[tokio::test]
async fn what_falls_outside_new_bounds_is_named_accepted_and_found_but_never_changed() {
    let scene = Scene::new().await;
    let manager = scene.api(Role::AccountManager, scene.t.acme());
    let bounds = json!({ "retention_maximum_days": 20, "regulation": "Privacy rule 7" });
    let refused = put(&manager, "\"1\"", bounds.clone(), json!([])).await;
    assert_eq!(
        (refused.status, fields(&refused)),
        (422, vec!["accepted_conflicts".to_owned()])
    );
    let component = scene.t.acme().prod_pg.id.0;
    assert_eq!(refused.json()["errors"][0]["given"], component.to_string());
    let page = scene.portal.signed_in(Role::CustomerViewer, scene.t.acme()).await;
    assert!(
        !page
            .get("/customers/acme")
            .await
            .body
            .contains("outside what the contract allows")
    );

    let made = put(&manager, "\"1\"", bounds, json!([component])).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.json()["conflicts"][0]["field"], "retention_days");
    for address in ["/customers/acme", "/customers/acme/scope"] {
        let body = page.get(address).await.body;
        assert!(
            body.contains("1 component in scope is outside what the contract allows"),
            "{address}"
        );
    }
    let sow = manager.get("/customers/acme/sow").await.json();
    assert_eq!(
        sow["items"][0]["retention_days"], 35,
        "the scope of work stays as it is"
    );

    // From now on the regulation is quoted to whoever asks for more.
    let requester = scene.api(Role::CustomerRequester, scene.t.acme());
    let asked = requester
        .post(
            "/customers/acme/change-requests",
            &new_change(&[("retention", "35 days")]),
        )
        .await;
    assert_eq!((asked.status, fields(&asked)), (422, vec!["retention".to_owned()]));
    assert!(
        asked.body.contains("at most 20 days (Privacy rule 7)"),
        "{}",
        asked.body
    );
}

#[tokio::test]
async fn a_restore_is_answered_by_the_contracts_clock() {
    let scene = Scene::new().await;
    let manager = scene.api(Role::AccountManager, scene.t.acme());
    let week: serde_json::Map<String, Value> = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    .map(|day| (day.to_owned(), json!(["11:00-12:00"])))
    .into_iter()
    .collect();
    let made = put(
        &manager,
        "\"1\"",
        json!({ "business_hours": week, "time_zone": "Asia/Kathmandu" }),
        json!([]),
    )
    .await;
    assert_eq!(made.status, 200, "{}", made.body);
    let requester = scene.api(Role::CustomerRequester, scene.t.acme());
    let ask = async |urgency: &str| {
        let body = json!({ "component_id": scene.t.acme().prod_pg.id.0, "reason": "x", "urgency": urgency });
        let asked = requester.post("/customers/acme/restore-requests", &body).await.json();
        let at = |field: &str| asked[field].as_str().unwrap().parse::<Timestamp>().unwrap();
        (at("created_at"), at("respond_by"))
    };
    let (asked, due) = ask("critical").await;
    assert_eq!(due.duration_since(asked), SignedDuration::from_mins(30));
    let (asked, due) = ask("business-hours").await;
    let zone = jiff::tz::TimeZone::get("Asia/Kathmandu").unwrap();
    let day_after = asked.to_zoned(zone.clone()).date().tomorrow().unwrap();
    assert_eq!(due.to_zoned(zone).datetime(), day_after.at(12, 0, 0, 0));
}

#[tokio::test]
async fn an_approver_of_the_customer_signs_and_everybody_sees_what_is_missing() {
    let scene = Scene::new().await;
    let signer = scene.portal.signed_in(Role::CustomerApprover, scene.t.acme()).await;
    let status = signer.get("/customers/acme").await.body;
    assert!(status.contains("2 acknowledgements are missing"), "{status}");

    let sign = async |once: &str, version: &str| {
        let form = [("once", once), ("kind", "terms"), ("text_version", version)];
        signer.post("/customers/acme/acknowledgements", &form).await.status
    };
    let once = "0197a5c2-0000-4000-8000-000000000001";
    assert_eq!(
        sign("0197a5c2-0000-4000-8000-000000000002", "2025-01").await,
        422,
        "another version"
    );
    assert_eq!(sign(once, "2026-01").await, 303);
    assert_eq!(sign(once, "2026-01").await, 303, "the button was pressed twice");

    let api = scene.api(Role::CustomerApprover, scene.t.acme());
    let list = api.get("/customers/acme/acknowledgements").await.json();
    let signed: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(signed, ["terms", "duties"], "once each");
    let states: Vec<_> = list["owed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["missing", "signed", "signed"], "the worst first");

    let withdraw = format!("/customers/acme/acknowledgements/{}/withdraw", scene.acknowledgement);
    assert_eq!(api.post(&withdraw, &Value::Null).await.status, 200);
    assert_eq!(api.post(&withdraw, &Value::Null).await.status, 409, "only once");
    let list = api.get("/customers/acme/acknowledgements").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "it stays on record");
    assert_eq!(list["owed"][0]["state"], "missing");
}

#[tokio::test]
async fn a_contact_is_changed_by_one_at_a_time_and_linked_to_people_of_the_customer_only() {
    let scene = Scene::new().await;
    let manager = scene.api(Role::AccountManager, scene.t.acme());
    let path = format!("/customers/acme/contacts/{}", scene.contacts[0]);
    assert_eq!(manager.get(&path).await.header("etag"), "\"1\"");
    let card = |phone: &str, signs_in_as: Value| {
        json!({ "name": CONTACT, "email": "ana@customer.test", "role": "contract-owner", "phone": phone,
            "entitlements": ["approve"], "signs_in_as": signs_in_as })
    };
    let changed = manager
        .put(&path, &card("+32 2 555 01 23", Value::Null), &[("if-match", "\"1\"")])
        .await;
    assert_eq!(
        (changed.status, changed.header("etag")),
        (200, "\"2\""),
        "{}",
        changed.body
    );
    let late = manager
        .put(&path, &card("+32 2 555 99 99", Value::Null), &[("if-match", "\"1\"")])
        .await;
    assert_eq!((late.status, fields(&late)), (412, vec!["phone".to_owned()]));
    assert!(late.body.contains("+32 2 555 01 23"), "{}", late.body);

    let stranger = testkit::app::email(Role::CustomerViewer, Some(scene.t.globex().tenant.id));
    let refused = manager.put(&path, &card("", json!(stranger)), &[]).await;
    assert_eq!(
        (refused.status, fields(&refused)),
        (422, vec!["signs_in_as".to_owned()])
    );
    let own = testkit::app::email(Role::CustomerViewer, Some(scene.t.acme().tenant.id));
    assert_eq!(
        manager.put(&path, &card("", json!(own)), &[]).await.json()["signs_in_as"],
        own
    );
    assert_eq!(manager.delete(&path).await.status, 204);
    assert_eq!(manager.get(&path).await.status, 404);
}

#[tokio::test]
async fn who_answers_for_what_is_agreed_with_a_reason() {
    let scene = Scene::new().await;
    let manager = scene.api(Role::AccountManager, scene.t.acme());
    let put = async |tag: &str, reason: &str| {
        let body = json!({ "responsible": "provider", "reason": reason });
        manager
            .put(
                "/customers/acme/responsibilities/check-calendar",
                &body,
                &[("if-match", tag)],
            )
            .await
    };
    assert_eq!(fields(&put("\"0\"", " ").await), ["reason"]);
    assert_eq!(put("\"0\"", "Part of the pilot.").await.header("etag"), "\"1\"");
    let late = put("\"0\"", "Because.").await;
    assert_eq!(late.status, 412);
    assert!(late.body.contains("Part of the pilot."), "{}", late.body);

    let service = scene
        .api(Role::CustomerViewer, scene.t.acme())
        .get("/customers/acme/service")
        .await
        .json();
    assert_eq!(service["objectives"][0]["committed"], false);
    assert_eq!(service["comparison"].as_array().unwrap().len(), 6);
    assert_eq!(
        (
            &service["control_plane"]["full_every_hours"],
            &service["control_plane"]["delta_every_minutes"]
        ),
        (&json!(24), &json!(5))
    );
    let page = scene
        .portal
        .signed_in(Role::CustomerViewer, scene.t.acme())
        .await
        .get("/customers/acme/service")
        .await;
    assert!(page.body.contains("Part of the pilot.") && page.body.contains("Objectives, not committed"));
}

#[tokio::test]
async fn each_of_two_versions_of_one_day_can_be_read_and_a_new_reason_is_a_version() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let manager = scene.api(Role::AccountManager, acme);
    for (tag, terms) in [("\"1\"", "2026-02"), ("\"2\"", "2026-03")] {
        let made = put(&manager, tag, json!({ "terms_version": terms }), json!([])).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let browser = scene.portal.signed_in(Role::CustomerViewer, acme).await;
    let page = browser.get("/customers/acme/contract").await.body;
    for (number, terms) in [(1, "2026-01"), (2, "2026-02"), (3, "2026-03")] {
        let href = format!("/customers/acme/contract?version={number}");
        assert!(page.contains(&href), "{href}: {page}");
        let shown = browser.get(&href).await.body;
        let value = format!("<span class=\"words\">{terms}</span>");
        assert!(
            shown.contains(&format!("Version {number}, made by")) && shown.contains(&value),
            "{href}: {shown}"
        );
        let read = manager.get(&href).await.json();
        assert_eq!(
            (&read["version"], &read["agreement"]["terms_version"]),
            (&json!(number), &json!(terms)),
            "{read}"
        );
    }
    assert_eq!(browser.get("/customers/acme/contract?version=4").await.status, 404);

    let standing = manager.get("/customers/acme/contract").await.json();
    let noted = |note: &str| json!({ "agreement": standing["agreement"], "note": note });
    let same = manager.put("/customers/acme/contract", &noted("A test."), &[]).await;
    assert_eq!(same.json()["version"], 3, "nothing is new: {}", same.body);
    let new = manager
        .put("/customers/acme/contract", &noted("Signed on paper."), &[])
        .await;
    assert_eq!(
        (&new.json()["version"], &new.json()["note"]),
        (&json!(4), &json!("Signed on paper.")),
        "{}",
        new.body
    );
    let late = manager
        .put("/customers/acme/contract", &noted("Mine."), &[("if-match", "\"3\"")])
        .await;
    let why = "you had read “A test.”; by now account-manager@provider.test made it “Signed on paper.”";
    assert_eq!(
        (late.status, &late.json()["errors"]),
        (
            412,
            &json!([{ "field": "note", "given": "Signed on paper.", "why": why }])
        ),
        "{}",
        late.body
    );
    let editor = scene.portal.signed_in(Role::AccountManager, acme).await;
    let contract = domain::contract::Contract::parse(&serde_json::from_value(standing["agreement"].clone()).unwrap());
    let mut form = contract.unwrap().answers();
    form.insert("version".to_owned(), "4".to_owned());
    let post = async |form: &std::collections::BTreeMap<String, String>| {
        let form: Vec<_> = form
            .iter()
            .map(|(field, text)| (field.as_str(), text.as_str()))
            .collect();
        editor.post("/customers/acme/contract/edit", &form).await
    };
    let saved = post(&form).await;
    assert_eq!(saved.location(), "/customers/acme/contract?done=contract-unchanged");
    let said = editor.get(saved.location()).await.body;
    assert!(said.contains("Nothing was changed"), "{said}");
    form.insert("note".to_owned(), "Signed by Ana.".to_owned());
    assert_eq!(post(&form).await.location(), "/customers/acme/contract?done=contract");
    assert_eq!(manager.get("/customers/acme/contract").await.json()["version"], 5);
}

#[tokio::test]
async fn a_contact_under_another_name_stays_and_the_form_says_so() {
    let scene = Scene::new().await;
    let manager = scene.portal.signed_in(Role::AccountManager, scene.t.acme()).await;
    let form = format!("/customers/acme/contacts/{}", scene.contacts[0]);
    let refused = manager
        .post(&format!("{form}/remove"), &[("confirm", "Somebody Else")])
        .await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("value=\"Somebody Else\"")
            && refused.body.contains("Nothing was removed")
            && refused.body.contains(&format!("action=\"{form}\"")),
        "{}",
        refused.body
    );
    assert_eq!(manager.get(&form).await.status, 200);
}
