//! What templates are made of: the frame around each page, and small parts that every page uses.
//!
//! A part is a type that renders itself, so that a page's view-model holds it and its template places it.

mod badge;
mod component_filter;
mod csv;
mod customer_filter;
mod decision;
mod deviation;
mod expiry;
mod form;
mod frame;
mod icon;
mod list;
mod moment;
mod next_runs;
mod plan;
mod schedule_check;
mod tally;
mod tiers;
mod timeline;
mod value;
pub(crate) mod words;

pub(crate) use badge::{Badge, Tone};
pub(crate) use component_filter::{ComponentQuery, OrderName, StateName, TierNumber};
pub(crate) use csv::Csv;
pub(crate) use customer_filter::{CustomerQuery, FLEET, NEEDY, ShowName};
pub(crate) use decision::{Decision, SideView};
pub(crate) use deviation::DeviationView;
pub(crate) use expiry::ExpiryView;
pub(crate) use form::FormField;
pub(crate) use frame::{Frame, NavGroup, NavLink, Notice, Person, Reference, SubjectTo};
pub(crate) use icon::icon;
pub(crate) use list::{Filter, FilterBar, Format, Pager, Select, chosen, filters, searched};
pub(crate) use moment::{ExactMoment, Moment, RunMoment, Signed};
pub(crate) use next_runs::{NextRuns, SHOWN as SHOWN_RUNS};
pub(crate) use plan::{FindingView, PlanView};
pub(crate) use schedule_check::ScheduleCheck;
pub(crate) use tally::TallyCell;
pub(crate) use tiers::TiersView;
pub(crate) use timeline::Entry;
pub(crate) use value::{Value, source_text};
