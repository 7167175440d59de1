//! What is asked of who takes a customer on.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::contract::{ApprovalRule, Contract, ContractSummary, ServiceLevel};
use crate::scope_change::{Answers, Field, FieldKind, FormProblem, options};

const LEVELS: [(&str, ServiceLevel); 2] = [("baseline", ServiceLevel::Baseline), ("dr-bc", ServiceLevel::DrBc)];
const RULES: [(&str, ApprovalRule); 3] = [
    ("both", ApprovalRule::Both),
    ("provider", ApprovalRule::Provider),
    ("customer", ApprovalRule::Customer),
];
/// The longest name in addresses.
const SLUG_CHARS: usize = 40;

const SLUG: Field = input(
    "slug",
    "Name in addresses",
    "Lower-case letters, digits and dashes. It cannot be changed later.",
    true,
    "acme",
);
const NAME: Field = input("name", "Name", "As people say it.", true, "Acme Retail");
const SERVICE_LEVEL: Field = Field {
    id: "service_level",
    label: "Service level",
    help: "`baseline`: everyday mishaps; `dr-bc`: large-scale outages as well.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&LEVELS),
    },
};
const APPROVAL_RULE: Field = Field {
    id: "approval_rule",
    label: "Who approves a change",
    help: "`both` sides, the `provider` or the `customer`. To what gives up protection the provider always has to agree.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&RULES),
    },
};
const TERMS_VERSION: Field = input(
    "terms_version",
    "Terms and conditions",
    "The version that the customer accepted.",
    true,
    "2026-01",
);
const TIME_ZONE: Field = input(
    "time_zone",
    "Time zone",
    "Of its business hours: an IANA name.",
    true,
    "Europe/Brussels",
);
const UNTIL: Field = input(
    "contract_until",
    "Contract until",
    "The last day of the term. Empty: open-ended.",
    false,
    "2027-03-31",
);

const fn input(
    id: &'static str,
    label: &'static str,
    help: &'static str,
    required: bool,
    placeholder: &'static str,
) -> Field {
    Field {
        id,
        label,
        help,
        required,
        newer: false,
        kind: FieldKind::Input { placeholder },
    }
}

/// A customer to be taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantForm {
    /// Name in addresses.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// The agreement.
    pub contract: Contract,
}

impl TenantForm {
    /// The questions, in the form's order.
    pub const FIELDS: [Field; 7] = [
        SLUG,
        NAME,
        SERVICE_LEVEL,
        APPROVAL_RULE,
        TERMS_VERSION,
        TIME_ZONE,
        UNTIL,
    ];

    /// Reads the answers, by field id. What the contract itself does not allow is refused here too.
    ///
    /// # Errors
    /// Every answer that is missing or not understood.
    pub fn from_fields(given: &BTreeMap<String, String>) -> Result<Self, Vec<FormProblem>> {
        let mut answers = Answers::new(&Self::FIELDS, given);
        let slug = answers.parsed(&SLUG, slug);
        let slug = answers.demand(&SLUG, slug);
        let name = answers.line(&NAME);
        let name = answers.demand(&NAME, name);
        let service_level = answers.choice(&SERVICE_LEVEL, &LEVELS);
        let service_level = answers.demand(&SERVICE_LEVEL, service_level);
        let approval_rule = answers.choice(&APPROVAL_RULE, &RULES);
        let approval_rule = answers.demand(&APPROVAL_RULE, approval_rule);
        let terms_version = answers.line(&TERMS_VERSION);
        let terms_version = answers.demand(&TERMS_VERSION, terms_version);
        let time_zone = answers.line(&TIME_ZONE);
        let time_zone = answers.demand(&TIME_ZONE, time_zone);
        let until = answers.parsed(&UNTIL, |text| {
            text.parse::<Date>()
                .map_err(|_| "a day such as 2027-03-31 is expected, or nothing".to_owned())
        });
        // An answer that is missing or was refused above is said once: a stand-in keeps the contract from saying it again.
        let contract = Contract::of_summary(&ContractSummary {
            service_level: service_level.unwrap_or(ServiceLevel::Baseline),
            approval_rule: approval_rule.unwrap_or(ApprovalRule::Both),
            terms_version: terms_version.unwrap_or_else(|| "-".to_owned()),
            terms_reference: String::new(),
            time_zone: time_zone.unwrap_or_else(|| "UTC".to_owned()),
            until,
        });
        let contract = contract.map_err(|problems| {
            for problem in problems {
                let field = [TERMS_VERSION, TIME_ZONE]
                    .into_iter()
                    .find(|field| field.id == problem.field)
                    .unwrap_or(UNTIL);
                answers.refuse(&field, problem.given.as_deref().unwrap_or_default(), problem.why);
            }
        });
        let form = || {
            Some(Self {
                slug: slug?,
                name: name?,
                contract: contract.ok()?,
            })
        };
        let form = form();
        answers.finish(form)
    }

    /// The problem of a name in addresses that somebody has.
    #[must_use]
    pub fn slug_taken(slug: &str) -> FormProblem {
        FormProblem::new(
            &SLUG,
            Some(slug),
            "a customer has this name in addresses already; choose another",
        )
    }
}

fn slug(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let well_formed =
        text.len() <= SLUG_CHARS && text.chars().all(plain) && !text.starts_with('-') && !text.ends_with('-');
    if text == "new" {
        Err("`new` names the page where customers are taken on; choose another".to_owned())
    } else if well_formed {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "up to {SLUG_CHARS} lower-case letters, digits and dashes are expected, no dash first or last, such as `acme`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(changed: &[(&str, &str)]) -> Result<TenantForm, Vec<String>> {
        let mut given: BTreeMap<String, String> = TenantForm::FIELDS
            .iter()
            .filter_map(|field| match field.kind {
                FieldKind::Input { placeholder } => Some((field.id.to_owned(), placeholder.to_owned())),
                FieldKind::Choice { options } => Some((field.id.to_owned(), options[0].to_owned())),
                FieldKind::Text => None,
            })
            .collect();
        given.extend(changed.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
        TenantForm::from_fields(&given).map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn the_examples_are_a_customer_and_what_is_wrong_is_named() {
        assert_eq!(form(&[]).unwrap().slug, "acme");
        assert_eq!(form(&[("contract_until", "")]).unwrap().contract.until, None);
        for (field, text) in [
            ("slug", "Acme"),
            ("slug", "-a"),
            ("slug", "new"),
            ("slug", ""),
            ("slug", "a/b"),
            ("name", ""),
            ("service_level", "gold"),
            ("approval_rule", "nobody"),
            ("time_zone", "Mars/Olympus"),
            ("time_zone", "Etc/Unknown"),
            ("terms_version", ""),
            ("terms_version", &"x".repeat(121)),
            ("contract_until", "9999-99-99"),
            ("contract_until", "31.03.2027"),
        ] {
            assert_eq!(form(&[(field, text)]).unwrap_err(), [field], "{text}");
        }
        assert_eq!(form(&[("role", "admin")]).unwrap_err(), ["role"]);
    }
}
