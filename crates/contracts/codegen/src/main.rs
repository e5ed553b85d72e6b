//! Writes `crates/contracts/src/wire/` from `proto/`. Run by `make proto`; needs no protoc.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use prost::Message;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let proto = root.join("proto");
    let wire = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => root.join("crates/contracts/src/wire"),
    };

    let mut sources = Vec::new();
    collect(&proto.join("harken"), &mut sources)?;
    sources.sort();

    let mut compiler = protox::Compiler::new([&proto])?;
    compiler
        .include_source_info(true)
        .include_imports(true)
        .open_files(&sources)?;
    let described = compiler.file_descriptor_set();

    if wire.exists() {
        fs::remove_dir_all(&wire)?;
    }
    fs::create_dir_all(&wire)?;
    fs::write(
        wire.join("descriptor.bin"),
        without_comments(&described).encode_to_vec(),
    )?;
    let mut named = tonic_prost_build::Config::new();
    named.enable_type_names();
    tonic_prost_build::configure()
        .bytes(".")
        .include_file("mod.rs")
        .out_dir(&wire)
        .compile_fds_with_config(described, named)
        .context("generating Rust from the descriptors")
}

/// Reflection needs the shape of the contracts, not their comments.
fn without_comments(
    described: &protox::prost_reflect::prost_types::FileDescriptorSet,
) -> protox::prost_reflect::prost_types::FileDescriptorSet {
    let mut shapes = described.clone();
    for file in &mut shapes.file {
        file.source_code_info = None;
    }
    shapes
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, sources)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            sources.push(path);
        }
    }
    Ok(())
}
