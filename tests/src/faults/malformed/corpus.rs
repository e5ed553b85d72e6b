use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use crate::deployment::Workspace;
use crate::traffic::Story;

const MIB: usize = 1024 * 1024;
const DEEP: usize = 100_000;

/// What may stand where something else is expected.
const ODD: [&str; 22] = [
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "1e400",
    "-1e400",
    "1e-400",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udfff\\ud800\"",
    "\"9999-99-99T99:99:99Z\"",
    "[]",
    "[[]]",
    "{}",
    "{\"\":{}}",
    "[null,{\"id\":[]}]",
];

/// Fields of envelope and item, each of which is replaced.
const FIELDS: [&str; 24] = [
    "\"type\":",
    "\"app_id\":",
    "\"data\":",
    "\"item\":",
    "\"id\":",
    "\"topic\":",
    "\"created_at\":",
    "\"first_sent_at\":",
    "\"delivery_attempts\":",
    "\"updated_at\":",
    "\"state\":",
    "\"open\":",
    "\"source\":",
    "\"author\":",
    "\"contacts\":",
    "\"statistics\":",
    "\"count_reopens\":",
    "\"conversation_parts\":",
    "\"part_type\":",
    "\"body\":",
    "\"email\":",
    "\"name\":",
    "\"tags\":",
    "\"custom_attributes\":",
];

/// Bodies that no decent sender sends: the listed ones, then as many mutations as are wanted in all.
pub(super) fn bodies(workspace: &Workspace, count: usize) -> Vec<Vec<u8>> {
    let mut story = Story::of(workspace, 9);
    let samples: Vec<String> = (0..40)
        .map(|_| String::from_utf8(story.tell().body.to_vec()).unwrap())
        .collect();
    let mut random = SmallRng::seed_from_u64(9);
    let mut bodies = listed(workspace, &samples[1]);
    for sample in samples.iter().take(4) {
        for field in FIELDS {
            let odd = ODD.choose(&mut random).copied().unwrap_or("null");
            bodies.extend(replaced(sample, field, odd));
        }
    }
    while bodies.len() < count {
        let sample = samples.choose(&mut random).map_or("", String::as_str);
        bodies.push(mutated(&mut random, sample));
    }
    bodies
}

/// One of each kind that is known to hurt.
fn listed(workspace: &Workspace, sample: &str) -> Vec<Vec<u8>> {
    let id = &workspace.workspace_id;
    let envelope = |item: &str| {
        format!(
            r#"{{"type":"notification_event","app_id":"{id}","id":"notif_{}","topic":"conversation.user.replied","created_at":1785312000,"data":{{"type":"notification_event_data","item":{item}}}}}"#,
            hex::encode(rand::random::<[u8; 8]>())
        )
    };
    let nested = |open: &str, close: &str| open.repeat(DEEP) + &close.repeat(DEEP);
    let of_size = |bytes: usize| {
        let frame = envelope(r#"{"type":"conversation","id":"1","title":""}"#).len();
        let filled = "x".repeat(bytes.saturating_sub(frame));
        envelope(&json!({"type": "conversation", "id": "1", "title": filled}).to_string())
    };
    let mut texts = vec![
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "\"\"".to_owned(),
        "0".to_owned(),
        "nul".to_owned(),
        "{".to_owned(),
        "}".to_owned(),
        "{\"".to_owned(),
        format!("\u{feff}{sample}"),
        format!("{sample}{sample}"),
        format!("{sample}\0"),
        format!("{sample} x"),
        nested("[", "]"),
        nested("{\"a\":", "}"),
        "[".repeat(DEEP),
        "{\"a\":".repeat(DEEP),
        envelope(&nested("[", "]")),
        envelope(&nested("{\"a\":[", "]}")),
        envelope(&"[".repeat(DEEP)),
        envelope("1e400"),
        envelope("\"\\ud800\""),
        envelope(r#"{"id":"1","id":"2","type":"conversation","type":"contact"}"#),
        envelope(r#"{"type":"conversation","id":{"id":{"id":1}}}"#),
        envelope(&format!(
            r#"{{"type":"conversation","id":"{}"}}"#,
            "9".repeat(100_000)
        )),
        format!(r#"{{"topic":"{}"}}"#, "a.".repeat(100_000)),
        format!(r#"{{"app_id":"a","app_id":"{id}","topic":"ping","topic":"x"}}"#),
        format!("{{{}\"z\":1}}", "\"k\":1,".repeat(20_000)),
        of_size(MIB - 1),
        of_size(MIB),
        of_size(MIB + 1),
        of_size(2 * MIB),
        " ".repeat(MIB),
    ];
    texts.extend(ODD.iter().map(|odd| envelope(odd)));
    let mut bodies: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    let text = "\"name\":\"ü\"".as_bytes();
    bodies.push(text[..text.len() - 2].to_vec());
    bodies.push(vec![0; 1000]);
    bodies.push(vec![0xff; 1000]);
    bodies.push(sample.encode_utf16().flat_map(u16::to_le_bytes).collect());
    bodies.push([0x1f, 0x8b, 8, 0, 0, 0, 0, 0].to_vec());
    bodies
}

/// The value of a field replaced at its first place.
fn replaced(sample: &str, field: &str, odd: &str) -> Option<Vec<u8>> {
    let begin = sample.find(field)? + field.len();
    let rest = &sample[begin..];
    // Up to where any value ends; what stays behind breaks the rest, which is as good.
    let end = rest.find([',', '}']).unwrap_or(rest.len());
    Some(format!("{}{odd}{}", &sample[..begin], &rest[end..]).into_bytes())
}

/// A sample, damaged somewhere.
fn mutated(random: &mut SmallRng, sample: &str) -> Vec<u8> {
    let mut bytes = sample.as_bytes().to_vec();
    for _ in 0..random.random_range(1..4) {
        if bytes.is_empty() {
            break;
        }
        let place = random.random_range(0..bytes.len());
        match random.random_range(0..6) {
            0 => bytes.truncate(place),
            1 => bytes[place] = random.random(),
            2 => {
                bytes.remove(place);
            }
            3 => bytes.insert(place, random.random()),
            4 => {
                let odd = ODD.choose(random).copied().unwrap_or("null");
                bytes.splice(place..place, odd.bytes());
            }
            _ => {
                let end = random.random_range(place..bytes.len());
                let copied = bytes[place..end].to_vec();
                bytes.splice(place..place, copied);
            }
        }
    }
    bytes
}
