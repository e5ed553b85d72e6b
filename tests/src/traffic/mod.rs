//! Notifications of a made-up workspace, signed and posted as Intercom posts them.

mod load;
mod notification;
mod post;
mod raw;
mod replay;
mod story;
mod truth;

pub use load::{Pace, Traffic};
pub use notification::{Kind, Notification, Record};
pub use post::{Answer, Broken, Poster, hub_signature, request};
pub use raw::{Heard, say};
pub use replay::post_all;
pub use story::Story;
pub use truth::{Contact, Conversation, Part, Truth};
