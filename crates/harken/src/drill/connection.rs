use harken_contracts::wire::ingress::v1::GetDeliveriesRequest;
use harken_contracts::wire::vault::v1::{DisconnectRequest, OpenSyntheticConnectionRequest};
use harken_domain::{ConnectionId, Secret};
use reqwest::Url;

use super::patient::Patient;
use crate::failure::Failure;

const LABEL: &str = "Drill";
const PATH: &str = "api/v1/webhooks/intercom";

/// The connection that a drill makes for itself.
pub(super) struct Synthetic {
    pub(super) id: ConnectionId,
    pub(super) connection_id: String,
    pub(super) workspace_id: String,
    /// What signs its notifications.
    pub(super) secret: Secret,
}

impl Synthetic {
    pub(super) async fn open(patient: &Patient) -> Result<Self, Failure> {
        let request = OpenSyntheticConnectionRequest {
            label: LABEL.to_owned(),
        };
        let ask = async || {
            let mut vault = patient.harken.vault();
            vault.open_synthetic_connection(request.clone()).await
        };
        let opened = patient.ask(ask).await?;
        let connection = opened
            .connection
            .ok_or_else(|| Failure::other("the vault named no connection"))?;
        let id = connection.connection_id.parse();
        Ok(Self {
            id: id.map_err(|_| Failure::other("the vault named no connection"))?,
            connection_id: connection.connection_id,
            workspace_id: connection.workspace_id,
            secret: Secret::new(opened.webhook_secret),
        })
    }

    /// Where its notifications go: the named edge, or the one that the deployment shows.
    pub(super) async fn address(
        &self,
        patient: &Patient,
        edge: Option<&str>,
    ) -> Result<Url, Failure> {
        let unusable = |address: &str| {
            Failure::input(format!(
                "{address} is not an address of an edge; give one like http://127.0.0.1:7402 by --ingress"
            ))
        };
        if let Some(edge) = edge {
            let address = format!(
                "{}/{PATH}/{}",
                edge.trim_end_matches('/'),
                self.connection_id
            );
            return Url::parse(&address)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .ok_or_else(|| unusable(edge));
        }
        let request = GetDeliveriesRequest {
            connection_id: self.connection_id.clone(),
        };
        let ask = async || {
            let mut edge = patient.harken.edge();
            edge.get_deliveries(request.clone()).await
        };
        let shown = patient.ask(ask).await?.endpoint_url;
        let mut url = Url::parse(&shown).map_err(|_| unusable(&shown))?;
        url.set_path(&format!("{PATH}/{}", self.connection_id));
        Ok(url)
    }

    /// Ends it: every service erases what it holds of it.
    pub(super) async fn close(&self, patient: &Patient) -> Result<(), Failure> {
        let request = DisconnectRequest {
            connection_id: self.connection_id.clone(),
        };
        let ask = async || {
            let mut vault = patient.harken.vault();
            vault.disconnect(request.clone()).await
        };
        patient.ask(ask).await.map(drop)
    }
}
