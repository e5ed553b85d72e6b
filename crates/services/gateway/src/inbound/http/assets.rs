use axum::Router;
use axum::routing::get;
use http::header;

use crate::app::Gateway;
use crate::assets;

/// The files that pages need. Their names change with their content, so a browser never asks twice.
pub(crate) fn routes() -> Router<Gateway> {
    let mut router = Router::new();
    for asset in assets::all() {
        let headers = [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        router = router.route(
            &asset.path,
            get(move || async move { (headers, asset.content) }),
        );
    }
    router
}
