use super::Edge;
use crate::outbound::vault::Away;

impl Edge {
    /// Passes on that a workspace claims to have uninstalled the app. Anybody can claim it: the vault checks with Intercom.
    pub(crate) async fn report_uninstall(&self, workspace_id: String) -> Result<(), Away> {
        self.vault.report_uninstall(workspace_id).await
    }
}
