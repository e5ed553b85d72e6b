//! Row 10.

use anyhow::Result;

use super::{Scale, Verdict};
use crate::deployment::{Deployment, Workspace};
use crate::traffic::{Heard, Story, hub_signature, say};

const PING: &str = r#"{"type":"notification_event","app_id":"any","topic":"ping","id":null}"#;

/// Lines of headers, and what they have to be answered.
struct Case {
    words: &'static str,
    headers: Vec<String>,
    status: u16,
}

pub(super) async fn run(deployment: &mut Deployment, _scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 10").await?;
    let edge = deployment.edge();
    let body = Story::of(&workspace, 10).tell().body;
    let cases = cases(&workspace, &body);
    let mut wrong = 0;
    for case in &cases {
        let heard = say(edge, &post(&workspace.path(), &case.headers, &body)).await?;
        if heard.statuses != [case.status] {
            wrong += 1;
            let words = format!(
                "{}: {} wanted, {:?} came",
                case.words, case.status, heard.statuses
            );
            verdict.expect(false, words);
        }
    }
    let ways = ways(&workspace, &body);
    for (words, bytes, status) in &ways {
        let Heard { statuses, .. } = say(edge, bytes).await?;
        if statuses != [*status] {
            wrong += 1;
            verdict.expect(
                false,
                format!("{words}: {status} wanted, {statuses:?} came"),
            );
        }
    }
    let all = cases.len() + ways.len();
    verdict.expect(
        true,
        format!("{} of {all} cases as the table says", all - wrong),
    );
    Ok(verdict)
}

fn cases(workspace: &Workspace, body: &[u8]) -> Vec<Case> {
    let right = hub_signature(workspace.secret.as_bytes(), body);
    let foreign = hub_signature(b"another secret", body);
    let other = hub_signature(workspace.secret.as_bytes(), PING.as_bytes());
    let empty = hub_signature(b"", body);
    let digits = right.trim_start_matches("sha1=").to_owned();
    let one = |value: &str| vec![format!("x-hub-signature: {value}")];
    let two = |first: &str, second: &str| {
        vec![
            format!("x-hub-signature: {first}"),
            format!("x-hub-signature: {second}"),
        ]
    };
    let flipped = |place: usize| {
        let mut bytes = right.clone().into_bytes();
        bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
        String::from_utf8(bytes).unwrap()
    };
    let case = |words, headers, status| Case {
        words,
        headers,
        status,
    };
    vec![
        case("right", one(&right), 200),
        case(
            "right, name in upper case",
            vec![format!("X-HUB-SIGNATURE: {right}")],
            200,
        ),
        case("right, spaces around", one(&format!("  {right}  ")), 200),
        case("none", vec![], 401),
        case("empty", one(""), 401),
        case("prefix alone", one("sha1="), 401),
        case("digits alone", one(&digits), 401),
        case(
            "upper case",
            one(&format!("sha1={}", digits.to_uppercase())),
            401,
        ),
        case("prefix in upper case", one(&format!("SHA1={digits}")), 401),
        case(
            "prefix of another hash",
            one(&format!("sha256={digits}")),
            401,
        ),
        case("truncated by one", one(&right[..right.len() - 1]), 401),
        case("truncated to half", one(&right[..right.len() / 2]), 401),
        case("longer by one", one(&format!("{right}0")), 401),
        case("doubled", one(&format!("{right}{digits}")), 401),
        case("first digit wrong", one(&flipped(5)), 401),
        case("last digit wrong", one(&flipped(right.len() - 1)), 401),
        case(
            "no hexadecimal",
            one(&format!("sha1={}", "g".repeat(40))),
            401,
        ),
        case("zeros", one(&format!("sha1={}", "0".repeat(40))), 401),
        case("a space within", one(&format!("sha1= {digits}")), 401),
        case("quoted", one(&format!("\"{right}\"")), 401),
        case("of another secret", one(&foreign), 401),
        case("of an empty secret", one(&empty), 401),
        case("of another body", one(&other), 401),
        case("two in one line", one(&format!("{right}, {right}")), 401),
        case("two, second wrong", two(&right, &foreign), 401),
        case("two, first wrong", two(&foreign, &right), 401),
        case("two, both right", two(&right, &right), 401),
        case(
            "under the name of Canvas Kit",
            vec![format!("x-body-signature: {right}")],
            401,
        ),
        case(
            "of the deployment's own app",
            one(&hub_signature(
                crate::deployment::APP_SECRET.as_bytes(),
                body,
            )),
            401,
        ),
    ]
}

/// Other ways to come: method and address.
fn ways(workspace: &Workspace, body: &[u8]) -> Vec<(&'static str, Vec<u8>, u16)> {
    let right = hub_signature(workspace.secret.as_bytes(), body);
    let signed = [format!("x-hub-signature: {right}")];
    let path = workspace.path();
    let unknown = "/api/v1/webhooks/intercom/con_01900000000070008000000000000000";
    let nobodys = "/api/v1/webhooks/intercom/nobody";
    let bare = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: harken.example\r\ncontent-length: 0\r\n\r\n")
            .into_bytes()
    };
    let app = hub_signature(crate::deployment::APP_SECRET.as_bytes(), PING.as_bytes());
    let app = [format!("x-hub-signature: {app}")];
    vec![
        (
            "right, to an unknown connection",
            post(unknown, &signed, body),
            401,
        ),
        (
            "right, to what is no connection",
            post(nobodys, &signed, body),
            401,
        ),
        (
            "right, to the deployment's own app",
            post("/api/v1/webhooks/intercom", &signed, body),
            401,
        ),
        (
            "a ping of the deployment's own app",
            post("/api/v1/webhooks/intercom", &app, PING.as_bytes()),
            200,
        ),
        ("HEAD", bare("HEAD", &path), 200),
        (
            "HEAD of the deployment's own app",
            bare("HEAD", "/api/v1/webhooks/intercom"),
            200,
        ),
        ("GET", bare("GET", &path), 405),
        ("PUT", bare("PUT", &path), 405),
        ("elsewhere", bare("POST", "/nowhere"), 404),
    ]
}

fn post(path: &str, headers: &[String], body: &[u8]) -> Vec<u8> {
    let lines = headers
        .iter()
        .fold(String::new(), |lines, line| lines + line + "\r\n");
    let mut bytes = format!(
        "POST {path} HTTP/1.1\r\nhost: harken.example\r\ncontent-type: application/json\r\n{lines}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
