use harken_contracts::wire::sync::v1::{
    Completeness, GetCompletenessRequest, GetStatusRequest, IncompleteReason as Reason,
    IncompleteRecord, ListIncompleteRequest, RunState, Status,
};
use harken_contracts::wire::types::v1::PageRequest;
use serde_json::json;

use crate::harness::{House, Process, count, story};

impl House {
    async fn completeness(&self, process: &Process) -> Completeness {
        let request = GetCompletenessRequest {
            connection_id: self.connection.to_string(),
        };
        let told = self.runs(process).get_completeness(request).await;
        told.unwrap().into_inner()
    }

    pub(crate) async fn incomplete(
        &self,
        process: &Process,
        reason: Reason,
        query: &str,
    ) -> Vec<IncompleteRecord> {
        let mut records = Vec::new();
        let mut token = String::new();
        loop {
            let request = ListIncompleteRequest {
                connection_id: self.connection.to_string(),
                reason: reason.into(),
                query: query.to_owned(),
                page: Some(PageRequest {
                    page_size: 2,
                    page_token: token,
                }),
            };
            let listed = self.runs(process).list_incomplete(request).await;
            let listed = listed.unwrap().into_inner();
            records.extend(listed.records);
            let page = listed.page.unwrap();
            token = page.next_page_token;
            if token.is_empty() {
                return records;
            }
        }
    }

    async fn status(&self, process: &Process) -> Status {
        let request = GetStatusRequest {
            connection_id: self.connection.to_string(),
            without_totals: true,
        };
        self.runs(process)
            .get_status(request)
            .await
            .unwrap()
            .into_inner()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn completeness_adds_up_and_names_each_conversation_that_lacks_parts() {
    let house = House::open(story(200, 400)).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    let told = house.completeness(&process).await;
    let listed = house.incomplete(&process, Reason::Unspecified, "").await;
    assert!(
        !listed.is_empty(),
        "the story holds a conversation of more than 500 parts"
    );
    assert_eq!(told.conversations, count(&run, "conversations").written);
    assert_eq!(
        told.conversations_complete + listed.len() as u64,
        told.conversations
    );
    assert_eq!(told.reasons.len(), 1);
    assert_eq!(told.reasons[0].reason(), Reason::Truncated);
    assert_eq!(told.reasons[0].count, listed.len() as u64);
    assert!(told.checked_at.is_some());

    assert_eq!(count(&run, "conversations").truncated, listed.len() as u64);
    assert_eq!(
        (run.parts_held, run.parts_counted),
        (told.parts_held, told.parts_counted)
    );
    assert_eq!(run.parts_held, count(&run, "parts").seen);

    for record in &listed {
        assert_eq!(
            (record.kind.as_str(), record.reason()),
            ("conversation", Reason::Truncated)
        );
        assert_eq!(record.parts_held, Some(501));
        let counted = record.parts_counted.unwrap();
        assert!(counted > 500);
        assert!(
            record.detail.contains(&format!("{counted} parts")),
            "{}",
            record.detail
        );
        assert!(record.id.starts_with("cnv_") && !record.remedy.is_empty());
    }
    let request = ListIncompleteRequest {
        connection_id: house.connection.to_string(),
        ..ListIncompleteRequest::default()
    };
    let first = house.runs(&process).list_incomplete(request).await;
    let page = first.unwrap().into_inner().page.unwrap();
    assert_eq!(page.total_count, listed.len() as u64);
    let one = &listed[0].external_id;
    let found = house
        .incomplete(&process, Reason::Truncated, &one[..one.len() - 1])
        .await;
    assert!(found.iter().any(|record| record.external_id == *one));
    assert!(
        house
            .incomplete(&process, Reason::Waiting, "")
            .await
            .is_empty()
    );
    assert!(
        house
            .incomplete(&process, Reason::Unspecified, "nothing begins so")
            .await
            .is_empty()
    );
    let status = house.status(&process).await;
    assert!(
        status.last_error.contains("more parts than Intercom gives"),
        "{}",
        status.last_error
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_in_vain_is_listed_until_it_is_read() {
    let house = House::open(story(100, 150)).await;
    let truth = house.truth().await;
    let lost: Vec<&String> = truth.conversations.keys().take(4).collect();
    let harms = [
        (
            json!({"harm": "status", "status": 404, "code": "not_found"}),
            Reason::NotFound,
        ),
        (json!({"harm": "empty_body"}), Reason::Unreadable),
        (
            json!({"harm": "huge_body", "bytes": 40_000_000}),
            Reason::Unreadable,
        ),
        (
            json!({"harm": "status", "status": 403, "code": "forbidden"}),
            Reason::Refused,
        ),
    ];
    for (id, (harm, _)) in lost.iter().zip(&harms) {
        let mut fault = harm.clone();
        fault["path"] = format!("/conversations/{id}").into();
        fault["times"] = 100.into();
        house.order("faults", fault).await;
    }
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    for (id, (harm, reason)) in lost.iter().zip(&harms) {
        let listed = house.incomplete(&process, *reason, id).await;
        let [record] = &listed[..] else {
            panic!("{id} is listed {} times", listed.len())
        };
        assert!(record.id.is_empty() && !record.detail.is_empty() && !record.remedy.is_empty());
        // What never reached us whole has no request that could be quoted.
        let is_answered = harm["harm"] != "huge_body";
        assert_eq!(
            !record.intercom_request_id.is_empty(),
            is_answered,
            "{harm}"
        );
    }
    let status = house.status(&process).await;
    assert!(
        status
            .last_error
            .contains("4 conversations could not be read"),
        "{}",
        status.last_error
    );
    house.forget_faults().await;
    house.run_again(&process).await;
    let listed = house.incomplete(&process, Reason::Unspecified, "").await;
    assert!(
        listed
            .iter()
            .all(|record| record.reason() == Reason::Truncated),
        "{listed:?}"
    );
    truth.assert_mirrored(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_shown_until_a_later_run_proves_it() {
    let house = House::open(story(30, 30)).await;
    let tags = json!({"workspace": "demo", "permission": "read_tags"});
    house.order("permissions/remove", tags.clone()).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let status = house.status(&process).await;
    assert_eq!(status.missing_permissions, ["Read tags"]);
    assert!(
        status
            .last_error
            .contains("Grant the permission \u{201c}Read tags\u{201d}"),
        "{}",
        status.last_error
    );
    house.order("permissions/restore", tags).await;
    house.run_again(&process).await;
    let status = house.status(&process).await;
    assert!(status.missing_permissions.is_empty());
    assert!(
        !status.last_error.contains("Read tags"),
        "{}",
        status.last_error
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_says_why_until_one_succeeds() {
    let token = "sim_no_conversations_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let house = House::open_with(story(10, 10), token).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    let status = house.status(&process).await;
    assert_eq!(status.last_error, run.reason);
    assert!(
        status
            .missing_permissions
            .contains(&"Read conversations".to_owned())
    );
}
