use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::bench::{
    Bench, borrow, lingering, on_path, processes_mentioning, refusal, signal, stores_at, until,
    we_are_root,
};
use crate::wire::Nats;

const ASK_POSTGRES: &str = r#"psql -X "$DATABASE_URL" -Atc "select current_database()""#;

#[test]
fn a_borrower_finds_both_stores_and_they_are_gone_afterwards() {
    let bench = Bench::set_up();
    let script = format!(
        "{ASK_POSTGRES}; test \"$DATABASE_URL\" = \"$HARKEN_DATABASE_URL\"; echo $HARKEN_NATS_URL"
    );
    let said = borrow(bench.stores(), &script);
    assert!(said.starts_with("harken\nnats://harken:"), "{said}");
    assert_eq!(processes_mentioning(&bench.state()), []);
}

#[test]
fn the_borrowers_exit_code_is_passed_on() {
    let bench = Bench::set_up();
    let status = |script: &str| {
        let mut stores = bench.stores();
        stores
            .args(["--", "sh", "-c", script])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .code()
    };
    assert_eq!(status("exit 7"), Some(7));
    assert_eq!(status("kill -TERM $$"), Some(128 + 15));
    let output = bench
        .stores()
        .args(["--", "/no/such/program"])
        .output()
        .unwrap();
    assert!(refusal(&output, 127).contains("/no/such/program"));
}

#[test]
fn a_signal_to_the_lender_ends_borrower_and_stores() {
    let bench = Bench::set_up();
    let mut lender = lingering(bench.stores(), ":", &bench.path("sign"));
    signal("TERM", lender.0.id());
    assert_eq!(lender.0.wait().unwrap().code(), Some(128 + 15));
    assert_eq!(processes_mentioning(&bench.state()), []);
}

#[test]
fn strangers_on_this_machine_are_refused() {
    let bench = Bench::set_up();
    let urls = bench.path("urls");
    let script = format!(
        "echo $HARKEN_NATS_URL > {0}; echo $DATABASE_URL >> {0}",
        urls.display()
    );
    let lender = lingering(bench.stores(), &script, &bench.path("sign"));
    let urls = fs::read_to_string(urls).unwrap();
    let (nats, postgres) = urls.split_once('\n').unwrap();
    assert!(Nats::knock(nats).contains("Authorization Violation"));

    let (_, place) = postgres.trim().split_once('@').unwrap();
    let knock = Command::new("psql")
        .args([
            "-X",
            "-w",
            &format!("postgres://harken@{place}"),
            "-c",
            "select 1",
        ])
        .output()
        .unwrap();
    assert!(!knock.status.success(), "{knock:?}");
    for secret in ["postgres/password", "nats/password", "nats/nats.conf"] {
        let mode = bench
            .state()
            .join(secret)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{secret} has mode {mode:o}");
    }
    drop(lender);
}

#[test]
fn two_pairs_live_side_by_side() {
    let bench = Bench::set_up();
    let first = lingering(stores_at(&bench.path("one")), ":", &bench.path("sign"));
    assert_eq!(
        borrow(stores_at(&bench.path("two")), ASK_POSTGRES),
        "harken"
    );
    drop(first);
}

#[test]
fn a_temporary_pair_leaves_no_folder() {
    let bench = Bench::set_up();
    let temporary = bench.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_harken-stores"))
        .env("TMPDIR", &temporary)
        .args(["--", "sh", "-c", "ls $TMPDIR"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("harken-stores-"));
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

/// As an ordinary user the tests above have shown it already.
#[test]
fn an_ordinary_user_gets_stores_of_their_own() {
    if !we_are_root() {
        return;
    }
    let bench = Bench::set_up();
    // Neither the build folder nor our cache need be open to others.
    let known = bench.path("nats-server");
    let copy = format!(
        "cp /proc/$(cat {}/nats/pid)/exe {}",
        bench.state().display(),
        known.display()
    );
    borrow(bench.stores(), &copy);
    let program = bench.path("harken-stores");
    fs::copy(env!("CARGO_BIN_EXE_harken-stores"), &program).unwrap();
    for file in [&known, &program] {
        fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
    }
    let home = bench.path("home");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, Permissions::from_mode(0o777)).unwrap();

    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", bench.path("").display());
    let mut stores = Command::new(on_path("setpriv"));
    stores
        .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"])
        .arg(&program)
        .arg("--state-dir")
        .arg(home.join("state"))
        .env("PATH", path)
        .env("HOME", &home)
        .current_dir(&home);
    assert_eq!(
        borrow(stores, &format!("test $(id -u) != 0; {ASK_POSTGRES}")),
        "harken"
    );
    until("nothing runs", || {
        processes_mentioning(&home.join("state/postgres")).is_empty()
    });
}
