//! The description of the API: OpenAPI for programs, a page for people.

use askama::Template;
use axum::Json;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::{Operation, Parameter};

use super::describe::{Complete, inline, operations};
use super::{
    acknowledgement, attestation, bulk_change, change_request, component, contact, contract, decommission, expiring,
    export, github, hold, import, lifecycle, policy, restore, retention, schedule, service, sow, tenant, user,
};
use crate::error::{Page, Problem};
use crate::view::{Frame, words};

#[derive(OpenApi)]
#[openapi(
    info(title = "Holdfast", description = "Lists are `{items, next}`, 50 at a time; give `next` as `cursor`. \
        Errors are RFC 9457 problem details. Posts take an `Idempotency-Key`; \
        decisions and updates take the `ETag` that was read as `If-Match`."),
    paths(
        expiring::list, retention::list, tenant::list, tenant::create, tenant::show, tenant::accounts, tenant::audit,
        contract::show, contract::change, contract::versions,
        contact::list, contact::create, contact::show, contact::change, contact::remove,
        acknowledgement::list, acknowledgement::create, acknowledgement::withdraw,
        service::show, service::agree,
        sow::show, sow::versions, sow::version, component::list, component::show, component::edit,
        attestation::list, attestation::attest, schedule::show,
        change_request::list, change_request::create, change_request::show, change_request::plan,
        change_request::approve, change_request::reject, change_request::withdraw,
        bulk_change::list, bulk_change::create, bulk_change::show, bulk_change::approve,
        import::list, import::create, import::show, import::document,
        decommission::list, decommission::show, decommission::ask, decommission::confirm, decommission::withdraw,
        restore::recovery_points, restore::list, restore::create, restore::show,
        restore::approve, restore::reject, restore::cancel, restore::verify, restore::dispute,
        hold::list, hold::create, hold::show, hold::ask_release, hold::release, hold::keep,
        policy::list, policy::presets, policy::create, policy::show, policy::update, policy::retire,
        lifecycle::show, lifecycle::suspend, lifecycle::resume, lifecycle::announce, lifecycle::keep, lifecycle::end,
        lifecycle::unlink_account, lifecycle::remaining,
        export::list, export::create, export::show, export::content,
        github::list, github::link, github::unlink, github::people, github::entitle,
        user::list, user::create, user::show, user::disable, user::enable, user::reset, user::grant, user::revoke,
        user::tokens, user::revoke_token, user::log,
    ),
    components(schemas(Problem)),
    modifiers(&Complete),
)]
struct Api;

pub(crate) async fn openapi() -> Json<Document> {
    Json(Api::openapi())
}

#[derive(Template)]
#[template(path = "api/docs.html")]
pub(crate) struct DocsPage {
    frame: Frame,
    groups: Vec<(String, Vec<Described>)>,
}

/// One operation.
struct Described {
    method: String,
    path: String,
    summary: String,
    query: Vec<(String, String)>,
}

pub(crate) async fn page() -> Page<DocsPage> {
    let mut groups: Vec<(String, Vec<Described>)> = Vec::new();
    for (path, method, operation) in operations(&Api::openapi()) {
        let tag = operation
            .tags
            .as_ref()
            .and_then(|tags| tags.first())
            .cloned()
            .unwrap_or_default();
        let described = Described::new(path, method.to_string(), operation);
        match groups.iter_mut().find(|(name, _)| *name == tag) {
            Some((_, group)) => group.push(described),
            None => groups.push((tag, vec![described])),
        }
    }
    Page(DocsPage {
        frame: Frame::bare("API"),
        groups,
    })
}

impl Described {
    fn new(path: &str, method: String, operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten().filter_map(inline);
        let query = parameters.filter(|parameter| !path.contains(&format!("{{{}}}", parameter.name)));
        let said = |parameter: &Parameter| {
            (
                parameter.name.clone(),
                words::plain(parameter.description.as_deref().unwrap_or_default()),
            )
        };
        Self {
            method,
            path: path.to_owned(),
            summary: words::plain(operation.summary.as_deref().unwrap_or_default()),
            query: query.map(said).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa::openapi::path::ParameterIn;

    use super::*;
    use crate::route_table::Auth;
    use crate::router::ROUTES;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let document = Api::openapi();
        let described: BTreeSet<_> = operations(&document)
            .map(|(path, method, _)| (method.to_string(), path))
            .collect();
        let routed: BTreeSet<_> = ROUTES
            .iter()
            .filter(|route| route.auth == Auth::Bearer)
            .map(|route| (route.method.to_owned(), route.path))
            .collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn what_stands_in_the_path_is_described_there_and_nothing_else() {
        let document = Api::openapi();
        for (path, method, operation) in operations(&document) {
            let parameters = operation.parameters.iter().flatten().filter_map(inline);
            let described: BTreeSet<_> = parameters
                .filter(|parameter| parameter.parameter_in == ParameterIn::Path)
                .map(|parameter| parameter.name.as_str())
                .collect();
            let named: BTreeSet<_> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            assert_eq!(
                described, named,
                "{method} {path}: derive(IntoParams) with parameter_in = Query"
            );
        }
    }

    #[test]
    fn each_operation_has_a_name_of_its_own() {
        let document = Api::openapi();
        let names: Vec<_> = operations(&document)
            .map(|(_, _, operation)| operation.operation_id.clone())
            .collect();
        let different: BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
    }
}
