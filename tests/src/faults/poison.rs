//! Row 8. Panics, endless loops and sleeps of a handler are tried where handlers are made: in the bus's own tests.

use std::time::Duration;

use anyhow::Result;
use harken_bus::Outgoing;
use harken_contracts::subjects::{self, Lane, Stream};
use harken_contracts::wire::events::v1::WebhookReceived;
use serde_json::json;
use tokio::time::sleep;

use super::{Scale, Verdict};
use crate::deployment::{Deployment, Workspace};
use crate::ledger::{audit, dead_letters};
use crate::traffic::{Pace, Poster, Story, Traffic, request};
use crate::until;

const DEEP: usize = 100_000;
/// Between two doses.
const BETWEEN: Duration = Duration::from_millis(200);
/// Sync's reader of notifications.
const READER: &str = "sync-webhooks";

pub(super) async fn run(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 8").await?;
    let poisoned = deployment.tenant().open_workspace("row 8, poison").await?;
    let pace = Pace {
        per_sec: scale.pick(25, 50, 200),
        senders: 8,
    };
    let traffic = Traffic::begin(
        deployment.edge(),
        &workspace,
        Story::of(&workspace, 8),
        pace,
    );
    let mut doses = 0;
    for _ in 0..scale.pick(1, 3, 50) {
        doses += through_the_edge(deployment, &poisoned).await?;
        doses += onto_the_bus(deployment, &poisoned).await?;
    }
    let (ledger, truth) = traffic.end().await?;
    verdict.expect_all_taken(ledger.all_attempts());
    let audit = audit(deployment, &workspace, &ledger, &truth).await?;
    verdict.expect_sound(&audit);
    verdict.expect(
        audit.dead == 0,
        format!("{} of the others dead", audit.dead),
    );

    let bus = deployment.bus().await?;
    until("nothing waits behind poison", async || {
        let lag = bus.lag(Stream::Webhook, READER).await.ok()?;
        lag.is_none().then_some(())
    })
    .await?;
    let dead = dead_letters(deployment, poisoned.connection).await?;
    verdict.expect(
        dead > 0,
        format!("{doses} doses of poison, {dead} dead letters of them"),
    );
    let panics = deployment.panics();
    verdict.expect(panics.is_empty(), format!("{} panics", panics.len()));
    Ok(verdict)
}

/// Items that only their reader can find hopeless.
async fn through_the_edge(deployment: &Deployment, workspace: &Workspace) -> Result<usize> {
    let deep = format!("{}{}", "{\"a\":[".repeat(DEEP), "]}".repeat(DEEP));
    let items = [
        format!(r#"{{"type":"conversation","id":"1","deep":{deep}}}"#),
        format!(r#"{{"type":"conversation","id":"2","conversation_parts":{deep}}}"#),
        json!({"type": "conversation", "id": {"no": "id"}}).to_string(),
        json!({"type": "conversation", "id": "3", "updated_at": 1e308}).to_string(),
        json!({"type": "conversation", "id": "4", "updated_at": i64::MAX}).to_string(),
        json!({"type": "conversation", "id": "5", "state": 7, "contacts": [[]]}).to_string(),
        json!({"type": "conversation", "id": "\0", "title": "\0"}).to_string(),
        json!({"type": "contact", "id": "6"}).to_string(),
        json!("no record at all").to_string(),
        "null".to_owned(),
    ];
    let mut poster = Poster::new(deployment.edge());
    for item in &items {
        let body = format!(
            r#"{{"type":"notification_event","app_id":"{}","id":"notif_{}","topic":"conversation.user.replied","created_at":1785312000,"data":{{"type":"notification_event_data","item":{item}}}}}"#,
            workspace.workspace_id,
            hex::encode(rand::random::<[u8; 8]>())
        );
        let bytes = request(&workspace.path(), &workspace.secret, body.as_bytes());
        let _ = poster.send(&bytes).await;
        sleep(BETWEEN).await;
    }
    Ok(items.len())
}

/// What no edge of ours would ever store.
async fn onto_the_bus(deployment: &Deployment, workspace: &Workspace) -> Result<usize> {
    let bus = deployment.bus().await?;
    let webhook = |body: &[u8]| WebhookReceived {
        connection_id: workspace.connection.to_string(),
        organization_id: deployment.tenant().organization().to_string(),
        workspace_id: workspace.workspace_id.clone(),
        notification_id: format!("notif_{}", hex::encode(rand::random::<[u8; 8]>())),
        topic: "conversation.user.replied".to_owned(),
        body: body.to_vec().into(),
        ..WebhookReceived::default()
    };
    let whole = webhook(b"{}");
    let payloads: Vec<Vec<u8>> = vec![
        b"\xff\xff\xff\xff no protobuf".to_vec(),
        Vec::new(),
        encoded(&webhook(b"\xff no JSON")),
        encoded(&webhook(b"{\"data\":")),
        encoded(&webhook("[".repeat(DEEP).as_bytes())),
        encoded(&WebhookReceived {
            connection_id: "con_nobody".to_owned(),
            ..whole.clone()
        }),
    ];
    let count = payloads.len();
    for payload in payloads {
        let id = format!("poison-{}", hex::encode(rand::random::<[u8; 8]>()));
        let outgoing = Outgoing::of(id, &whole)?;
        let outgoing = Outgoing {
            subject: subjects::webhook(workspace.connection, Lane::of("poison")),
            payload: payload.into(),
            ..outgoing
        };
        bus.publish(outgoing).await?;
        sleep(BETWEEN).await;
    }
    Ok(count)
}

fn encoded(event: &WebhookReceived) -> Vec<u8> {
    use prost::Message as _;
    event.encode_to_vec()
}
