//! No answer can change another one.

use domain::scope_change::ScopeChangeForm;
use github::issue_form::{FormKind, recognise, scope_change};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use crate::forms::rendered;

/// Text that tries to be more than text: whole sections of the form, Markdown that opens, closes and nests,
/// odd characters.
fn hostile() -> impl Strategy<Value = String> {
    let labels = ScopeChangeForm::FIELDS.map(|field| field.label);
    let styles = vec![
        "### {}",
        "### **{}**",
        " ### {} ###",
        "###\u{a0}{}",
        "# {}",
        "> ### {}",
        "- ### {}",
        "<h3>{}</h3>",
    ];
    let answers = vec![
        "7 days",
        "Out of scope",
        "Hourly",
        "staging",
        "staging-pg",
        "Tier 1",
        "05:00-06:00",
        "None",
    ];
    let section = (select(styles), select(labels.to_vec()), select(answers))
        .prop_map(|(style, label, answer)| format!("\n\n{}\n\n{answer}\n\n", style.replace("{}", label)));
    let piece = select(vec![
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "```",
        "~~~",
        "<!--",
        "-->",
        "> ",
        "- ",
        "1. ",
        "    ",
        "\t",
        "<pre>",
        "</pre>",
        "<details>",
        "<script>",
        "<![CDATA[",
        "]]>",
        "[a]: b",
        "`",
        "\\",
        "|",
        "_No response_",
        "Retention\n---",
        "### Recovery point",
        "### &#82;etention",
        "###Retention",
        "7 days",
        "\0",
        "\u{202e}",
        "\u{200b}",
        "\u{a0}",
        "\u{feff}",
        "&nbsp;",
        "x",
    ]);
    let part = prop_oneof![4 => section, 4 => piece.prop_map(str::to_owned), 1 => any::<String>()];
    let long = "[a-z`#>\n]{1,60}".prop_map(|text| text.repeat(60_000 / text.len()));
    prop_oneof![9 => vec(part, 0..12).prop_map(|all| all.concat()), 1 => long]
}

proptest! {
    // The same cases in every run.
    #![proptest_config(ProptestConfig {
        cases: 512,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn free_text_changes_no_other_answer(text in hostile()) {
        let usual = scope_change(&rendered(&ScopeChangeForm::FIELDS, &[])).unwrap();
        let body = rendered(&ScopeChangeForm::FIELDS, &[("further_needs", &text)]);
        prop_assert_eq!(recognise(&body), FormKind::ScopeChange);
        if let Ok(form) = scope_change(&body) {
            prop_assert_eq!(ScopeChangeForm { further_needs: String::new(), ..form }, usual);
        }
    }

    #[test]
    fn the_answer_in_a_line_changes_no_other_answer(
        text in hostile(),
        field in select(vec!["component", "environment", "retention", "backup_window", "location"]),
    ) {
        let usual = scope_change(&rendered(&ScopeChangeForm::FIELDS, &[])).unwrap();
        if let Ok(form) = scope_change(&rendered(&ScopeChangeForm::FIELDS, &[(field, &text)])) {
            let mut form = serde_json::to_value(form).unwrap();
            let mut usual = serde_json::to_value(usual).unwrap();
            for value in [&mut form, &mut usual] {
                value.as_object_mut().unwrap().remove(field);
                value["scope"].as_object_mut().unwrap().remove(field);
            }
            prop_assert_eq!(form, usual);
        }
    }
}
