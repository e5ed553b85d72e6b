//! Replays what the fuzz targets keep: bytes that once were found to matter.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, reason = "it is a library where the targets use it")]
#[path = "fuzz/src/lib.rs"]
mod fuzz;

/// Lets `holds` judge every file that is kept for a target.
fn replay(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        holds(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

#[test]
fn every_kept_envelope_is_read_or_refused() {
    replay("envelope", fuzz::envelope::holds);
}

#[test]
fn every_kept_signature_is_judged_as_the_definition_says() {
    replay("signature", fuzz::signature::holds);
}

#[test]
fn every_kept_topic_keeps_its_name() {
    replay("topic", fuzz::topic::holds);
}
