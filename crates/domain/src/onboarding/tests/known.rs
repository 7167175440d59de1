//! What a document does to components that are known.

use super::*;
use crate::account::Region;

#[test]
fn the_same_document_again_does_nothing_whatever_its_order() {
    let rows = [
        "a,production,rds-instance,20 GiB,,in,,2,35 days,Daily\n",
        "b,staging,msk,,,out,rebuilt,,,\n",
        "c,staging,msk,,,,,,,\n",
    ];
    let first = held(&format!("{HEAD}{}", rows.concat()), Vec::new());
    assert_eq!((first.count(Effect::New), first.decided(), first.unchanged), (3, 2, 0));
    let again = held(&format!("{HEAD}{}{}{}", rows[2], rows[0], rows[1]), imported(&first));
    assert_eq!(
        (again.changes.len(), again.unchanged, again.problems),
        (0, 3, Vec::new())
    );
    let turned = held(&format!("{HEAD}{}{}{}", rows[2], rows[0], rows[1]), Vec::new());
    let signed = ["Ana".to_owned()];
    assert_eq!(first.digest(&signed, today()), turned.digest(&signed, today()));
    assert_ne!(first.digest(&signed, today()), first.digest(&[], today()));
}

#[test]
fn a_document_learns_and_decides_but_never_alters_what_is_contracted() {
    let first = held(
        &format!("{HEAD}a,production,rds-instance,,,in,,2,35 days,Daily\nb,staging,msk,,,,,,,\n"),
        Vec::new(),
    );
    let known = imported(&first);
    let later = held(
        &format!("{HEAD}a,production,rds-instance,30 GiB,,,,,,\nb,staging,msk,,,out,rebuilt,,,\n"),
        known.clone(),
    );
    assert_eq!(
        (later.count(Effect::Changed), later.decided(), later.problems.len()),
        (2, 1, 0)
    );
    let open = held(
        &format!("{HEAD}a,production,rds-instance,,,in,,,35 days,Daily\n"),
        known.clone(),
    );
    assert_eq!(
        (open.changes.len(), open.problems),
        (0, Vec::new()),
        "what is left open is not said"
    );
    for (row, why) in [
        ("a,production,rds-instance,,,in,,2,14 days,Daily", "ask for a change"),
        ("a,production,rds-instance,,,in,,2,60 days,Daily", "ask for a change"),
        ("a,production,rds-instance,,,out,no more,,,", "ask for a change"),
        ("a,production,msk,,,,,,,", "give `rds-instance`"),
    ] {
        let refused = held(&format!("{HEAD}{row}\n"), known.clone());
        assert!(refused.problems[0].what.why.contains(why), "{row}: {refused:?}");
    }
}

#[test]
fn the_roadmaps_note_stands_with_the_terms_and_only_with_them() {
    let head = "name,environment,kind,decision,reason,retention,frequency,note\n";
    let row = |rest: &str| format!("{head}a,production,rds-instance,{rest}\n");
    let roadmap = "tier 1 once its WAL is archived";
    let first = held(&row(&format!("in,,35 days,daily, {roadmap} ")), Vec::new());
    let note = |comparison: &Comparison| comparison.changes[0].decided.clone()?.0.terms()?.note.clone();
    assert_eq!(note(&first).as_deref(), Some(roadmap));
    assert_eq!(note(&held(&row("in,,35 days,daily,"), Vec::new())), None);
    for rest in [
        format!("out,rebuilt,,,{roadmap}"),
        format!(",,,,{roadmap}"),
        "in,,35 days,daily,\u{202e}".to_owned(),
    ] {
        assert_eq!(csv(&row(&rest)).unwrap_err(), [(2, "note".to_owned())], "{rest}");
    }
    let known = imported(&first);
    let silent = held(&row("in,,35 days,daily,"), known.clone());
    assert_eq!(
        (silent.unchanged, silent.problems.len()),
        (1, 0),
        "what is left open is not said"
    );
    let other = held(&row("in,,35 days,daily,never mind"), known);
    assert_eq!(other.problems[0].what.field, "note");
}

#[test]
fn what_is_decommissioned_or_not_linked_is_refused() {
    let mut known = imported(&held(&format!("{HEAD}a,production,rds-instance,,,,,,,\n"), Vec::new()));
    known[0].component.decommissioned_at = Some(Timestamp::UNIX_EPOCH);
    let refused = held(&format!("{HEAD}a,production,rds-instance,,,,,,,\n"), known.clone());
    assert_eq!(refused.problems[0].what.field, "name");
    let row = "b,production,rds-instance,,arn:aws:rds:eu-west-1:999922223333:db:x,,,,,";
    assert_eq!(
        held(&format!("{HEAD}{row}\n"), known).problems[0].what.field,
        "aws_account"
    );
    assert_eq!(
        (Environment::Production.as_str(), ComponentKind::Msk.as_str()),
        ("production", "msk")
    );
}

/// The only problem: its column, what was given, and why.
fn refusal(comparison: &Comparison) -> (&str, Option<&str>, &str) {
    let [problem] = &comparison.problems[..] else {
        panic!("one problem: {:?}", comparison.problems)
    };
    let FormProblem { field, given, why, .. } = &problem.what;
    (field, given.as_deref(), why)
}

#[test]
fn a_kind_does_not_make_a_platform_of_what_is_out_nor_take_it_from_what_is_always_on() {
    let head = "name,environment,kind,decision,reason\n";
    let known = imported(&held(
        &format!(
            "{head}shop,production,kubernetes,out,rebuilt\ncluster,production,kubernetes-platform,,\nblog,production,kubernetes,,\n"
        ),
        Vec::new(),
    ));
    let again = |row: &str| held(&format!("{head}{row}\n"), known.clone());
    for (row, given, allowed) in [
        (
            "shop,production,kubernetes-platform,,",
            "kubernetes-platform",
            "give `kubernetes`",
        ),
        (
            "shop,production,kubernetes-platform,undecided,",
            "kubernetes-platform",
            "decided to be out of scope",
        ),
        (
            "cluster,production,kubernetes,,",
            "kubernetes",
            "give `kubernetes-platform`",
        ),
        (
            "cluster,production,kubernetes,out,rebuilt",
            "kubernetes",
            "always backed up",
        ),
    ] {
        let comparison = again(row);
        let (column, said, why) = refusal(&comparison);
        assert_eq!((column, said), ("kind", Some(given)), "{row}");
        assert!(why.contains(allowed), "{row}: {why}");
    }
    for row in ["blog,production,kubernetes-platform,,", "shop,production,file-system,,"] {
        assert_eq!(again(row).problems, Vec::new(), "{row}: nothing ceases to be backed up");
    }
}

#[test]
fn a_resource_is_of_one_living_component_and_returns_when_that_is_no_more() {
    let arn = "arn:aws:rds:eu-west-1:111122223333:db:x";
    let row = |name: &str| format!("{HEAD}{name},production,rds-instance,,{arn},,,,,\n");
    let mut known = imported(&held(&row("a"), Vec::new()));
    let refused = held(&row("b"), known.clone());
    let (column, given, why) = refusal(&refused);
    assert_eq!((column, given), ("arn", Some(arn)));
    assert!(why.starts_with("a (production) has this ARN"), "{why}");
    known[0].component.decommissioned_at = Some(Timestamp::UNIX_EPOCH);
    let again = held(&row("b"), known);
    assert_eq!((again.problems.len(), again.count(Effect::New)), (0, 1));
}

/// A contract that keeps data in Ireland.
fn ireland() -> Bounds {
    Bounds {
        residency: ["eu-west-1".parse().unwrap()].into(),
        ..Bounds::default()
    }
}

#[test]
fn a_region_is_stated_without_an_arn_and_held_against_the_contract() {
    let head = "name,environment,kind,region,arn,decision,retention,frequency\n";
    let read = |row: &str| {
        let text = format!("{head}{row}\n");
        said(super::read(Format::Csv, text.as_bytes(), today(), &ireland()))
    };
    let fine = read("erp,production,self-managed-database,eu-west-1,,in,35 days,daily").unwrap();
    assert_eq!(fine[0].region.as_ref().map(Region::as_str), Some("eu-west-1"));
    assert_eq!(
        read("erp,production,self-managed-database,us-east-1,,in,35 days,daily").unwrap_err(),
        [(2, "region".to_owned())]
    );

    let row = "erp,production,self-managed-database,eu-west-1,,in,35 days,daily\n";
    let first = held_within(&format!("{head}{row}"), Vec::new(), &ireland());
    assert_eq!((first.problems.len(), first.warnings.len()), (0, 0));
    let stated = &first.changes[0].component;
    assert_eq!(stated.region().map(Region::as_str), Some("eu-west-1"));
    let known = imported(&first);
    let again = held_within(&format!("{head}{row}"), known.clone(), &ireland());
    assert_eq!((again.unchanged, again.problems.len()), (1, 0));
    let moved = held_within(
        &format!("{head}erp,production,self-managed-database,us-east-1,,,,\n"),
        known,
        &ireland(),
    );
    let (column, given, why) = refusal(&moved);
    assert_eq!((column, given), ("region", Some("us-east-1")));
    assert!(why.contains("eu-west-1 only"), "{why}");
}

#[test]
fn where_the_contract_limits_regions_one_that_nobody_states_is_warned_about() {
    let head = "name,environment,kind,decision,reason,retention,frequency\n";
    let document = format!(
        "{head}a,production,file-system,out,rebuilt,,\nb,production,file-system,in,,35 days,daily\n\
         c,production,file-system,,,,\nd,production,kubernetes-platform,,,,\n"
    );
    let warned = held_within(&document, Vec::new(), &ireland());
    let [warning] = &warned.warnings[..] else {
        panic!("{:?}", warned.warnings)
    };
    assert_eq!((warning.line, warned.problems.len()), (3, 0));
    assert!(warning.words.contains("residency is not proven"), "{}", warning.words);
    assert!(warning.words.ends_with("for 1 more component."), "{}", warning.words);
    let again = held_within(
        &format!("{head}b,production,file-system,,,,\n"),
        imported(&warned),
        &ireland(),
    );
    assert_eq!(again.warnings.len(), 1, "it is in scope already");
    assert_eq!(held(&document, Vec::new()).warnings, []);
}
