use harken_intercom::webhook::{Item, Notification};

/// Any bytes are a notification or are not. What is one has a skeleton that is one too, about the same record, and
/// whose skeleton is itself.
pub fn holds(bytes: &[u8]) {
    let Ok(whole) = Notification::read(bytes) else {
        return;
    };
    let skeleton = whole.skeleton();
    let again = match Notification::read(&skeleton) {
        Ok(again) => again,
        Err(why) => panic!("the skeleton is no notification: {why}"),
    };
    assert_eq!(again.about(), whole.about());
    assert_eq!(again.app_id, whole.app_id);
    assert_eq!(again.id, whole.id);
    assert_eq!(again.topic, whole.topic);
    assert_eq!(again.created_at, whole.created_at);
    assert_eq!(again.skeleton(), skeleton);
    if let Some(item) = whole.raw_item() {
        let _ = Item::read(&whole.topic, item);
    }
}
