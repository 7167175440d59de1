//! The account manager's view: what is contracted beside what is kept, customer by customer, worst first.

use app::Cx;
use app::fleet::{self, Retention};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Query;
use crate::links::Links;
use crate::pages::frame::across;
use crate::view::{Csv, CustomerQuery, FilterBar, Format, Frame, Moment, NEEDY, Pager, words};

#[derive(Template)]
#[template(path = "retention/list.html")]
struct RetentionPage {
    frame: Frame,
    bar: FilterBar,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    name: String,
    /// Its components, those that keep the shortest first.
    href: String,
    components: String,
    /// (what is wrong, how many components, where they are listed).
    numbers: Vec<(&'static str, usize, String)>,
    contracted: String,
    /// `None`: nothing was read lately.
    effective: Option<String>,
    oldest: Option<Moment>,
    /// What stands where there is no oldest recovery point.
    no_point: &'static str,
    why: String,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<CustomerQuery>,
) -> Result<Response, PageError> {
    let query = query.among(NEEDY)?;
    let filter = query.filter();
    if query.format == Format::Csv {
        return Ok(csv(&fleet::all_retention(&cx, &actor, &filter).await?).into_response());
    }
    let listed = fleet::retention(&cx, &actor, &filter).await?;
    Ok(Page(RetentionPage {
        frame: across(&actor, "Retention", "/retention"),
        bar: query.bar("/retention", NEEDY),
        rows: listed.items.iter().map(Row::new).collect(),
        pager: query.pager("/retention", listed.next(|line| line.tenant.id)),
    })
    .into_response())
}

impl Row {
    fn new(line: &Retention) -> Self {
        let status = Links::of(&line.tenant).status();
        let number = |word, number, state: &str| (word, number, format!("{status}?state={state}&order=retention"));
        Self {
            name: line.tenant.name.clone(),
            components: words::count(line.components, "component", "components"),
            numbers: vec![
                number("Too short", line.short, "too-short"),
                number("No point", line.without, "unprotected"),
                number("Unknown", line.unknown, "unknown"),
            ],
            contracted: line.contracted.map_or_else(|| "nothing".to_owned(), days),
            effective: line.effective.map(days),
            oldest: line.oldest_recovery_point_at.map(Moment),
            no_point: if line.unknown > 0 { "unknown" } else { "none" },
            why: why(line),
            href: format!("{status}?order=retention"),
        }
    }
}

/// What is wrong, in one sentence.
fn why(line: &Retention) -> String {
    let parts = [
        (line.short, "kept for less than contracted"),
        (line.without, "without any recovery point"),
        (line.unknown, "not read lately, so nobody knows"),
    ];
    let wrong: Vec<_> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    if wrong.is_empty() {
        "All is kept as contracted.".to_owned()
    } else {
        format!("{}.", words::list(&wrong))
    }
}

/// `14 days`, `7 to 35 days`.
fn days((least, most): (i32, i32)) -> String {
    let most_days = words::count(usize::try_from(most).unwrap_or_default(), "day", "days");
    if least == most {
        most_days
    } else {
        format!("{least} to {most_days}")
    }
}

fn csv(lines: &[Retention]) -> Csv {
    let head = [
        "customer",
        "slug",
        "components",
        "kept_too_short",
        "without_recovery_point",
        "unknown",
        "contracted_days_least",
        "contracted_days_most",
        "effective_days_least",
        "effective_days_most",
        "oldest_recovery_point_at",
    ];
    let mut csv = Csv::new("retention", &head);
    for line in lines {
        let least = |of: Option<(i32, i32)>| of.map(|(least, _)| least.to_string()).unwrap_or_default();
        let most = |of: Option<(i32, i32)>| of.map(|(_, most)| most.to_string()).unwrap_or_default();
        csv.row(&[
            line.tenant.name.clone(),
            line.tenant.slug.clone(),
            line.components.to_string(),
            line.short.to_string(),
            line.without.to_string(),
            line.unknown.to_string(),
            least(line.contracted),
            most(line.contracted),
            least(line.effective),
            most(line.effective),
            line.oldest_recovery_point_at
                .map(|at| at.to_string())
                .unwrap_or_default(),
        ]);
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_one_is_one_number() {
        assert_eq!(days((14, 14)), "14 days");
        assert_eq!(days((1, 1)), "1 day");
        assert_eq!(days((7, 35)), "7 to 35 days");
    }
}
