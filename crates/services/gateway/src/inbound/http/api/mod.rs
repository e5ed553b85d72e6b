//! The HTTP/JSON API: one file per noun. The OpenAPI document is made of the same functions that serve.

#![expect(
    clippy::struct_field_names,
    reason = "fields are named as the contract names them"
)]

mod body;
mod caller;
mod completeness;
mod connections;
mod conversations;
mod csv_form;
mod customers;
mod dead_letters;
mod drift;
mod erasure;
mod evaluation;
mod events;
mod export;
mod reading;
mod runs;
mod sample;
mod scores;
mod sync_settings;
mod webhooks;
mod whoami;

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi as Document;
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::refusal::Refusal;
use crate::app::Gateway;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Harken",
        version = "1",
        description = "Customers of Intercom workspaces, their conversations, and a health score for each that explains itself.\n\nErrors are `application/problem+json`: they name the field, the reason and the remedy. Unknown parameters and fields are refused. Lists are read in slices: pass `next_page_token` on as `page_token`, with the same filter."
    ),
    components(schemas(super::render::Problem)),
    modifiers(&Credentials),
    security(("api_key" = [])),
    tags(
        (name = "connections", description = "Links to Intercom workspaces"),
        (name = "runs", description = "Executions of sync"),
        (name = "mirror", description = "How complete and how current the records are"),
        (name = "customers", description = "Contacts with an e-mail address, and their scores"),
        (name = "conversations", description = "Conversations and their parts"),
        (name = "scores", description = "How scores are computed"),
        (name = "export", description = "Everything of one kind, streamed"),
        (name = "dead letters", description = "What could not be taken in, to be replayed or dropped"),
        (name = "events", description = "What changes, as it changes")
    )
)]
struct Description;

/// Says how callers show who they are.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut Document) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("hk_…")
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
    }
}

/// The API's routes, the document that describes them among them.
pub(crate) fn routes() -> Router<Gateway> {
    let (router, document) = described().split_for_parts();
    router
        .route(
            "/api/v1/openapi.json",
            get(move || async move { Json(document) }),
        )
        .route(
            "/api/{*rest}",
            axum::routing::any(|| async { Refusal::not_found() }),
        )
}

fn described() -> OpenApiRouter<Gateway> {
    let api = OpenApiRouter::new()
        .routes(routes!(whoami::whoami))
        .routes(routes!(connections::list, connections::create))
        .routes(routes!(connections::get))
        .routes(routes!(connections::test))
        .routes(routes!(connections::disconnect))
        .routes(routes!(connections::replace_token))
        .routes(routes!(connections::remove_data))
        .routes(routes!(erasure::get))
        .routes(routes!(sync_settings::get, sync_settings::put))
        .routes(routes!(sync_settings::pause))
        .routes(routes!(sync_settings::resume))
        .routes(routes!(completeness::get))
        .routes(routes!(completeness::list))
        .routes(routes!(drift::get))
        .routes(routes!(sample::get))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::secret, webhooks::set))
        .routes(routes!(webhooks::retire))
        .routes(routes!(runs::list, runs::start))
        .routes(routes!(runs::get))
        .routes(routes!(runs::log))
        .routes(routes!(runs::gaps))
        .routes(routes!(customers::list))
        .routes(routes!(customers::get))
        .routes(routes!(scores::get))
        .routes(routes!(scores::explain))
        .routes(routes!(scores::levels))
        .routes(routes!(evaluation::evaluate))
        .routes(routes!(evaluation::configuration))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::get))
        .routes(routes!(dead_letters::list))
        .routes(routes!(dead_letters::get))
        .routes(routes!(dead_letters::replay))
        .routes(routes!(dead_letters::drop))
        .routes(routes!(export::export))
        .routes(routes!(events::events));
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api/v1", api)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_describes_each_route_with_its_errors() {
        let document = serde_json::to_value(described().into_openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() >= 29, "{} paths", paths.len());
        let mut names = BTreeSet::new();
        for (path, methods) in paths {
            assert!(path.starts_with("/api/v1/"), "{path}");
            for (method, operation) in methods.as_object().unwrap() {
                let place = format!("{method} {path}");
                assert!(operation["summary"].is_string(), "{place} has no summary");
                assert!(operation["tags"][0].is_string(), "{place} has no tag");
                let name = operation["operationId"].as_str().unwrap();
                assert!(
                    names.insert(name.to_owned()),
                    "{place} is called {name} like another"
                );
                let responses = operation["responses"].as_object().unwrap();
                assert!(
                    responses.contains_key("default"),
                    "{place} does not say how it fails"
                );
                let is_described = |answer: &serde_json::Value| answer["description"].is_string();
                assert!(responses.values().all(is_described), "{place}");
            }
        }
    }

    #[test]
    fn ids_in_paths_are_described() {
        let document = serde_json::to_value(described().into_openapi()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for name in path
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next())
            {
                for operation in methods.as_object().unwrap().values() {
                    let parameters = operation["parameters"].as_array().unwrap();
                    assert!(
                        parameters
                            .iter()
                            .any(|one| one["name"] == name && one["in"] == "path"),
                        "{path}"
                    );
                }
            }
        }
    }
}
