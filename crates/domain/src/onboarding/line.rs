//! One component of a document: its columns, and what they say.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::{Problem, Row, place, size};
use crate::account::{AwsAccountId, Region};
use crate::component::{AwsPlace, ComponentKind, Environment};
use crate::contract::Bounds;
use crate::schedule::Schedule;
use crate::scope_change::{
    self, Answers, BACKUP_WINDOW, ENVIRONMENT, ENVIRONMENTS, FREQUENCY, Field, FieldKind, FormProblem, LOCATION,
    RETENTION, SCHEDULE, ScopeWish, TIER, TermsWish, options,
};
use crate::sow::{self, Scope};

const NAME: Field = input(
    "name",
    "Name",
    "The component's name, once in its environment.",
    "prod-pg",
);
const KIND: Field = Field {
    id: "kind",
    label: "Kind",
    help: "What kind of system it is.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&KINDS),
    },
};
const WORKLOAD: Field = input(
    "workload",
    "Workload",
    "The business unit or product that it serves.",
    "checkout",
);
const OWNER: Field = input("owner", "Owner", "Who answers for it at the customer.", "platform team");
const ENGINE: Field = input("engine", "Engine", "What runs there.", "PostgreSQL");
const VERSION: Field = input("version", "Version", "The engine's version.", "16.4");
const SIZE: Field = input("size", "Size", "With its unit.", "120 GiB");
const AWS_ACCOUNT: Field = input(
    "aws_account",
    "AWS account",
    "Twelve digits; empty where the ARN says it, or outside AWS.",
    "111122223333",
);
const REGION: Field = input(
    "region",
    "Region",
    "Where its data is. Empty where the ARN says it.",
    "eu-west-1",
);
const ARN: Field = input(
    "arn",
    "ARN",
    "Empty outside AWS.",
    "arn:aws:rds:eu-west-1:111122223333:db:prod-pg",
);
const DECISION: Field = Field {
    id: "decision",
    label: "Decision",
    help: "in, out or undecided. Empty: undecided. What is in needs retention and frequency, or `tier default` and a tier.",
    required: false,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&DECISIONS),
    },
};
const REASON: Field = input(
    "reason",
    "Reason for out",
    "Why it is out of scope. Mandatory when it is out.",
    "rebuilt from source",
);
const NOTE: Field = input(
    "note",
    "Note",
    "What to know about its terms, such as the roadmap to another tier.",
    "tier 1 once its WAL is archived",
);
const LAST_RESTORE_TEST: Field = input(
    "last_restore_test",
    "Last restore test",
    "The day of the last restore test as the customer states it; it is no proof.",
    "2026-03-02",
);

/// The columns of a document, in the order of the template.
pub const COLUMNS: [Field; 21] = [
    NAME,
    ENVIRONMENT,
    KIND,
    WORKLOAD,
    OWNER,
    ENGINE,
    VERSION,
    SIZE,
    AWS_ACCOUNT,
    REGION,
    ARN,
    DECISION,
    REASON,
    TIER,
    RETENTION,
    FREQUENCY,
    SCHEDULE,
    BACKUP_WINDOW,
    LOCATION,
    NOTE,
    LAST_RESTORE_TEST,
];

/// The columns that only a component in scope has.
const TERMS: [Field; 7] = [TIER, RETENTION, FREQUENCY, SCHEDULE, BACKUP_WINDOW, LOCATION, NOTE];

const KINDS: [(&str, ComponentKind); 16] = {
    let mut kinds = [("", ComponentKind::RdsInstance); 16];
    let mut i = 0;
    while i < 16 {
        kinds[i] = (ComponentKind::ALL[i].as_str(), ComponentKind::ALL[i]);
        i += 1;
    }
    kinds
};
const DECISIONS: [(&str, Word); 3] = [("in", Word::In), ("out", Word::Out), ("undecided", Word::Undecided)];

#[derive(Clone, Copy)]
enum Word {
    In,
    Out,
    Undecided,
}

const fn input(id: &'static str, label: &'static str, help: &'static str, placeholder: &'static str) -> Field {
    Field {
        id,
        label,
        help,
        required: false,
        newer: false,
        kind: FieldKind::Input { placeholder },
    }
}

/// The column of that name.
pub(super) fn column_named(name: &str) -> Option<&'static Field> {
    COLUMNS.iter().find(|column| column.id == name)
}

/// What a document says about whether a component is backed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing.
    Undecided,
    /// Not backed up.
    Out {
        /// Why, in the customer's words.
        reason: String,
    },
    /// Backed up under these terms; each value says whether the document or the tier supplied it.
    In(Scope),
}

/// One component of a document. What is not stated is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it begins in the document, counted from 1.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// Its environment.
    pub environment: Environment,
    /// Its kind.
    pub kind: ComponentKind,
    /// The business unit or product that it serves.
    pub workload: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its engine.
    pub engine: Option<String>,
    /// The engine's version.
    pub version: Option<String>,
    /// Bytes.
    pub size_bytes: Option<i64>,
    /// Where it lives at AWS.
    pub aws: Option<AwsPlace>,
    /// The region that it is in, where no ARN says it.
    pub region: Option<Region>,
    /// In, out or neither.
    pub decision: Decision,
    /// When a restore was last tested, as the customer states it. No proof of anything.
    pub last_restore_test: Option<Date>,
}

impl Line {
    /// The region that it is in; `None`: the line does not say.
    pub(super) fn region(&self) -> Option<&Region> {
        let place = self.aws.as_ref().map(|place| &place.region);
        place.or(self.region.as_ref())
    }

    /// A problem with one of its columns.
    pub(super) fn refused(&self, column: &str, given: Option<&str>, why: impl Into<String>) -> Problem {
        let field = column_named(column).unwrap_or(&NAME);
        Problem {
            line: self.line,
            what: FormProblem::new(field, given, why),
        }
    }
}

/// Reads a row.
pub(super) fn read(mut row: Row, today: Date, bounds: &Bounds) -> Result<Line, Vec<Problem>> {
    spell(&mut row.cells);
    let mut answers = Answers::new(&COLUMNS, &row.cells);
    let line = fields(&mut answers, row.line, today, bounds);
    let lines: HashMap<String, usize> = row.lines;
    answers.finish(line).map_err(|wrong| {
        let at = |what: FormProblem| Problem {
            line: lines.get(&what.field).copied().unwrap_or(row.line),
            what,
        };
        wrong.into_iter().map(at).collect()
    })
}

/// Short spellings that mean one choice of the form and nothing else: `1`, `continuous`, `another-region`.
fn spell(cells: &mut BTreeMap<String, String>) {
    let mut with = |column: &Field, spell: fn(&str) -> String| {
        if let Some(cell) = cells.get_mut(column.id) {
            *cell = spell(cell.trim());
        }
    };
    with(&TIER, |tier| match tier {
        "1" | "2" | "3" => format!("Tier {tier}"),
        other => other.to_owned(),
    });
    with(&LOCATION, |location| location.replace('-', " "));
    with(&KIND, |kind| kind.replace(' ', "-"));
    times(cells);
}

/// A frequency that is a schedule in words is one; where only the schedule is said, it is the frequency too.
fn times(cells: &mut BTreeMap<String, String>) {
    const CUSTOM: &str = "Custom (as the schedule says)";
    let said = |field: &Field| {
        cells
            .get(field.id)
            .map(|cell| cell.trim().to_owned())
            .unwrap_or_default()
    };
    let (often, times) = (said(&FREQUENCY), said(&SCHEDULE));
    let offered = match FREQUENCY.kind {
        FieldKind::Choice { options } => options.iter().any(|option| option.eq_ignore_ascii_case(&often)),
        FieldKind::Input { .. } | FieldKind::Text => false,
    };
    let (often, times) = match (often.as_str(), times.as_str()) {
        ("", "") => return,
        ("", times) => (CUSTOM.to_owned(), times.to_owned()),
        (often, "") if often.eq_ignore_ascii_case("continuous") => {
            ("Continuous (point in time)".to_owned(), String::new())
        }
        (words, "") if !offered && Schedule::parse(words).is_ok() => (CUSTOM.to_owned(), words.to_owned()),
        _ => return,
    };
    cells.insert(FREQUENCY.id.to_owned(), often);
    cells.insert(SCHEDULE.id.to_owned(), times);
}

fn fields(answers: &mut Answers, line: usize, today: Date, bounds: &Bounds) -> Option<Line> {
    let name = answers.line(&NAME);
    let name = answers.demand(&NAME, name);
    let environment = answers.choice(&ENVIRONMENT, &ENVIRONMENTS);
    let environment = answers.demand(&ENVIRONMENT, environment);
    let kind = answers.choice(&KIND, &KINDS);
    let kind = answers.demand(&KIND, kind);
    let workload = answers.line(&WORKLOAD);
    let owner = answers.line(&OWNER);
    let engine = answers.line(&ENGINE);
    let version = answers.line(&VERSION);
    let size_bytes = answers.parsed(&SIZE, size::parse);
    let (aws, region) = place_of(answers, kind);
    let last_restore_test = answers.parsed(&LAST_RESTORE_TEST, |text| match text.parse::<Date>() {
        Ok(day) if day <= today => Ok(day),
        Ok(_) => Err(format!(
            "a day up to today ({today}) is expected: a test that is still to come is no test"
        )),
        Err(_) => Err("a day such as 2026-03-02 is expected".to_owned()),
    });
    let here = Here {
        kind,
        name: name.as_deref().unwrap_or_default(),
        region: aws.as_ref().map(|place| &place.region).or(region.as_ref()),
    };
    let decision = decision(answers, here, bounds);
    Some(Line {
        line,
        name: name?,
        environment: environment?,
        kind: kind?,
        workload,
        owner,
        engine,
        version,
        size_bytes,
        aws,
        region,
        decision: decision?,
        last_restore_test,
    })
}

/// The place that the ARN names, or else the region that is stated without one.
fn place_of(answers: &mut Answers, kind: Option<ComponentKind>) -> (Option<AwsPlace>, Option<Region>) {
    let said = |error: crate::account::InvalidAccount| error.to_string();
    let account = answers.parsed(&AWS_ACCOUNT, |text| text.parse::<AwsAccountId>().map_err(said));
    let region = answers.parsed(&REGION, |text| text.parse::<Region>().map_err(said));
    let Some(arn) = answers.line(&ARN) else {
        if let Some(account) = account {
            let why = "without an ARN nobody can tell which resource is meant: give the ARN, or leave this empty";
            answers.refuse(&AWS_ACCOUNT, account.as_str(), why);
        }
        return (None, region);
    };
    let Some(kind) = kind else { return (None, None) };
    match place::place(kind, &arn, account, region) {
        Ok(place) => (Some(place), None),
        Err((column, given, why)) => {
            let field = column_named(column).unwrap_or(&ARN);
            answers.refuse(field, &given, why);
            (None, None)
        }
    }
}

/// What the terms of a component depend on.
#[derive(Clone, Copy)]
struct Here<'a> {
    kind: Option<ComponentKind>,
    name: &'a str,
    region: Option<&'a Region>,
}

fn decision(answers: &mut Answers, here: Here<'_>, bounds: &Bounds) -> Option<Decision> {
    let word = answers.choice(&DECISION, &DECISIONS).unwrap_or(Word::Undecided);
    match word {
        Word::In => {
            answers.unwanted(&REASON, "only what is out needs a reason; leave it empty");
            let note = answers.line(&NOTE).unwrap_or_default();
            terms(answers, here, bounds).map(|scope| Decision::In(scope.noted(&note)))
        }
        Word::Out => {
            let reason = answers.line(&REASON);
            let reason = answers.demand(&REASON, reason);
            without_terms(answers, "it is out of scope, so it has no terms; leave it empty");
            resolved(answers, &ScopeWish::Out, here, bounds)?;
            reason.map(|reason| Decision::Out { reason })
        }
        Word::Undecided => {
            answers.unwanted(&REASON, "nothing is decided: say `out` as well, or leave it empty");
            without_terms(answers, "nothing is decided: say `in` as well, or leave it empty");
            Some(Decision::Undecided)
        }
    }
}

fn without_terms(answers: &mut Answers, why: &str) {
    for field in &TERMS {
        answers.unwanted(field, why);
    }
}

/// The terms of a component of which nothing was agreed before. What the document says was signed, so that it stands as
/// the scope of work's own.
fn terms(answers: &mut Answers, here: Here<'_>, bounds: &Bounds) -> Option<Scope> {
    let wish = TermsWish::read(answers)?;
    Some(resolved(answers, &ScopeWish::In(wish), here, bounds)?.carried())
}

/// What a wish makes of the component's line; what is in its way is refused in its column.
fn resolved(answers: &mut Answers, wish: &ScopeWish, here: Here<'_>, bounds: &Bounds) -> Option<Scope> {
    let problems = match sow::resolve_at(wish, None, here.kind, here.name, here.region, bounds) {
        Ok(scope) => return Some(scope),
        Err(problems) => problems,
    };
    for problem in problems {
        let (field, given) = match problem.field.as_str() {
            // The form asks for the scope where a document has the decision.
            field if field == scope_change::SCOPE.id => (&DECISION, Some("out")),
            // And for the component that is elsewhere than the contract allows, where a document has the region.
            field if field == scope_change::COMPONENT.id => (&REGION, here.region.map(Region::as_str)),
            field => (column_named(field).unwrap_or(&RETENTION), problem.given.as_deref()),
        };
        answers.refuse(field, given.unwrap_or_default(), problem.why);
    }
    None
}
