use askama::Template;
use harken_contracts::wire::sync::v1::SampleRecord;
use harken_contracts::wire::vault::v1::Connection;

use crate::views::connection_head::ConnectionHead;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::policy;

/// What is collected, what never is, and a live sample of what lies in the tables.
#[derive(Debug, Template)]
#[template(path = "pages/stored.html")]
pub(crate) struct StoredPage {
    pub(crate) frame: Frame,
    pub(crate) head: ConnectionHead,
    pub(crate) policy: &'static str,
    pub(crate) end: &'static str,
    pub(crate) collected: &'static [&'static str],
    pub(crate) never: &'static [&'static str],
    /// None while sync does not answer.
    pub(crate) records: Option<Vec<SampleRecord>>,
}

impl StoredPage {
    pub(crate) fn new(
        frame: Frame,
        head: ConnectionHead,
        connection: &Connection,
        records: Option<Vec<SampleRecord>>,
    ) -> Self {
        let data_policy = connection.data_policy();
        Self {
            frame,
            head,
            policy: policy::kept(data_policy),
            end: policy::at_the_end(connection.on_disconnect()),
            collected: policy::collected(data_policy),
            never: policy::never_collected(data_policy),
            records,
        }
    }
}
