use http::StatusCode;
use serde::Deserialize;
use tokio::time::timeout;

use super::answer::{self, Answer};
use super::body;
use super::doorkeeper::Phase;
use super::serve::{Door, Received};

/// Most bytes of a notice, which names a workspace and nothing more.
const MOST_BYTES: usize = 4096;
/// Longest id of a workspace that is passed on.
const LONGEST_ID: usize = 128;
const PASSED_ON_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

#[derive(Deserialize)]
struct Notice {
    app_id: String,
}

/// Passes on that a workspace claims to have uninstalled the app; whether it is known is not told.
pub(super) async fn answer(door: &Door, received: Received) -> Answer {
    let Ok(_seat) = door.uninstalls.try_acquire() else {
        return answer::closing(answer::unavailable("too many notices are being passed on"));
    };
    let mut taken = door.room.clone().taken();
    let body = body::read(
        received.request.into_body(),
        MOST_BYTES,
        &mut taken,
        received.by,
    )
    .await;
    received.guest.enter(Phase::Answer);
    let body = match body {
        Ok(body) => body,
        Err(unread) => return answer::unread(unread),
    };
    let is_word = |id: &str| {
        !id.is_empty()
            && id.len() <= LONGEST_ID
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let notice = serde_json::from_slice::<Notice>(&body).ok();
    let Some(Notice { app_id }) = notice.filter(|notice| is_word(&notice.app_id)) else {
        let detail = "`app_id` is missing, or is not a word".to_owned();
        return answer::malformed(Some("app_id"), detail);
    };
    match timeout(PASSED_ON_WITHIN, door.edge.report_uninstall(app_id)).await {
        Ok(Ok(())) => answer::empty(StatusCode::OK),
        Ok(Err(_)) | Err(_) => answer::unavailable("the notice cannot be passed on for now"),
    }
}
