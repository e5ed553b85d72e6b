use std::env;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::bench::{Bench, borrow, lingering, on_path, processes_mentioning, stores_at, until};
use crate::wire::Nats;

const WRITE: &str = r#"psql -X "$DATABASE_URL" -qc "create table note as select 'kept' as line""#;
const READ: &str = r#"psql -X "$DATABASE_URL" -Atc "select line from note""#;

#[test]
fn a_second_start_finds_what_the_first_kept() {
    let bench = Bench::set_up();
    let url = bench.path("url");
    let linger = |sign| {
        let mut stores = bench.stores();
        stores.arg("--durable");
        lingering(
            stores,
            &format!("echo $HARKEN_NATS_URL > {}", url.display()),
            &bench.path(sign),
        )
    };
    let connect = || Nats::connect(fs::read_to_string(&url).unwrap().trim());

    let mut first = linger("first");
    let mut nats = connect();
    let created = nats.ask(
        "$JS.API.STREAM.CREATE.NOTES",
        r#"{"name":"NOTES","subjects":["note"]}"#,
    );
    assert!(created.contains("\"config\""), "{created}");
    assert!(nats.ask("note", "kept").contains("\"seq\":1"));
    first.kill();

    let _second = linger("second");
    let known = connect().ask("$JS.API.STREAM.INFO.NOTES", "");
    assert!(known.contains("\"messages\":1"), "{known}");
}

#[test]
fn rows_outlive_a_killed_owner() {
    let bench = Bench::set_up();
    let mut owner = lingering(bench.stores(), WRITE, &bench.path("sign"));
    owner.kill();
    assert_eq!(borrow(bench.stores(), READ), "kept");
}

#[test]
fn servers_end_with_a_killed_owner() {
    let bench = Bench::set_up();
    let mut owner = lingering(bench.stores(), ":", &bench.path("sign"));
    assert_ne!(processes_mentioning(&bench.state()), []);
    owner.kill();
    until("the servers have ended", || {
        processes_mentioning(&bench.state()).is_empty()
    });
}

#[test]
fn servers_that_outlive_their_owner_are_stopped_by_the_next_start() {
    let bench = Bench::set_up();
    // Without setpriv on PATH nothing tells the servers of their owner's death.
    let path = folder_of_programs(&bench, &["sh", "sleep", "touch", "test", "psql", "python3"]);
    let mut stores = bench.stores();
    stores.env("PATH", path);
    let mut owner = lingering(stores, WRITE, &bench.path("sign"));
    owner.kill();
    let left = processes_mentioning(&bench.state());
    assert_ne!(left, [], "the servers should have been left behind");

    assert_eq!(borrow(bench.stores(), READ), "kept");
    let ended = |pid| !Path::new("/proc").join(format!("{pid}")).exists();
    until("those left behind have ended", || left.iter().all(ended));
}

#[test]
fn a_killed_postgres_is_told_of_and_recovers() {
    let bench = Bench::set_up();
    let pid = bench.state().join("postgres/data/postmaster.pid");
    let said = bench.path("said");
    let script = format!(
        "{WRITE}; kill -9 $(head -n 1 {}); until grep 'Postgres stopped by itself' {}; do sleep 0.1; done",
        pid.display(),
        said.display()
    );
    let mut stores = bench.stores();
    stores.arg("--durable").stderr(File::create(&said).unwrap());
    borrow(stores, &script);
    assert_eq!(borrow(bench.stores(), READ), "kept");
}

#[test]
fn data_lies_elsewhere_when_postgres_cannot_enter_the_folder() {
    let bench = Bench::set_up();
    let closed = bench.path("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let state = closed.join("state");
    borrow(stores_at(&state), WRITE);
    assert_eq!(borrow(stores_at(&state), READ), "kept");

    if let Ok(elsewhere) = fs::read_to_string(state.join("postgres.elsewhere")) {
        let moved = closed.join("moved");
        fs::rename(&state, &moved).unwrap();
        assert_eq!(
            borrow(stores_at(&moved), READ),
            "kept",
            "after the folder moved"
        );
        fs::remove_dir_all(elsewhere.trim()).unwrap();
    }
}

fn folder_of_programs(bench: &Bench, programs: &[&str]) -> PathBuf {
    let folder = bench.path("programs");
    fs::create_dir(&folder).unwrap();
    for program in programs {
        symlink(on_path(program), folder.join(program)).unwrap();
    }
    assert!(env::split_paths(&folder).all(|path| !path.join("setpriv").exists()));
    folder
}
