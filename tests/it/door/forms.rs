//! Forms as a browser sends them: nobody is answered for.

use domain::role::Role;

use super::Scene;

/// What a browser would send of each choice of the page, were the form left as it was opened: (name, value).
fn untouched(page: &str) -> Vec<(&str, &str)> {
    let quoted = |text: &'_ str, attribute: &str| -> Option<(usize, usize)> {
        let from = text.find(&format!(" {attribute}=\""))? + attribute.len() + 3;
        Some((from, from + text[from..].find('"')?))
    };
    let selects = page
        .split("<select")
        .skip(1)
        .filter_map(|rest| rest.split("</select>").next());
    let sent = selects.map(|select| {
        let (from, to) = quoted(select, "name").expect("a name");
        let options: Vec<_> = select.split("<option").skip(1).collect();
        let tag = |option: &str| option.split('>').next().unwrap_or_default().contains(" selected");
        let option = options
            .iter()
            .find(|option| tag(option))
            .or(options.first())
            .expect("a choice");
        let value = match quoted(option.split('>').next().unwrap_or_default(), "value") {
            Some((from, to)) => &option[from..to],
            None => option.split(['>', '<']).nth(1).unwrap_or_default(),
        };
        (&select[from..to], value)
    });
    sent.collect()
}

#[tokio::test]
async fn a_change_says_only_what_its_author_chose() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let asks = scene.portal.signed_in(Role::CustomerRequester, acme).await;
    let manages = scene.portal.signed_in(Role::Admin, acme).await;
    let kept = [("tier", "Keep as it is"), ("location", "Keep as it is")];
    for (browser, path, open) in [
        (
            &asks,
            "/customers/acme/changes/new",
            &["environment", "scope", "frequency"][..],
        ),
        (&asks, "/customers/acme/changes/bulk", &["scope", "frequency"]),
        (&manages, "/settings/policies/new", &["frequency"]),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let sent = untouched(&page.body);
        for field in open {
            assert!(sent.contains(&(field, "")), "{path}: {field} is asked: {sent:?}");
        }
        for answer in kept {
            assert!(sent.contains(&answer), "{path}: {answer:?} is among {sent:?}");
        }
    }
    let opened = asks
        .get("/customers/acme/changes/new?component=orders&environment=staging&scope=Out+of+scope")
        .await;
    let sent = untouched(&opened.body);
    assert!(
        sent.contains(&("environment", "staging")) && sent.contains(&("scope", "Out of scope")),
        "{sent:?}"
    );
}
