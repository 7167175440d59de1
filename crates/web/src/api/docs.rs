//! The description of the API: OpenAPI for programs, a page for people.

use askama::Template;
use axum::Json;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, RefOr};
use utoipa::{Modify, OpenApi};

use super::{attestation, change_request, component, restore, sow, tenant};
use crate::error::{Page, Problem};
use crate::view::{Frame, words};

#[derive(OpenApi)]
#[openapi(
    info(title = "Holdfast", description = "Lists are `{items, next}`, 50 at a time; give `next` as `cursor`. \
        Errors are RFC 9457 problem details. Posts take an `Idempotency-Key`; \
        decisions take the `ETag` that was read as `If-Match`."),
    paths(
        tenant::list, tenant::show, tenant::contract, tenant::accounts, tenant::audit,
        sow::show, sow::versions, sow::version, sow::components, component::show, component::edit,
        attestation::list, attestation::attest,
        change_request::list, change_request::create, change_request::show, change_request::plan,
        change_request::approve, change_request::reject, change_request::withdraw,
        restore::recovery_points, restore::list, restore::create, restore::show,
        restore::approve, restore::reject, restore::cancel, restore::verify, restore::dispute,
    ),
    components(schemas(Problem)),
    modifiers(&Bearer),
)]
struct Api;

/// Every operation wants a bearer token.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", scheme);
        document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    }
}

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
    method: &'static str,
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
        let described = Described::new(path, method, operation);
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

fn operations(document: &Document) -> Vec<(&str, &'static str, &Operation)> {
    let paths = document.paths.paths.iter();
    paths
        .flat_map(|(path, item)| {
            let methods = [
                ("GET", item.get.as_ref()),
                ("POST", item.post.as_ref()),
                ("PATCH", item.patch.as_ref()),
            ];
            methods
                .into_iter()
                .filter_map(|(method, operation)| Some((path.as_str(), method, operation?)))
        })
        .collect()
}

impl Described {
    fn new(path: &str, method: &'static str, operation: &Operation) -> Self {
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

fn inline(parameter: &RefOr<Parameter>) -> Option<&Parameter> {
    match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::route_table::Auth;
    use crate::router::ROUTES;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let document = Api::openapi();
        let described: BTreeSet<_> = operations(&document)
            .into_iter()
            .map(|(path, method, _)| (method, path))
            .collect();
        let routed: BTreeSet<_> = ROUTES
            .iter()
            .filter(|route| route.auth == Auth::Bearer)
            .map(|route| (route.method, route.path))
            .collect();
        assert_eq!(described, routed);
    }
}
