//! Who may import whom. The table is the house; a crate that is not in it does not belong here.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// What a crate of ours may depend on among the others, tests aside.
const FLOORS: &[(&str, &[&str])] = &[
    // Words, and what turns protos into Rust.
    ("harken-domain", &[]),
    ("harken-contracts", &["harken-domain"]),
    ("harken-contracts-codegen", &[]),
    // Pipes that know no business.
    ("harken-telemetry", &["harken-domain"]),
    (
        "harken-runtime",
        &["harken-domain", "harken-contracts", "harken-telemetry"],
    ),
    (
        "harken-bus",
        &[
            "harken-domain",
            "harken-contracts",
            "harken-telemetry",
            "harken-runtime",
        ],
    ),
    (
        "harken-store",
        &[
            "harken-domain",
            "harken-contracts",
            "harken-telemetry",
            "harken-runtime",
            "harken-bus",
        ],
    ),
    // Doors to the outside.
    ("harken-intercom", WORDS_AND_RAILS),
    // Rooms: never another room.
    ("harken-ingress", ROOM),
    ("harken-vault", ROOM),
    ("harken-sync", ROOM),
    ("harken-scoring", ROOM),
    ("harken-gateway", ROOM),
    // The one binary: it alone knows every room.
    (
        "harken",
        &[
            "harken-domain",
            "harken-contracts",
            "harken-telemetry",
            "harken-runtime",
            "harken-bus",
            "harken-store",
            "harken-ingress",
            "harken-vault",
            "harken-sync",
            "harken-scoring",
            "harken-gateway",
            "harken-local",
        ],
    ),
    // Workshop.
    ("harken-local", &[]),
    ("harken-simulator", &[]),
    ("harken-testkit", WORDS_AND_RAILS),
    ("harken-system-tests", ANY),
];

const WORDS_AND_RAILS: &[&str] = &[
    "harken-domain",
    "harken-contracts",
    "harken-telemetry",
    "harken-runtime",
    "harken-bus",
    "harken-store",
];
const ROOM: &[&str] = &[
    "harken-domain",
    "harken-contracts",
    "harken-telemetry",
    "harken-runtime",
    "harken-bus",
    "harken-store",
    "harken-intercom",
];
const ANY: &[&str] = &["*"];

/// What only tests may use.
const WORKSHOP: &[&str] = &["harken-testkit", "harken-simulator"];
const ROOMS: &[&str] = &[
    "harken-ingress",
    "harken-vault",
    "harken-sync",
    "harken-scoring",
    "harken-gateway",
];

/// Heavy crates from outside and who may use them, tests aside.
const HEAVY: &[(&str, &[&str])] = &[
    (
        "async-nats",
        &["harken-bus", "harken-testkit", "harken-system-tests"],
    ),
    (
        "sqlx",
        &[
            "harken-store",
            "harken-ingress",
            "harken-vault",
            "harken-sync",
            "harken-scoring",
            "harken-testkit",
            "harken-system-tests",
        ],
    ),
    (
        "tonic",
        &[
            "harken-contracts",
            "harken-runtime",
            "harken-telemetry",
            "harken-intercom",
            "harken-ingress",
            "harken-vault",
            "harken-sync",
            "harken-scoring",
            "harken-gateway",
            "harken",
            "harken-testkit",
            "harken-system-tests",
        ],
    ),
    (
        "axum",
        &["harken-runtime", "harken-gateway", "harken-simulator"],
    ),
    (
        "hyper",
        &[
            "harken-runtime",
            "harken-ingress",
            "harken-gateway",
            "harken-simulator",
        ],
    ),
    (
        "reqwest",
        &[
            "harken-intercom",
            "harken",
            "harken-simulator",
            "harken-system-tests",
        ],
    ),
    (
        "rustls",
        &[
            "harken-intercom",
            "harken",
            "harken-simulator",
            "harken-system-tests",
        ],
    ),
    ("oauth2", &["harken-vault"]),
    // The vault seals secrets, the adapter places in lists that are made of people's ids.
    ("chacha20poly1305", &["harken-vault", "harken-intercom"]),
    ("askama", &["harken-gateway", "harken-simulator"]),
    ("clap", &["harken", "harken-simulator"]),
    ("indicatif", &["harken"]),
    ("prost-reflect", &["harken", "harken-gateway"]),
    ("opentelemetry", &["harken-telemetry", "harken-testkit"]),
    ("opentelemetry_sdk", &["harken-telemetry", "harken-testkit"]),
    ("opentelemetry-otlp", &["harken-telemetry"]),
    ("metrics-exporter-prometheus", &["harken-telemetry"]),
    ("protox", &["harken-contracts-codegen"]),
    ("openssl", &[]),
    ("native-tls", &[]),
    ("aws-lc-rs", &[]),
];

/// What a folder inside a service may not name: `inbound → app → {rules, outbound}`, and rules are pure.
const WALLS: &[(&str, &[&str])] = &[
    (
        "rules",
        &[
            "crate::app",
            "crate::inbound",
            "crate::outbound",
            "crate::service",
            "harken_contracts",
            "harken_store",
            "harken_bus",
            "harken_runtime",
            "sqlx::",
            "tonic::",
            "tokio::",
        ],
    ),
    ("outbound", &["crate::app", "crate::inbound"]),
    ("app", &["crate::inbound"]),
];

#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Package {
    /// Those that end up in what we ship.
    fn shipped(&self) -> impl Iterator<Item = &str> {
        self.dependencies
            .iter()
            .filter(|one| one.kind.as_deref() != Some("dev"))
            .map(|one| one.name.as_str())
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().map(|one| one.name.as_str())
    }
}

fn workspace() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice::<Workspace>(&output.stdout)
        .unwrap()
        .packages
}

fn is_ours(name: &str) -> bool {
    FLOORS.iter().any(|(ours, _)| *ours == name)
}

#[test]
fn every_crate_has_its_floor() {
    let there: BTreeSet<String> = workspace()
        .into_iter()
        .map(|package| package.name)
        .collect();
    let listed: BTreeSet<String> = FLOORS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, listed);
}

#[test]
fn no_crate_imports_what_its_floor_does_not_allow() {
    let mut complaints = Vec::new();
    for package in workspace() {
        let (_, allowed) = FLOORS
            .iter()
            .find(|(name, _)| *name == package.name)
            .unwrap();
        for import in package.shipped().filter(|name| is_ours(name)) {
            if *allowed != ANY && !allowed.contains(&import) {
                complaints.push(format!("{} imports {import}", package.name));
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn no_room_imports_another_even_in_its_tests() {
    let mut complaints = Vec::new();
    for package in workspace()
        .iter()
        .filter(|package| ROOMS.contains(&package.name.as_str()))
    {
        for import in package
            .all()
            .filter(|name| ROOMS.contains(name) && *name != package.name)
        {
            complaints.push(format!("{} imports {import}", package.name));
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn what_is_for_tests_is_not_shipped() {
    let mut complaints = Vec::new();
    for package in workspace()
        .iter()
        .filter(|package| package.name != "harken-system-tests")
    {
        for import in package.shipped().filter(|name| WORKSHOP.contains(name)) {
            complaints.push(format!("{} ships {import}", package.name));
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn heavy_crates_stay_behind_their_doors() {
    let mut complaints = Vec::new();
    for package in workspace() {
        for (heavy, doors) in HEAVY {
            if package.shipped().any(|name| name == *heavy)
                && !doors.contains(&package.name.as_str())
            {
                complaints.push(format!("{} uses {heavy}", package.name));
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn inside_a_room_nothing_looks_back() {
    let mut complaints = Vec::new();
    for package in workspace()
        .iter()
        .filter(|package| ROOMS.contains(&package.name.as_str()))
    {
        for (folder, forbidden) in WALLS {
            for file in rust_files(&package.manifest_path.with_file_name("src").join(folder)) {
                let text = fs::read_to_string(&file).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                for name in forbidden.iter().filter(|name| code.contains(**name)) {
                    complaints.push(format!("{} names {name}", file.display()));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.flat_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path)
        } else {
            vec![path]
        }
    });
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
