use super::{Forms, Row};
use harken_contracts::wire::{
    events::v1::RecordCause as Cause, sync::v1::NotificationOutcome as Outcome,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        sample: "admin.away_mode_updated",
        forms: Forms::New,
        given: &[],
        outcome: Outcome::Ignored,
        causes: &[],
        lines: &[],
    },
    Row {
        sample: "app-uninstalled",
        forms: Forms::New,
        given: &[],
        outcome: Outcome::Dead,
        causes: &[],
        lines: &[],
    },
    Row {
        sample: "company.contact.attached",
        forms: Forms::New,
        given: &["contact.user.created"],
        outcome: Outcome::Refetched,
        causes: &[],
        lines: &["+ fetch company northwind 1"],
    },
    Row {
        sample: "company.contact.detached",
        forms: Forms::New,
        given: &["contact.user.created"],
        outcome: Outcome::Applied,
        causes: &[Cause::ContactUpdated],
        lines: &[
            "- contact dana user dana.whitfield@example.com Dana Whitfield {} {northwind} {\"seats\": 12, \"plan_tier\": \"growth\"}",
            "+ contact dana user dana.whitfield@example.com Dana Whitfield {} {} {\"seats\": 12, \"plan_tier\": \"growth\"}",
            "+ fetch company northwind 1",
        ],
    },
    Row {
        sample: "company.created",
        forms: Forms::New,
        given: &[],
        outcome: Outcome::Refetched,
        causes: &[],
        lines: &["+ fetch company northwind 1"],
    },
    Row {
        sample: "company.deleted",
        forms: Forms::New,
        given: &["company.created"],
        outcome: Outcome::Applied,
        causes: &[],
        lines: &["+ gone company northwind"],
    },
    Row {
        sample: "company.updated",
        forms: Forms::New,
        given: &["company.created"],
        outcome: Outcome::Refetched,
        causes: &[],
        lines: &["- fetch company northwind 1", "+ fetch company northwind 2"],
    },
    Row {
        sample: "event.created",
        forms: Forms::New,
        given: &[],
        outcome: Outcome::Ignored,
        causes: &[],
        lines: &[],
    },
    Row {
        sample: "ping",
        forms: Forms::New,
        given: &[],
        outcome: Outcome::Ignored,
        causes: &[],
        lines: &[],
    },
];
