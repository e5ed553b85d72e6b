use askama::Template;
use askama::filters::HtmlSafe;
use harken_contracts::wire::vault::v1::TestReport;

use crate::views::icon::Icon;

/// What a token can do, permission by permission.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/test_report.html")]
pub(crate) struct Report {
    ok: bool,
    workspace_name: String,
    workspace_id: String,
    checks: Vec<Check>,
}

#[derive(Clone, Debug)]
struct Check {
    permission: String,
    call: String,
    granted: bool,
    remedy: String,
    request_id: String,
}

impl Report {
    pub(crate) fn new(report: TestReport) -> Self {
        let checks = report.checks.into_iter().map(|check| Check {
            permission: check.permission,
            call: check.call,
            granted: check.granted,
            remedy: check.remedy,
            request_id: check.intercom_request_id,
        });
        Self {
            ok: report.ok,
            workspace_name: report.workspace_name,
            workspace_id: report.workspace_id,
            checks: checks.collect(),
        }
    }

    fn missing(&self) -> usize {
        self.checks.iter().filter(|check| !check.granted).count()
    }
}

impl HtmlSafe for Report {}
