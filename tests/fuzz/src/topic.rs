use harken_intercom::webhook::{Item, Topic};
use serde_json::value::RawValue;

/// Any text is a topic that keeps its name, and any JSON under it is an item or is none. The first line is the topic.
pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (name, item) = text.split_once('\n').unwrap_or((text, "null"));
    let topic = Topic::of(name);
    assert_eq!(Topic::of(topic.as_str()), topic);
    if let Topic::Other(kept) = &topic {
        assert_eq!(kept, name);
        assert!(topic.permissions().is_empty());
    }
    if let Ok(item) = serde_json::from_str::<&RawValue>(item) {
        let _ = Item::read(&topic, item);
    }
}
