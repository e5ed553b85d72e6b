//! Row 12.

use anyhow::Result;

use super::{Scale, Verdict};
use crate::deployment::{Deployment, Workspace};
use crate::ledger::untraced;
use crate::traffic::{Notification, Poster, Story, hub_signature, request, say};

pub(super) async fn run(deployment: &mut Deployment, _scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 12").await?;
    let edge = deployment.edge();
    let mut story = Story::of(&workspace, 12);
    let cases = cases(&workspace);
    let mut hidden = Vec::new();
    let mut right = 0;
    for (words, head, after) in &cases {
        let notification = story.tell();
        let mut bytes = head.replace("{path}", &workspace.path()).into_bytes();
        let inner = request(&workspace.path(), &workspace.secret, &notification.body);
        bytes.extend_from_slice(after.as_bytes());
        bytes.extend_from_slice(&inner);
        let heard = say(edge, &bytes).await?;
        let is_refused =
            matches!(heard.statuses.as_slice(), [] | [400..=499 | 501 | 505]) && heard.is_closed;
        right += usize::from(is_refused);
        if !is_refused {
            let words = format!("{words}: {:?}, closed: {}", heard.statuses, heard.is_closed);
            verdict.expect(false, words);
        }
        hidden.push(notification);
    }
    verdict.expect(
        true,
        format!("{right} of {} refused or closed", cases.len()),
    );

    // What comes after all of them is the proof that nobody is still on the way.
    let last = story.tell();
    let bytes = request(&workspace.path(), &workspace.secret, &last.body);
    let (answer, _) = Poster::new(edge).send(&bytes).await;
    verdict.expect(
        answer.is_ok_and(|answer| answer.is_success()),
        "an honest one is taken",
    );
    untraced(deployment.tenant(), workspace.connection, &[&last.id]).await?;
    let forwarded = traced(deployment, &workspace, &hidden).await?;
    verdict.expect(
        forwarded == 0,
        format!("{forwarded} hidden requests forwarded"),
    );
    Ok(verdict)
}

/// How many of them reached sync.
async fn traced(
    deployment: &Deployment,
    workspace: &Workspace,
    hidden: &[Notification],
) -> Result<usize> {
    use harken_contracts::wire::sync::v1::{NotificationOutcome, TraceNotificationsRequest};
    let request = TraceNotificationsRequest {
        connection_id: workspace.connection.to_string(),
        notification_ids: hidden.iter().map(|it| it.id.clone()).collect(),
    };
    let traces = deployment
        .tenant()
        .sync()
        .trace_notifications(request)
        .await?;
    let traces = traces.into_inner().notifications;
    let arrived = traces
        .iter()
        .filter(|trace| trace.outcome() != NotificationOutcome::Unspecified);
    Ok(arrived.count())
}

/// Words, a head that is read in two ways, and what stands before the hidden request.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases(workspace: &Workspace) -> Vec<(&'static str, String, &'static str)> {
    let signature = hub_signature(workspace.secret.as_bytes(), b"");
    let head = |lines: &str| {
        format!(
            "POST {{path}} HTTP/1.1\r\nhost: harken.example\r\nx-hub-signature: {signature}\r\n{lines}\r\n"
        )
    };
    let chunked = "0\r\n\r\n";
    vec![
        (
            "length and chunks",
            head("content-length: 5\r\ntransfer-encoding: chunked\r\n"),
            chunked,
        ),
        (
            "chunks and length",
            head("transfer-encoding: chunked\r\ncontent-length: 5\r\n"),
            chunked,
        ),
        (
            "length 0 and chunks",
            head("content-length: 0\r\ntransfer-encoding: chunked\r\n"),
            chunked,
        ),
        (
            "two lengths",
            head("content-length: 0\r\ncontent-length: 5\r\n"),
            "",
        ),
        (
            "two lengths in one line",
            head("content-length: 0, 5\r\n"),
            "",
        ),
        ("a length with a plus", head("content-length: +0\r\n"), ""),
        ("a negative length", head("content-length: -1\r\n"), ""),
        (
            "a length in hexadecimal",
            head("content-length: 0x0\r\n"),
            "",
        ),
        ("a length of nothing", head("content-length: \r\n"), ""),
        (
            "a length that overflows",
            head("content-length: 18446744073709551616\r\n"),
            "",
        ),
        (
            "a space before the colon of a length",
            head("content-length : 0\r\n"),
            "",
        ),
        (
            "a space before the colon of chunks",
            head("transfer-encoding : chunked\r\n"),
            chunked,
        ),
        (
            "chunks under a wrong name",
            head("transfer-encoding: xchunked\r\n"),
            chunked,
        ),
        (
            "chunks, then identity",
            head("transfer-encoding: chunked, identity\r\n"),
            chunked,
        ),
        (
            "chunks twice",
            head("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n"),
            chunked,
        ),
        (
            "chunks behind a tab",
            head("transfer-encoding:\tchunked\r\ncontent-length: 5\r\n"),
            chunked,
        ),
        (
            "chunks behind a vertical tab",
            head("transfer-encoding: \x0bchunked\r\n"),
            chunked,
        ),
        (
            "chunks in a folded line",
            head("transfer-encoding:\r\n chunked\r\n"),
            chunked,
        ),
        (
            "a folded line",
            head("x-other: a\r\n b\r\ncontent-length: 0\r\n"),
            "",
        ),
        (
            "a chunk of a wrong size",
            head("transfer-encoding: chunked\r\n"),
            "zz\r\n\r\n",
        ),
        (
            "a negative chunk",
            head("transfer-encoding: chunked\r\n"),
            "-1\r\n\r\n",
        ),
        (
            "a chunk that overflows",
            head("transfer-encoding: chunked\r\n"),
            "fffffffffffffffff\r\n",
        ),
        (
            "a chunk that ends by a line feed alone",
            head("transfer-encoding: chunked\r\n"),
            "0\n\n",
        ),
        (
            "NUL in a header",
            head("x-other: a\0b\r\ncontent-length: 0\r\n"),
            "",
        ),
        (
            "a carriage return alone in a header",
            head("x-other: a\rcontent-length: 5\r\ncontent-length: 0\r\n"),
            "",
        ),
        ("a header without a colon", head("content-length 0\r\n"), ""),
        (
            "a header without a name",
            head(": 0\r\ncontent-length: 0\r\n"),
            "",
        ),
        (
            "two hosts",
            head("host: other.example\r\ncontent-length: 0\r\n"),
            "",
        ),
        (
            "chunks in HTTP/1.0",
            head("transfer-encoding: chunked\r\n").replace("HTTP/1.1", "HTTP/1.0"),
            chunked,
        ),
        (
            "no version",
            format!("POST {{path}}\r\n{}", "content-length: 0\r\n\r\n"),
            "",
        ),
        (
            "another version",
            head("content-length: 0\r\n").replace("HTTP/1.1", "HTTP/1.9"),
            "",
        ),
        (
            "two spaces in the request line",
            head("content-length: 0\r\n").replace("POST ", "POST  "),
            "",
        ),
    ]
}
