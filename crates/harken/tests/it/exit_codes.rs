use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::program::{Left, Program};

/// An address that nothing listens on: port 1 takes root and no service uses it.
const NOWHERE: &str = "http://127.0.0.1:1";
const CANARY: &str = "dG9rOmNhbmFyeQ";

struct Case<'c> {
    words: &'c str,
    settings: &'c [(&'c str, &'c str)],
    typed: &'c str,
    code: i32,
    says: &'c str,
}

const fn case<'c>(
    words: &'c str,
    settings: &'c [(&'c str, &'c str)],
    code: i32,
    says: &'c str,
) -> Case<'c> {
    Case {
        words,
        settings,
        typed: "",
        code,
        says,
    }
}

fn run(case: &Case<'_>, folder: &Path) -> Left {
    let program = Program::new(case.words.split_whitespace(), folder).typing(case.typed);
    case.settings
        .iter()
        .fold(program, |program, (name, value)| {
            program.setting(name, value)
        })
        .run()
}

const REACHABLE: &[(&str, &str)] = &[("HARKEN_ENDPOINT", NOWHERE), ("HARKEN_API_KEY", "hk_test")];

const WRONG: &[Case<'_>] = &[
    case("connection list", &[], 64, "no deployment found"),
    case(
        "connection list",
        &[("HARKEN_ENDPOINT", NOWHERE)],
        64,
        "no API key for that address",
    ),
    case(
        "connection list",
        &[("HARKEN_API_KEY", "hk_x")],
        64,
        "no address",
    ),
    case(
        "connection list",
        &[("HARKEN_ENDPOINT", NOWHERE), ("HARKEN_API_KEY", CANARY)],
        64,
        "not an API key",
    ),
    case(
        "key list --api-key-file absent",
        &[("HARKEN_ENDPOINT", NOWHERE)],
        64,
        "absent does not exist",
    ),
    case(
        "key list",
        &[
            ("HARKEN_ENDPOINT", NOWHERE),
            ("HARKEN_API_KEY_FILE", "absent"),
        ],
        64,
        "HARKEN_API_KEY_FILE",
    ),
    case(
        "score list --endpoint nonsense",
        REACHABLE,
        64,
        "not an address",
    ),
    case(
        "connection list",
        REACHABLE,
        69,
        "no answer from http://127.0.0.1:1",
    ),
    case("export contacts", REACHABLE, 69, "no answer from"),
    case("sync status", REACHABLE, 69, "no answer from"),
    case(
        "connection add --token-file absent",
        REACHABLE,
        64,
        "absent does not exist",
    ),
    Case {
        typed: "two words\n",
        ..case("connection add", REACHABLE, 64, "not an access token")
    },
    Case {
        typed: "\n",
        ..case(
            "connection add --token-file -",
            REACHABLE,
            64,
            "the token is empty",
        )
    },
    case(
        "connection webhook-secret set --secret-file absent",
        REACHABLE,
        64,
        "absent does not exist",
    ),
    Case {
        typed: "two words\n",
        ..case(
            "connection webhook-secret set",
            REACHABLE,
            64,
            "not a client secret",
        )
    },
    case("connection live", REACHABLE, 69, "no answer from"),
    case("topics", REACHABLE, 69, "no answer from"),
    case("dead list", REACHABLE, 69, "no answer from"),
    case("dead replay", REACHABLE, 64, "--all"),
    case("dead drop --yes", REACHABLE, 64, "--all"),
    case(
        "drill webhooks --patience 0s",
        REACHABLE,
        69,
        "no answer from",
    ),
    case("ingress", &[], 64, "is not set"),
    case("vault", &[], 64, "is not set"),
    case("sync", &[], 64, "is not set"),
    case("scoring", &[], 64, "is not set"),
    case("gateway", &[], 64, "is not set"),
    case("migrate", &[], 64, "HARKEN_DATABASE_URL is not set"),
    case(
        "migrate",
        &[("HARKEN_DATABASE_URL_FILE", "absent")],
        64,
        "HARKEN_DATABASE_URL_FILE",
    ),
    case(
        "migrate",
        &[("HARKEN_DATABASE_URL", "postgres://x@127.0.0.1:1/x")],
        1,
        "Postgres cannot be reached",
    ),
    case("up --state-dir /proc/nowhere", &[], 1, "--state-dir"),
    case(
        "up --state-dir s",
        &[("HARKEN_LOG", "harken=loud=no")],
        64,
        "HARKEN_LOG",
    ),
    case(
        "up --state-dir s",
        &[("HARKEN_INTERCOM_CLIENT_ID", "id")],
        64,
        "HARKEN_INTERCOM_CLIENT_SECRET",
    ),
];

#[test]
fn wrong_input_gives_help_on_one_line() {
    for case in WRONG {
        let folder = tempfile::tempdir().unwrap();
        let left = run(case, folder.path());
        assert_eq!(left.code, case.code, "{}: {left:?}", case.words);
        assert!(left.stderr.contains(case.says), "{}: {left:?}", case.words);
        assert!(
            left.stderr.starts_with("harken: "),
            "{}: {left:?}",
            case.words
        );
        assert_eq!(
            left.stderr.trim_end().lines().count(),
            1,
            "{}: {left:?}",
            case.words
        );
        assert_eq!(left.stdout, "", "{}", case.words);
    }
}

#[test]
fn a_wrong_word_is_a_wrong_input() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        "connect",
        "score list --level high",
        "up --port-base 80",
        "export everything",
        "dead list --since yesterday",
        "dead show one",
        "drill webhooks --rate 0",
        "drill webhooks --reorder 1",
        "drill webhooks --for 60",
        "connection webhook-secret set --grace long",
        "key create",
    ] {
        let left = run(&case(words, &[], 64, ""), folder.path());
        assert_eq!(left.code, 64, "{words}: {left:?}");
        assert!(left.stderr.contains("--help"), "{words}: {left:?}");
    }
    let left = run(&case("--help", &[], 0, ""), folder.path());
    assert_eq!(left.code, 0);
    assert!(left.stdout.contains("sign-in-link"), "{left:?}");
}

#[test]
fn a_token_is_never_taken_from_the_command_line_nor_repeated() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        format!("connection add {CANARY}"),
        format!("connection add --token {CANARY}"),
        format!("connection add --token={CANARY}"),
        format!("connection list --api-key={CANARY}"),
        format!("connection webhook-secret set --secret {CANARY}"),
        format!("connection webhook-secret set con_1 {CANARY}"),
    ] {
        let left = run(&case(&words, REACHABLE, 64, ""), folder.path());
        assert_eq!(left.code, 64, "{left:?}");
        assert!(!left.stderr.contains(CANARY), "{left:?}");
    }
}

#[test]
fn a_taken_port_is_named_with_its_holder_and_the_way_out() {
    let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let words = format!("up --state-dir s --port-base {port}");
    let left = run(&case(&words, &[], 1, ""), folder.path());
    assert_eq!(left.code, 1, "{left:?}");
    for part in [
        port.to_string(),
        format!("process {}", std::process::id()),
        "--port-base".to_owned(),
    ] {
        assert!(left.stderr.contains(&part), "{left:?}");
    }
}

#[test]
fn a_program_is_told_of_a_failed_start_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let words = "up --json --state-dir /proc/nowhere";
    let left = run(&case(words, &[], 1, ""), folder.path());
    let event: serde_json::Value = serde_json::from_str(left.stdout.trim_end()).unwrap();
    assert_eq!(event["event"], "failed");
    assert!(
        event["reason"].as_str().unwrap().contains("--state-dir"),
        "{event}"
    );
}

#[test]
fn a_broken_client_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".harken")).unwrap();
    fs::write(folder.path().join(".harken/client.json"), "{").unwrap();
    let left = run(&case("connection list", &[], 64, ""), folder.path());
    assert_eq!(left.code, 64, "{left:?}");
    assert!(left.stderr.contains("client.json"), "{left:?}");
}
