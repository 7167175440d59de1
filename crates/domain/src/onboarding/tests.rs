use jiff::Timestamp;

mod known;

use super::*;
use crate::component::{ComponentKind, Environment};
use crate::id::TenantId;
use crate::sow::{Scope, ValueSource};

const HEAD: &str = "name,environment,kind,size,arn,decision,reason,tier,retention,frequency\n";

fn today() -> Date {
    "2026-11-21".parse().unwrap()
}

fn csv(text: &str) -> Result<Vec<Line>, Vec<(usize, String)>> {
    said(read(Format::Csv, text.as_bytes(), today(), &Bounds::default()))
}

fn yaml(text: &str) -> Result<Vec<Line>, Vec<(usize, String)>> {
    said(read(Format::Yaml, text.as_bytes(), today(), &Bounds::default()))
}

fn said(read: Result<Document, Vec<Problem>>) -> Result<Vec<Line>, Vec<(usize, String)>> {
    read.map(|document| document.lines).map_err(|problems| {
        problems
            .into_iter()
            .map(|problem| (problem.line, problem.what.field))
            .collect()
    })
}

fn tenant() -> TenantId {
    TenantId::at(Timestamp::UNIX_EPOCH)
}

fn held(text: &str, known: Vec<Known>) -> Comparison {
    held_within(text, known, &Bounds::default())
}

fn held_within(text: &str, known: Vec<Known>, bounds: &Bounds) -> Comparison {
    compare(
        tenant(),
        csv(text).unwrap(),
        known,
        &[("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap())],
        bounds,
        Timestamp::UNIX_EPOCH,
    )
}

/// What is known once the document was imported.
fn imported(comparison: &Comparison) -> Vec<Known> {
    let known = |change: &Change| Known {
        component: change.component.clone(),
        contracted: change.decided.clone().map(|(scope, _)| scope),
        last_restore_test: change.last_restore_test,
    };
    comparison.changes.iter().map(known).collect()
}

#[test]
fn the_templates_say_the_same_and_are_understood() {
    let csv = csv(include_str!("../../../../deploy/customer/onboarding/inventory.csv")).unwrap();
    let yaml = yaml(include_str!("../../../../deploy/customer/onboarding/inventory.yaml")).unwrap();
    let plain = |lines: Vec<Line>| -> Vec<Line> { lines.into_iter().map(|line| Line { line: 0, ..line }).collect() };
    assert_eq!(plain(csv), plain(yaml));
}

#[test]
fn the_template_explains_every_column() {
    for text in [
        include_str!("../../../../deploy/customer/onboarding/inventory.csv"),
        include_str!("../../../../deploy/customer/onboarding/inventory.yaml"),
    ] {
        for column in COLUMNS {
            assert!(text.contains(&format!("\n# {}: ", column.id)), "{}", column.id);
        }
    }
}

#[test]
fn a_table_is_read_however_a_spreadsheet_wrote_it() {
    let plain = format!("{HEAD}a,production,rds-instance,20 GiB,,in,,2,35 days,Daily\n");
    let expected = csv(&plain).unwrap();
    assert_eq!(expected[0].size_bytes, Some(20 << 30));
    for variant in [
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.replace(',', ";"),
        format!("sep=;\n{}", plain.replace(',', ";")),
        plain.replace(',', "\t"),
        plain.replace("name,environment", "Name, Environment "),
        format!("# a remark, with a comma\n\n{plain}\n,,,,,,,,,\n"),
        plain.replace("a,production", "\"a\",\"production\""),
    ] {
        let read = csv(&variant).unwrap_or_else(|wrong| panic!("{variant}: {wrong:?}"));
        assert_eq!(
            (&read[0].name, &read[0].decision),
            (&expected[0].name, &expected[0].decision),
            "{variant}"
        );
    }
}

#[test]
fn everything_that_is_wrong_is_named_with_its_line() {
    let wrong = csv(&format!(
        "{HEAD}\
         a,production,rds-instance,20,,in,,,35 days,Daily\n\
         a,mars,toaster,,,perhaps,,,,\n\
         \"b\nb\",production,s3-bucket,,,,,,,\n\
         c,staging,rds-instance,,,in,,,,\n\
         d,staging,rds-instance,,,out,,,,\n\
         e,staging,rds-instance,,,,,,30,\n\
         f,staging,rds-instance,,,in,,,tier default,tier default\n"
    ))
    .unwrap_err();
    let expected = [
        (2, "size"),
        (3, "environment"),
        (3, "kind"),
        (3, "decision"),
        (4, "name"),
        (6, "retention"),
        (6, "frequency"),
        (7, "reason"),
        (8, "retention"),
        (9, "retention"),
        (9, "frequency"),
    ];
    let expected: Vec<_> = expected.map(|(line, column)| (line, column.to_owned())).into();
    let in_scope = |of: &(usize, String)| of.clone();
    assert_eq!(wrong.iter().map(in_scope).collect::<Vec<_>>(), expected);
}

#[test]
fn names_and_arns_stand_once() {
    let arn = "arn:aws:rds:eu-west-1:111122223333:db:x";
    let wrong = csv(&format!(
        "{HEAD}a,staging,rds-instance,,{arn},,,,,\na,production,rds-instance,,,,,,,\na,staging,rds-instance,,{arn},,,,,\n"
    ));
    assert_eq!(wrong.unwrap_err(), [(4, "name".to_owned()), (4, "arn".to_owned())]);
}

#[test]
fn a_head_or_an_encoding_that_is_not_understood_is_said() {
    for text in [
        "",
        "\n\n",
        "colour,name\n",
        "name,name,environment,kind\na,b,c,d\n",
        "name,environment\n",
    ] {
        assert!(csv(text).is_err(), "{text:?}");
    }
    let latin = [HEAD.as_bytes(), b"caf\xe9,staging,rds-instance,,,,,,,\n"].concat();
    assert_eq!(
        said(read(Format::Csv, &latin, today(), &Bounds::default())),
        Err(vec![(2, "document".to_owned())])
    );
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(HEAD.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(
        said(read(Format::Csv, &utf16, today(), &Bounds::default())),
        Err(vec![(1, "document".to_owned())])
    );
    let short = format!("{HEAD}a,staging\n");
    assert_eq!(csv(&short), Err(vec![(2, "document".to_owned())]));
}

#[test]
fn documents_are_bounded() {
    let large = vec![b'x'; MAX_BYTES + 1];
    assert_eq!(
        said(read(Format::Csv, &large, today(), &Bounds::default())),
        Err(vec![(0, "document".to_owned())])
    );
    let rows: String = (0..=MAX_LINES).map(|n| format!("n{n},staging,msk\n")).collect();
    let long = csv(&format!("name,environment,kind\n{rows}"));
    assert_eq!(long, Err(vec![(MAX_LINES + 2, "document".to_owned())]));
    let wrong = "a,b,c\n".repeat(MAX_PROBLEMS);
    assert_eq!(
        csv(&format!("name,environment,kind\n{wrong}")).unwrap_err().len(),
        MAX_PROBLEMS + 1
    );
}

#[test]
fn yaml_names_the_line_of_the_value() {
    let text = "signed_on: soon\ncomponents:\n- name: a\n  environment: production\n  kind: rds-instance\n  version: 16\n  colour: red\n  size: big\n";
    let wrong = yaml(text).unwrap_err();
    assert_eq!(
        wrong,
        [
            (1, "document".to_owned()),
            (7, "document".to_owned()),
            (8, "size".to_owned())
        ]
    );
    let fine =
        yaml("components:\n- {name: a, environment: production, kind: rds-instance, version: 16, owner: }\n").unwrap();
    assert_eq!((fine[0].version.as_deref(), &fine[0].owner), (Some("16"), &None));
    for (text, line) in [
        ("- name: a\n", 1),
        ("components:\n- name: a\n  name: b\n", 3),
        ("components: [\n", 2),
        ("components:\n- name: [a]\n", 2),
    ] {
        let wrong = yaml(text).unwrap_err();
        assert_eq!(
            (wrong.len(), wrong[0].0.abs_diff(line) <= 1),
            (1, true),
            "{text}: {wrong:?}"
        );
    }
}

#[test]
fn aliases_do_not_grow_a_document() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (this, before) in [
        ('b', 'a'),
        ('c', 'b'),
        ('d', 'c'),
        ('e', 'd'),
        ('f', 'e'),
        ('g', 'f'),
        ('h', 'g'),
    ] {
        bomb.push_str(&format!(
            "{this}: &{this} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
        ));
    }
    assert!(yaml(&format!("{bomb}components: *h\n")).is_err());
}

#[test]
fn a_place_at_aws_is_one_and_fits_its_kind() {
    let head = "name,environment,kind,aws_account,region,arn\n";
    let fine = csv(&format!(
        "{head}a,production,s3-bucket,111122223333,eu-west-1,arn:aws:s3:::acme-uploads\n"
    ))
    .unwrap();
    assert_eq!(fine[0].aws.as_ref().unwrap().region.as_str(), "eu-west-1");
    for (row, column) in [
        ("s3-bucket,,eu-west-1,arn:aws:s3:::b", "aws_account"),
        ("s3-bucket,111122223333,,arn:aws:s3:::b", "region"),
        (
            "rds-instance,999922223333,,arn:aws:rds:eu-west-1:111122223333:db:x",
            "aws_account",
        ),
        (
            "rds-instance,,eu-west-2,arn:aws:rds:eu-west-1:111122223333:db:x",
            "region",
        ),
        ("rds-instance,,,arn:aws:rds:eu-west-1:111122223333:cluster:x", "arn"),
        ("rds-instance,,,arn:aws:s3:::b", "arn"),
        ("rds-instance,,,prod-pg", "arn"),
        ("gcs-bucket,,,arn:aws:s3:::b", "arn"),
        ("rds-instance,111122223333,,", "aws_account"),
        (
            "rds-instance,1111,,arn:aws:rds:eu-west-1:111122223333:db:x",
            "aws_account",
        ),
    ] {
        let wrong = csv(&format!("{head}a,production,{row}\n")).unwrap_err();
        assert!(wrong.contains(&(2, column.to_owned())), "{row}: {wrong:?}");
    }
}

#[test]
fn what_is_agreed_comes_from_the_document_or_the_tier() {
    let lines = csv(&format!(
        "{HEAD}a,production,rds-instance,,,in,,2,35 days,tier default\n"
    ))
    .unwrap();
    let Decision::In(Scope::In(terms)) = &lines[0].decision else {
        panic!("{lines:?}")
    };
    assert_eq!(
        (terms.sources["retention_days"], terms.sources["schedule"]),
        (ValueSource::Sow, ValueSource::Tier)
    );
}

#[test]
fn times_are_said_in_words_or_in_a_column_of_their_own() {
    let of = |often: &str, times: &str| {
        let text = format!(
            "name,environment,kind,decision,retention,frequency,schedule\na,production,rds-instance,in,35 days,{often},{times}\n"
        );
        csv(&text).map(|lines| match &lines[0].decision {
            Decision::In(Scope::In(terms)) => terms.schedule.to_string(),
            other => panic!("{other:?}"),
        })
    };
    for (often, times) in [
        ("daily at 03:00", ""),
        ("", "daily at 03:00"),
        ("Daily", "daily at 03:00"),
    ] {
        assert_eq!(of(often, times).unwrap(), "daily at 03:00");
    }
    assert_eq!(of("continuous", "").unwrap(), "continuous");
    assert_eq!(of("now and then", "").unwrap_err(), [(2, "frequency".to_owned())]);
    assert_eq!(
        of("Daily", "weekly on Sunday at 00:00").unwrap_err(),
        [(2, "schedule".to_owned())]
    );
}

#[test]
fn namespaces_without_their_platform_are_warned_about_once() {
    let head = "name,environment,kind\n";
    let shop = "shop,production,kubernetes\nblog,production,kubernetes\n";
    let warned = |text: &str, known: Vec<Known>| -> Vec<usize> {
        let comparison = held(&format!("{head}{text}"), known);
        assert_eq!(comparison.problems, Vec::new());
        comparison.warnings.iter().map(|warning| warning.line).collect()
    };
    assert_eq!(warned(&format!("db,production,rds-instance\n{shop}"), Vec::new()), [3]);
    let cluster = "cluster,production,kubernetes-platform\n";
    assert_eq!(warned(&format!("{shop}{cluster}"), Vec::new()), [0usize; 0]);
    let mut known = imported(&held(&format!("{head}{cluster}"), Vec::new()));
    assert_eq!(warned(shop, known.clone()), [0usize; 0]);
    known[0].component.decommissioned_at = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(warned(shop, known), [2], "a platform that is no more is not seen");
}

#[test]
fn a_kubernetes_platform_is_always_on_and_only_its_retention_is_read() {
    let platform = |rest: &str| csv(&format!("{HEAD}cluster,production,kubernetes-platform,,,{rest}\n"));
    assert_eq!(platform("out,rebuilt,,,"), Err(vec![(2, "decision".to_owned())]));
    assert_eq!(
        platform("in,,1,30 days,Hourly"),
        Err(vec![(2, "frequency".to_owned()), (2, "tier".to_owned())])
    );
    let lines = platform("in,,,30 days,Daily").unwrap();
    let Decision::In(Scope::In(terms)) = &lines[0].decision else {
        panic!("{lines:?}")
    };
    assert_eq!(
        (terms.retention.get(), terms.sources["retention_days"]),
        (30, ValueSource::Sow)
    );
    assert!(matches!(platform(",,,,").unwrap()[0].decision, Decision::Undecided));
}
