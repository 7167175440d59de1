//! What the description says of every operation alike, so that no handler repeats it: the token, a name of its own,
//! the headers, and each way in which it can refuse.

use http::{Method, StatusCode, header};
use utoipa::Modify;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Header, OpenApi as Document, PathItem, Ref, RefOr, Response};

const IF_MATCH: &str = "If-Match";
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Completes the description from each operation's own inputs.
pub(super) struct Complete;

impl Modify for Complete {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", scheme);
        document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
        for (status, when) in REFUSALS {
            components
                .responses
                .insert(name_of(status), refusal(status, when).into());
        }
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations_mut(item) {
                operation.operation_id = Some(id(&method, path));
                operation.parameters.iter_mut().flatten().for_each(describe_header);
                describe_responses(&method, path, operation);
            }
        }
    }
}

/// How operations refuse, and when.
const REFUSALS: [(StatusCode, &str); 11] = [
    (
        StatusCode::BAD_REQUEST,
        "The query, a header or the JSON was not understood",
    ),
    (StatusCode::UNAUTHORIZED, "There is no valid token"),
    (
        StatusCode::FORBIDDEN,
        "The role of the token's person does not allow it",
    ),
    (StatusCode::NOT_FOUND, "It does not exist, or it is not yours to see"),
    (StatusCode::CONFLICT, "It cannot be done now: something else stands"),
    (
        StatusCode::PRECONDITION_FAILED,
        "It changed since the `If-Match` was read",
    ),
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 1 MiB"),
    (
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The body is not called `application/json`",
    ),
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "A field is missing, unknown or not understood, or the `Idempotency-Key` came with another request before",
    ),
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "Too much at once: try again after `Retry-After` seconds, or in a moment",
    ),
];

/// Whether an operation can refuse with this status: what it does not take, it cannot find fault with.
fn can_refuse(status: StatusCode, method: &Method, path: &str, operation: &Operation) -> bool {
    let parameters = || operation.parameters.iter().flatten().filter_map(inline);
    let takes_header = |name: &str| parameters().any(|parameter| parameter.name == name);
    let takes_body = operation.request_body.is_some();
    let changes = *method != Method::GET;
    match status {
        StatusCode::BAD_REQUEST => {
            takes_body || parameters().any(|parameter| parameter.parameter_in != ParameterIn::Path)
        }
        StatusCode::NOT_FOUND => path.contains('{'),
        StatusCode::CONFLICT | StatusCode::PAYLOAD_TOO_LARGE => changes,
        StatusCode::PRECONDITION_FAILED => takes_header(IF_MATCH),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => takes_body,
        StatusCode::UNPROCESSABLE_ENTITY => takes_body || takes_header(IDEMPOTENCY_KEY),
        _ => true,
    }
}

fn describe_responses(method: &Method, path: &str, operation: &mut Operation) {
    for (status, _) in REFUSALS {
        if can_refuse(status, method, path, operation) {
            let common = || Ref::from_response_name(name_of(status)).into();
            let responses = &mut operation.responses.responses;
            responses.entry(status.as_str().to_owned()).or_insert_with(common);
        }
    }
    for (status, response) in &mut operation.responses.responses {
        let (Ok(status), RefOr::T(response)) = (status.parse::<StatusCode>(), response) else {
            continue;
        };
        if response.description.is_empty() {
            response.description = words_of(status).to_owned();
        }
        if status == StatusCode::CREATED {
            let address = text_header("The address of what was made");
            response.headers.insert("Location".to_owned(), address);
        }
        if status.as_u16() >= 400 && response.content.is_empty() {
            response.content = refusal(status, "").content;
        }
    }
}

/// Problem details under this status.
fn refusal(status: StatusCode, when: &str) -> Response {
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let mut response = Response::new(when);
    response
        .content
        .insert("application/problem+json".to_owned(), problem.into());
    let said = match status {
        StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "`Bearer`")),
        StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "In seconds")),
        _ => None,
    };
    response
        .headers
        .extend(said.map(|(name, words)| (name.to_string(), text_header(words))));
    response
}

/// The same words in each description of one of our headers, and what is accepted in it.
fn describe_header(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(parameter) = parameter else { return };
    let text = ObjectBuilder::new().schema_type(Type::String);
    let (schema, words) = match parameter.name.as_str() {
        IF_MATCH => (
            text.pattern(Some(r#"^(\*|(W/)?"[0-9]{1,18}")$"#)),
            "The `ETag` that was read, or `*` for any",
        ),
        IDEMPOTENCY_KEY => (
            text.pattern(Some("^[!-~]{1,200}$")),
            "With the same key, the same request is carried out once",
        ),
        _ => return,
    };
    parameter.schema = Some(schema.build().into());
    parameter.description = Some(words.to_owned());
}

fn text_header(words: &str) -> RefOr<Header> {
    let mut header = Header::default();
    header.schema = Some(ObjectBuilder::new().schema_type(Type::String).build().into());
    header.description = Some(words.to_owned());
    header.into()
}

/// Such as `get-customers-slug-sow`: handlers of several nouns have the same name.
fn id(method: &Method, path: &str) -> String {
    let path = path
        .trim_start_matches("/api/v1/")
        .replace(['{', '}'], "")
        .replace('/', "-");
    format!("{}-{path}", method.as_str().to_ascii_lowercase())
}

fn words_of(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or_default()
}

fn name_of(status: StatusCode) -> String {
    words_of(status).replace(' ', "")
}

/// Every operation, with its method and path.
pub(super) fn operations(document: &Document) -> impl Iterator<Item = (&str, Method, &Operation)> {
    document.paths.paths.iter().flat_map(|(path, item)| {
        let methods = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ];
        let there = methods
            .into_iter()
            .filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
        there.map(move |(method, operation)| (path.as_str(), method, operation))
    })
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let methods = [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    methods
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// A parameter where it is used; ours are never described elsewhere.
pub(super) const fn inline(parameter: &RefOr<Parameter>) -> Option<&Parameter> {
    match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    }
}
