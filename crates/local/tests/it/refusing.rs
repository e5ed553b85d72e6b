use std::fs;
use std::net::TcpListener;
use std::process::Output;

use crate::bench::{Bench, borrow, lingering, refusal};

const NO_STORES: i32 = 69;

fn try_to_borrow(bench: &Bench, flags: &[&str]) -> Output {
    bench
        .stores()
        .args(flags)
        .args(["--", "true"])
        .output()
        .unwrap()
}

#[test]
fn a_taken_port_is_named_with_its_holder_and_the_way_out() {
    let bench = Bench::set_up();
    // NATS, which starts first, would take the fifth port from the base.
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let said = refusal(
        &try_to_borrow(&bench, &["--port-base", &(port - 5).to_string()]),
        NO_STORES,
    );
    let us = format!("(process {})", std::process::id());
    for part in [&format!("port {port}"), "NATS", &us, "--port-base"] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
}

#[test]
fn a_folder_in_use_is_not_shared() {
    let bench = Bench::set_up();
    let owner = lingering(bench.stores(), ":", &bench.path("sign"));
    let said = refusal(&try_to_borrow(&bench, &[]), NO_STORES);
    assert!(
        said.contains(&format!("process {}", owner.0.id())),
        "{said}"
    );
    assert!(said.contains("--state-dir"), "{said}");
}

#[test]
fn data_of_another_major_is_left_alone() {
    let bench = Bench::set_up();
    borrow(bench.stores(), "true");
    let version = bench.state().join("postgres/data/PG_VERSION");
    fs::write(&version, "99\n").unwrap();
    let said = refusal(&try_to_borrow(&bench, &[]), NO_STORES);
    assert!(said.contains("written by Postgres 99"), "{said}");
    assert_eq!(fs::read_to_string(&version).unwrap(), "99\n");
}

#[test]
fn without_a_network_the_line_says_what_to_put_where() {
    let bench = Bench::set_up();
    let mut stores = bench.stores();
    stores
        .env("XDG_CACHE_HOME", bench.path("cache"))
        .env("PIP_FIND_LINKS", "");
    stores
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        .env("PIP_RETRIES", "0");
    // A folder of the same name hides a nats-server that is installed.
    let output = stores
        .env("PATH", path_without_nats())
        .args(["--", "true"])
        .output()
        .unwrap();
    let said = refusal(&output, NO_STORES);
    assert!(said.contains("could not fetch nats-server"), "{said}");
    assert!(
        said.contains("check the network, or put nats-server 2.15 or newer on PATH"),
        "{said}"
    );
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let bench = Bench::set_up();
    borrow(bench.stores(), "true");
    fs::write(
        bench.state().join("postgres/data/postgresql.conf"),
        "shared_buffers = lots\n",
    )
    .unwrap();
    let said = refusal(&try_to_borrow(&bench, &[]), NO_STORES);
    assert!(said.contains("Postgres did not start"), "{said}");
    assert!(
        said.contains("FATAL") && said.contains("postgres.log"),
        "{said}"
    );
}

#[test]
fn wrong_flags_are_answered_with_the_usage() {
    let bench = Bench::set_up();
    let output = bench.stores().arg("--sideways").output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("usage: harken-stores"));
}

fn path_without_nats() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap();
    let folders =
        std::env::split_paths(&path).filter(|folder| !folder.join("nats-server").exists());
    std::env::join_paths(folders).unwrap()
}
