//! The table of all routes, and the doors and limits around them.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::from_fn_with_state;
use axum::response::Response;

use crate::auth::{bearer, signed_in};
use crate::error::{Failure, answer_for};
use crate::middleware::body_limit::{BodyLimit, DOCUMENT_BYTES, ORDINARY_BYTES, WEBHOOK_BYTES, read_whole};
use crate::middleware::{around, csrf};
use crate::route_table::{Auth, route_table};
use crate::state::Web;
use crate::{api, assets, auth, events, health, pages, webhook};

route_table! {
    state Web;

    Public    GET  "/healthz" => health::alive;
    Public    GET  "/readyz" => health::ready;
    Public    GET  "/login" => auth::login::show;
    Public    POST "/login" => auth::login::sign_in;
    Public    POST "/logout" => auth::login::sign_out;
    Public    GET  "/api/docs" => api::docs::page;
    Public    GET  "/api/v1/openapi.json" => api::docs::openapi;
    Signature POST "/webhooks/github" => webhook::github;

    SignedIn  GET  "/" => pages::fleet::start;
    SignedIn  GET  "/approvals" => pages::approvals::list;
    SignedIn  GET  "/retention" => pages::retention::list;
    SignedIn  GET  "/expiring" => pages::expiring::list;
    SignedIn  GET  "/settings" => pages::settings::show;
    SignedIn  GET  "/settings/people" => pages::user::list;
    SignedIn  GET  "/settings/people/new" => pages::user::form;
    SignedIn  POST "/settings/people/new" => pages::user::create;
    SignedIn  GET  "/settings/people/{user}" => pages::user::show;
    SignedIn  POST "/settings/people/{user}/disable" => pages::user::disable;
    SignedIn  POST "/settings/people/{user}/enable" => pages::user::enable;
    SignedIn  POST "/settings/people/{user}/reset-password" => pages::user::reset;
    SignedIn  POST "/settings/people/{user}/roles" => pages::user::grant;
    SignedIn  POST "/settings/people/{user}/roles/revoke" => pages::user::revoke;
    SignedIn  POST "/settings/people/{user}/tokens/{token}/revoke" => pages::user::revoke_token;
    SignedIn  GET  "/settings/repositories" => pages::github::all;
    SignedIn  GET  "/settings/audit" => pages::audit::platform;
    SignedIn  GET  "/schedule" => pages::schedule::show;
    SignedIn  GET  "/settings/policies" => pages::policy::list::list;
    SignedIn  GET  "/settings/policies/new" => pages::policy::edit::new;
    SignedIn  POST "/settings/policies/new" => pages::policy::edit::create;
    SignedIn  GET  "/settings/policies/{policy}" => pages::policy::edit::show;
    SignedIn  POST "/settings/policies/{policy}" => pages::policy::edit::save;
    SignedIn  POST "/settings/policies/{policy}/retire" => pages::policy::edit::retire;
    SignedIn  GET  "/customers" => pages::tenant::list;
    SignedIn  GET  "/customers/new" => pages::tenant::form;
    SignedIn  POST "/customers/new" => pages::tenant::create;
    SignedIn  GET  "/customers/{slug}" => pages::status::show;
    SignedIn  GET  "/customers/{slug}/events" => events::stream;
    SignedIn  GET  "/customers/{slug}/service" => pages::service::show;
    SignedIn  POST "/customers/{slug}/service/responsibilities" => pages::service::agree;
    SignedIn  GET  "/customers/{slug}/contract" => pages::contract::show;
    SignedIn  GET  "/customers/{slug}/contract/edit" => pages::contract::edit::form;
    SignedIn  POST "/customers/{slug}/contract/edit" => pages::contract::edit::submit;
    SignedIn  GET  "/customers/{slug}/contacts/new" => pages::contact::add;
    SignedIn  POST "/customers/{slug}/contacts/new" => pages::contact::submit_new;
    SignedIn  GET  "/customers/{slug}/contacts/{id}" => pages::contact::edit;
    SignedIn  POST "/customers/{slug}/contacts/{id}" => pages::contact::submit_change;
    SignedIn  POST "/customers/{slug}/contacts/{id}/remove" => pages::contact::remove;
    SignedIn  POST "/customers/{slug}/acknowledgements" => pages::acknowledgement::sign;
    SignedIn  POST "/customers/{slug}/acknowledgements/{id}/withdraw" => pages::acknowledgement::withdraw;
    SignedIn  GET  "/customers/{slug}/scope" => pages::sow::show::show;
    SignedIn  GET  "/customers/{slug}/scope/versions" => pages::sow::versions::list;
    SignedIn  GET  "/customers/{slug}/scope/versions/{number}" => pages::sow::versions::show;
    SignedIn  GET  "/customers/{slug}/decisions" => pages::attestation::list;
    SignedIn  POST "/customers/{slug}/decisions/attest" => pages::attestation::attest;
    SignedIn  GET  "/customers/{slug}/components" => pages::component::list;
    SignedIn  GET  "/customers/{slug}/components/{id}" => pages::component::show::show;
    SignedIn  GET  "/customers/{slug}/components/{id}/facts" => pages::component::facts::form;
    SignedIn  POST "/customers/{slug}/components/{id}/facts" => pages::component::facts::state;
    SignedIn  GET  "/customers/{slug}/components/{id}/decommission" => pages::decommission::show::show;
    SignedIn  POST "/customers/{slug}/components/{id}/decommission" => pages::decommission::decide::ask;
    SignedIn  POST "/customers/{slug}/components/{id}/decommission/confirm" => pages::decommission::decide::confirm;
    SignedIn  POST "/customers/{slug}/components/{id}/decommission/withdraw" => pages::decommission::decide::withdraw;
    SignedIn  GET  "/customers/{slug}/decommissions" => pages::decommission::list::list;
    SignedIn  GET  "/customers/{slug}/imports" => pages::import::list::list;
    SignedIn  POST "/customers/{slug}/imports" => pages::import::submit::submit;
    SignedIn  GET  "/customers/{slug}/imports/{number}" => pages::import::show::show;
    SignedIn  GET  "/customers/{slug}/imports/{number}/document" => pages::import::show::document;
    SignedIn  GET  "/customers/{slug}/recovery-points" => pages::recovery_point::list;
    SignedIn  GET  "/customers/{slug}/holds" => pages::hold::list::list;
    SignedIn  GET  "/customers/{slug}/holds/new" => pages::hold::new::form;
    SignedIn  POST "/customers/{slug}/holds/new" => pages::hold::new::submit;
    SignedIn  GET  "/customers/{slug}/holds/{number}" => pages::hold::show::show;
    SignedIn  POST "/customers/{slug}/holds/{number}/ask-release" => pages::hold::decide::ask_release;
    SignedIn  POST "/customers/{slug}/holds/{number}/release" => pages::hold::decide::release;
    SignedIn  POST "/customers/{slug}/holds/{number}/keep" => pages::hold::decide::keep;
    SignedIn  GET  "/customers/{slug}/accounts" => pages::account::list;
    SignedIn  GET  "/customers/{slug}/audit" => pages::audit::list;
    SignedIn  GET  "/customers/{slug}/repositories" => pages::github::list;
    SignedIn  POST "/customers/{slug}/repositories" => pages::github::link;
    SignedIn  POST "/customers/{slug}/repositories/people" => pages::github::entitle;
    SignedIn  POST "/customers/{slug}/repositories/{repository}/unlink" => pages::github::unlink;
    SignedIn  GET  "/customers/{slug}/hand-over" => pages::lifecycle::show::show;
    SignedIn  POST "/customers/{slug}/hand-over/exports" => pages::export::request;
    SignedIn  GET  "/customers/{slug}/exports/{export}/content" => pages::export::content;
    SignedIn  POST "/customers/{slug}/hand-over/suspend" => pages::lifecycle::decide::suspend;
    SignedIn  POST "/customers/{slug}/hand-over/resume" => pages::lifecycle::decide::resume;
    SignedIn  POST "/customers/{slug}/hand-over/announce" => pages::lifecycle::decide::announce;
    SignedIn  POST "/customers/{slug}/hand-over/keep" => pages::lifecycle::decide::keep;
    SignedIn  POST "/customers/{slug}/hand-over/end" => pages::lifecycle::decide::end;
    SignedIn  POST "/customers/{slug}/hand-over/accounts/{account}/unlink" => pages::lifecycle::decide::unlink_account;
    SignedIn  GET  "/customers/{slug}/changes" => pages::change_request::list::list;
    SignedIn  GET  "/customers/{slug}/changes/new" => pages::change_request::new::form;
    SignedIn  POST "/customers/{slug}/changes/new" => pages::change_request::new::submit;
    SignedIn  GET  "/customers/{slug}/changes/bulk" => pages::bulk_change::new::form;
    SignedIn  POST "/customers/{slug}/changes/bulk" => pages::bulk_change::new::submit;
    SignedIn  GET  "/customers/{slug}/changes/bulk/{number}" => pages::bulk_change::show::show;
    SignedIn  POST "/customers/{slug}/changes/bulk/{number}/approve" => pages::bulk_change::show::approve;
    SignedIn  GET  "/customers/{slug}/bulk-changes" => pages::bulk_change::list::list;
    SignedIn  GET  "/customers/{slug}/changes/{number}" => pages::change_request::show;
    SignedIn  POST "/customers/{slug}/changes/{number}/approve" => pages::change_request::decide::approve;
    SignedIn  POST "/customers/{slug}/changes/{number}/reject" => pages::change_request::decide::reject;
    SignedIn  POST "/customers/{slug}/changes/{number}/withdraw" => pages::change_request::decide::withdraw;
    SignedIn  POST "/customers/{slug}/changes/{number}/plan-again" => pages::change_request::decide::plan_again;
    SignedIn  GET  "/customers/{slug}/restores" => pages::restore::list::list;
    SignedIn  GET  "/customers/{slug}/restores/new" => pages::restore::new::form;
    SignedIn  POST "/customers/{slug}/restores/new" => pages::restore::new::submit;
    SignedIn  GET  "/customers/{slug}/restores/{number}" => pages::restore::show;
    SignedIn  POST "/customers/{slug}/restores/{number}/approve" => pages::restore::decide::approve;
    SignedIn  POST "/customers/{slug}/restores/{number}/reject" => pages::restore::decide::reject;
    SignedIn  POST "/customers/{slug}/restores/{number}/cancel" => pages::restore::decide::cancel;
    SignedIn  POST "/customers/{slug}/restores/{number}/verify" => pages::restore::decide::verify;
    SignedIn  POST "/customers/{slug}/restores/{number}/dispute" => pages::restore::decide::dispute;

    Bearer    GET  "/api/v1/expiring" => api::expiring::list;
    Bearer    GET  "/api/v1/retention" => api::retention::list;
    Bearer    GET  "/api/v1/customers" => api::tenant::list;
    Bearer    POST "/api/v1/customers" => api::tenant::create;
    Bearer    GET  "/api/v1/customers/{slug}" => api::tenant::show;
    Bearer    GET  "/api/v1/customers/{slug}/contract" => api::contract::show;
    Bearer    PUT  "/api/v1/customers/{slug}/contract" => api::contract::change;
    Bearer    GET  "/api/v1/customers/{slug}/contract-versions" => api::contract::versions;
    Bearer    GET  "/api/v1/customers/{slug}/contacts" => api::contact::list;
    Bearer    POST "/api/v1/customers/{slug}/contacts" => api::contact::create;
    Bearer    GET  "/api/v1/customers/{slug}/contacts/{id}" => api::contact::show;
    Bearer    PUT  "/api/v1/customers/{slug}/contacts/{id}" => api::contact::change;
    Bearer    DELETE "/api/v1/customers/{slug}/contacts/{id}" => api::contact::remove;
    Bearer    GET  "/api/v1/customers/{slug}/acknowledgements" => api::acknowledgement::list;
    Bearer    POST "/api/v1/customers/{slug}/acknowledgements" => api::acknowledgement::create;
    Bearer    POST "/api/v1/customers/{slug}/acknowledgements/{id}/withdraw" => api::acknowledgement::withdraw;
    Bearer    GET  "/api/v1/customers/{slug}/service" => api::service::show;
    Bearer    PUT  "/api/v1/customers/{slug}/responsibilities/{duty}" => api::service::agree;
    Bearer    GET  "/api/v1/customers/{slug}/accounts" => api::tenant::accounts;
    Bearer    GET  "/api/v1/customers/{slug}/audit" => api::tenant::audit;
    Bearer    GET  "/api/v1/schedule" => api::schedule::show;
    Bearer    GET  "/api/v1/customers/{slug}/sow" => api::sow::show;
    Bearer    GET  "/api/v1/customers/{slug}/sow-versions" => api::sow::versions;
    Bearer    GET  "/api/v1/customers/{slug}/sow-versions/{number}" => api::sow::version;
    Bearer    GET  "/api/v1/customers/{slug}/decisions" => api::attestation::list;
    Bearer    POST "/api/v1/customers/{slug}/decisions/{component}/attest" => api::attestation::attest;
    Bearer    GET  "/api/v1/customers/{slug}/components" => api::component::list;
    Bearer    GET  "/api/v1/customers/{slug}/components/{id}" => api::component::show;
    Bearer    PATCH "/api/v1/customers/{slug}/components/{id}" => api::component::edit;
    Bearer    GET  "/api/v1/customers/{slug}/change-requests" => api::change_request::list;
    Bearer    POST "/api/v1/customers/{slug}/change-requests" => api::change_request::create;
    Bearer    GET  "/api/v1/customers/{slug}/bulk-changes" => api::bulk_change::list;
    Bearer    POST "/api/v1/customers/{slug}/bulk-changes" => api::bulk_change::create;
    Bearer    GET  "/api/v1/customers/{slug}/bulk-changes/{number}" => api::bulk_change::show;
    Bearer    POST "/api/v1/customers/{slug}/bulk-changes/{number}/approve" => api::bulk_change::approve;
    Bearer    GET  "/api/v1/customers/{slug}/imports" => api::import::list;
    Bearer    POST "/api/v1/customers/{slug}/imports" => api::import::create;
    Bearer    GET  "/api/v1/customers/{slug}/imports/{number}" => api::import::show;
    Bearer    GET  "/api/v1/customers/{slug}/imports/{number}/document" => api::import::document;
    Bearer    GET  "/api/v1/customers/{slug}/decommissions" => api::decommission::list;
    Bearer    GET  "/api/v1/customers/{slug}/components/{id}/decommission" => api::decommission::show;
    Bearer    POST "/api/v1/customers/{slug}/components/{id}/decommission" => api::decommission::ask;
    Bearer    POST "/api/v1/customers/{slug}/components/{id}/decommission/confirm" => api::decommission::confirm;
    Bearer    POST "/api/v1/customers/{slug}/components/{id}/decommission/withdraw" => api::decommission::withdraw;
    Bearer    GET  "/api/v1/change-requests/{id}" => api::change_request::show;
    Bearer    GET  "/api/v1/change-requests/{id}/plan" => api::change_request::plan;
    Bearer    POST "/api/v1/change-requests/{id}/approve" => api::change_request::approve;
    Bearer    POST "/api/v1/change-requests/{id}/reject" => api::change_request::reject;
    Bearer    POST "/api/v1/change-requests/{id}/withdraw" => api::change_request::withdraw;
    Bearer    GET  "/api/v1/customers/{slug}/recovery-points" => api::restore::recovery_points;
    Bearer    GET  "/api/v1/customers/{slug}/restore-requests" => api::restore::list;
    Bearer    POST "/api/v1/customers/{slug}/restore-requests" => api::restore::create;
    Bearer    GET  "/api/v1/restore-requests/{id}" => api::restore::show;
    Bearer    POST "/api/v1/restore-requests/{id}/approve" => api::restore::approve;
    Bearer    POST "/api/v1/restore-requests/{id}/reject" => api::restore::reject;
    Bearer    POST "/api/v1/restore-requests/{id}/cancel" => api::restore::cancel;
    Bearer    POST "/api/v1/restore-requests/{id}/verify" => api::restore::verify;
    Bearer    POST "/api/v1/restore-requests/{id}/dispute" => api::restore::dispute;
    Bearer    GET  "/api/v1/customers/{slug}/recovery-point-holds" => api::hold::list;
    Bearer    POST "/api/v1/customers/{slug}/recovery-point-holds" => api::hold::create;
    Bearer    GET  "/api/v1/recovery-point-holds/{id}" => api::hold::show;
    Bearer    POST "/api/v1/recovery-point-holds/{id}/ask-release" => api::hold::ask_release;
    Bearer    POST "/api/v1/recovery-point-holds/{id}/release" => api::hold::release;
    Bearer    POST "/api/v1/recovery-point-holds/{id}/keep" => api::hold::keep;
    Bearer    GET  "/api/v1/policies" => api::policy::list;
    Bearer    POST "/api/v1/policies" => api::policy::create;
    Bearer    GET  "/api/v1/policies/{policy}" => api::policy::show;
    Bearer    PUT  "/api/v1/policies/{policy}" => api::policy::update;
    Bearer    POST "/api/v1/policies/{policy}/retire" => api::policy::retire;
    Bearer    GET  "/api/v1/presets" => api::policy::presets;
    Bearer    GET  "/api/v1/customers/{slug}/lifecycle" => api::lifecycle::show;
    Bearer    POST "/api/v1/customers/{slug}/suspend" => api::lifecycle::suspend;
    Bearer    POST "/api/v1/customers/{slug}/resume" => api::lifecycle::resume;
    Bearer    POST "/api/v1/customers/{slug}/offboarding" => api::lifecycle::announce;
    Bearer    POST "/api/v1/customers/{slug}/offboarding/cancel" => api::lifecycle::keep;
    Bearer    POST "/api/v1/customers/{slug}/offboarding/complete" => api::lifecycle::end;
    Bearer    POST "/api/v1/customers/{slug}/accounts/{account}/unlink" => api::lifecycle::unlink_account;
    Bearer    GET  "/api/v1/customers/{slug}/remaining" => api::lifecycle::remaining;
    Bearer    GET  "/api/v1/customers/{slug}/exports" => api::export::list;
    Bearer    POST "/api/v1/customers/{slug}/exports" => api::export::create;
    Bearer    GET  "/api/v1/customers/{slug}/exports/{export}" => api::export::show;
    Bearer    GET  "/api/v1/customers/{slug}/exports/{export}/content" => api::export::content;
    Bearer    GET  "/api/v1/customers/{slug}/repositories" => api::github::list;
    Bearer    POST "/api/v1/customers/{slug}/repositories" => api::github::link;
    Bearer    POST "/api/v1/customers/{slug}/repositories/{repository}/unlink" => api::github::unlink;
    Bearer    GET  "/api/v1/customers/{slug}/repositories/{repository}/people" => api::github::people;
    Bearer    POST "/api/v1/customers/{slug}/repositories/{repository}/people" => api::github::entitle;
    Bearer    GET  "/api/v1/users" => api::user::list;
    Bearer    POST "/api/v1/users" => api::user::create;
    Bearer    GET  "/api/v1/users/{user}" => api::user::show;
    Bearer    POST "/api/v1/users/{user}/disable" => api::user::disable;
    Bearer    POST "/api/v1/users/{user}/enable" => api::user::enable;
    Bearer    POST "/api/v1/users/{user}/reset-password" => api::user::reset;
    Bearer    POST "/api/v1/users/{user}/roles" => api::user::grant;
    Bearer    POST "/api/v1/users/{user}/roles/revoke" => api::user::revoke;
    Bearer    GET  "/api/v1/users/{user}/tokens" => api::user::tokens;
    Bearer    POST "/api/v1/users/{user}/tokens/{token}/revoke" => api::user::revoke_token;
    Bearer    GET  "/api/v1/audit" => api::user::log;
}

/// Routes that take a whole onboarding document.
const WIDER: [(&str, usize); 2] = [
    ("/customers/{slug}/imports", DOCUMENT_BYTES),
    ("/api/v1/customers/{slug}/imports", DOCUMENT_BYTES),
];

/// Everything that the portal serves. To be given to [`crate::server::serve`].
pub fn router(web: Web) -> Router {
    let ordinary = from_fn_with_state(BodyLimit::new(ORDINARY_BYTES).but(&WIDER), read_whole);
    let large = from_fn_with_state(BodyLimit::new(WEBHOOK_BYTES), read_whole);
    let own_origin = from_fn_with_state(web.settings.public_url.clone(), csrf::guard);
    let https_only = web.settings.secure_cookies;

    // Whoever is refused at a door does not get to send a body.
    let people = behind(Auth::SignedIn)
        .route_layer(ordinary.clone())
        .route_layer(from_fn_with_state(web.clone(), signed_in))
        .merge(behind(Auth::Public).route_layer(ordinary.clone()))
        .route_layer(own_origin);
    let programs = behind(Auth::Bearer)
        .route_layer(ordinary)
        .route_layer(from_fn_with_state(web.clone(), bearer));
    let signed = behind(Auth::Signature).route_layer(large);
    let routes = people
        .merge(programs)
        .merge(signed)
        .with_state(web)
        .merge(assets::routes())
        .layer(DefaultBodyLimit::disable())
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_in_this_way);
    around(routes, https_only)
}

async fn nothing_here(request: Request) -> Response {
    answer_for(request.uri().path(), Failure::NOT_FOUND)
}

async fn not_in_this_way(request: Request) -> Response {
    answer_for(request.uri().path(), Failure::METHOD)
}
