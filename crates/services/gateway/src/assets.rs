//! Files that the console's pages need, held in the binary under names that change with their content.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// A file of `assets/`.
pub(crate) struct Asset {
    /// Its path, with a part of its digest: may be kept by browsers for ever.
    pub(crate) path: String,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'static [u8],
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "console",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/console.css"),
    )
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_bytes!("../assets/console.js");
    Asset::new("console", "js", "text/javascript; charset=utf-8", content)
});
static MARK: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "mark",
        "svg",
        "image/svg+xml",
        include_bytes!("../assets/mark.svg"),
    )
});

/// Every file.
pub(crate) fn all() -> [&'static Asset; 3] {
    [&STYLE, &SCRIPT, &MARK]
}

pub(crate) fn style() -> &'static str {
    &STYLE.path
}

pub(crate) fn script() -> &'static str {
    &SCRIPT.path
}

pub(crate) fn mark() -> &'static str {
    &MARK.path
}

impl Asset {
    fn new(
        name: &str,
        extension: &str,
        content_type: &'static str,
        content: &'static [u8],
    ) -> Self {
        let digest = hex::encode(&Sha256::digest(content)[..6]);
        Self {
            path: format!("/assets/{name}.{digest}.{extension}"),
            content_type,
            content,
        }
    }
}
