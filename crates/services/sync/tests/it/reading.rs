use std::collections::BTreeSet;

use futures::TryStreamExt as _;
use harken_contracts::wire::{
    directory::v1::{
        ExportKind, ExportRequest, GetConversationRequest, GetCustomerRequest,
        ListConversationsRequest, ListCustomersRequest, directory_client::DirectoryClient,
    },
    events::v1::ConversationStatus,
    sync::v1::{GetRunRequest, GetStatusRequest, StartRunRequest, sync_client::SyncClient},
    types::v1::PageRequest,
};
use harken_domain::{Clock, OrganizationId, Role};
use harken_runtime::status;
use tonic::Code;

use crate::harness::{House, Process, story};

async fn imported() -> (House, Process) {
    let house = House::open(story(150, 300)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    (house, process)
}

fn page(page_size: u32, page_token: String) -> PageRequest {
    PageRequest {
        page_size,
        page_token,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_listed_in_slices_that_meet_exactly() {
    let (house, process) = imported().await;
    let mut directory = house.directory(&process);
    let mut met = BTreeSet::new();
    let mut first_seen = Vec::new();
    let mut token = String::new();
    loop {
        let request = ListCustomersRequest {
            connection_id: house.connection.to_string(),
            query: String::new(),
            page: Some(page(37, token)),
        };
        let slice = directory
            .list_customers(request)
            .await
            .unwrap()
            .into_inner();
        for customer in &slice.customers {
            assert!(
                met.insert(customer.customer_id.clone()),
                "a customer came twice"
            );
            first_seen.push(customer.first_seen_at.as_ref().map(|at| at.seconds));
        }
        let page = slice.page.unwrap();
        token = page.next_page_token;
        if token.is_empty() {
            assert_eq!(page.total_count, met.len() as u64);
            break;
        }
    }
    assert_eq!(met.len(), house.truth().await.customers());
    assert!(first_seen.is_sorted_by(|newer, older| newer >= older));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_found_by_part_of_name_or_address_taken_literally() {
    let (house, process) = imported().await;
    let mut directory = house.directory(&process);
    let mut search = async |query: &str| {
        let request = ListCustomersRequest {
            query: query.to_owned(),
            ..ListCustomersRequest::default()
        };
        directory
            .list_customers(request)
            .await
            .unwrap()
            .into_inner()
            .customers
    };
    let all = search("").await;
    let email = all[0].email.clone().unwrap();
    let found = search(&email.to_uppercase()).await;
    assert!(
        found
            .iter()
            .any(|customer| customer.customer_id == all[0].customer_id)
    );
    assert!(search("%").await.is_empty());
    assert!(search("no such person").await.is_empty());

    let one = GetCustomerRequest {
        customer_id: all[0].customer_id.clone(),
    };
    let one = directory.get_customer(one).await.unwrap().into_inner();
    assert_eq!(one, all[0]);
    assert!(all.iter().any(|customer| {
        customer
            .companies
            .iter()
            .any(|company| !company.name.is_empty())
    }));
    assert!(all.iter().any(|customer| !customer.tags.is_empty()));
    assert!(all.iter().all(|customer| customer.metadata.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_of_a_customer_come_with_their_parts_in_order() {
    let (house, process) = imported().await;
    let mut directory = house.directory(&process);
    let request = ListConversationsRequest {
        connection_id: house.connection.to_string(),
        status: ConversationStatus::Closed.into(),
        page: Some(page(500, String::new())),
        ..ListConversationsRequest::default()
    };
    let closed = directory
        .list_conversations(request)
        .await
        .unwrap()
        .into_inner();
    assert!(!closed.conversations.is_empty());
    assert!(
        closed
            .conversations
            .iter()
            .all(|one| one.status() == ConversationStatus::Closed)
    );
    let chosen = &closed.conversations[0];
    let of_customer = ListConversationsRequest {
        customer_id: chosen.customer_ids[0].clone(),
        ..ListConversationsRequest::default()
    };
    let of_customer = directory
        .list_conversations(of_customer)
        .await
        .unwrap()
        .into_inner();
    assert!(
        of_customer
            .conversations
            .iter()
            .any(|one| one.external_id == chosen.external_id)
    );

    let request = GetConversationRequest {
        conversation_id: chosen.conversation_id.clone(),
    };
    let whole = directory
        .get_conversation(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(whole.parts.len(), chosen.parts_held as usize);
    assert_eq!(whole.parts[0].part_type, "source");
    let times: Vec<_> = whole
        .parts
        .iter()
        .map(|part| part.created_at.as_ref().unwrap().seconds)
        .collect();
    assert!(times.is_sorted());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_gives_every_record_of_a_kind_once() {
    let (house, process) = imported().await;
    let truth = house.truth().await;
    let mut directory = house.directory(&process);
    let mut export = async |kind: ExportKind| {
        let request = ExportRequest {
            connection_id: String::new(),
            kind: kind.into(),
        };
        let stream = directory.export(request).await.unwrap().into_inner();
        stream.try_collect::<Vec<_>>().await.unwrap()
    };
    let contacts = export(ExportKind::Contacts).await;
    let ids: Vec<String> = contacts
        .into_iter()
        .flat_map(|batch| batch.contacts)
        .map(|one| one.external_id)
        .collect();
    assert!(ids.iter().eq(truth.contacts.keys()));
    let conversations = export(ExportKind::Conversations).await;
    let ids: Vec<String> = conversations
        .into_iter()
        .flat_map(|batch| batch.conversations)
        .map(|one| one.external_id)
        .collect();
    assert!(ids.iter().eq(truth.conversations.keys()));
    let parts = export(ExportKind::Parts).await;
    assert!(parts.len() > 3, "parts come in batches");
    let status = async |without_totals| {
        let request = GetStatusRequest {
            connection_id: house.connection.to_string(),
            without_totals,
        };
        let status = house.runs(&process).get_status(request).await;
        status.unwrap().into_inner()
    };
    let uncounted = status(true).await;
    let status = status(false).await;
    assert_eq!(uncounted.latest_run, status.latest_run);
    assert_eq!((uncounted.parts, uncounted.customers), (0, 0));
    let parts: usize = parts.iter().map(|batch| batch.parts.len()).sum();
    assert_eq!(parts as u64, status.parts);
    let companies = export(ExportKind::Companies).await;
    let companies: usize = companies.iter().map(|batch| batch.companies.len()).sum();
    assert_eq!(companies as u64, status.companies);
    assert_eq!(status.customers, truth.customers() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organization_finds_nothing() {
    let (house, process) = imported().await;
    let run = house.latest_run(&process).await.unwrap();
    let customer = house
        .directory(&process)
        .list_customers(ListCustomersRequest::default())
        .await;
    let customer = customer.unwrap().into_inner().customers.remove(0);
    let stranger = OrganizationId::generate(&Clock::system());
    let channel = || process.channel().for_organization(stranger);
    let mut runs = SyncClient::new(channel());
    let mut directory = DirectoryClient::new(channel());
    let connection_id = house.connection.to_string();

    let start = StartRunRequest {
        connection_id: connection_id.clone(),
        kind: 0,
    };
    let status = GetStatusRequest {
        connection_id: connection_id.clone(),
        without_totals: true,
    };
    let of_connection = ListCustomersRequest {
        connection_id: connection_id.clone(),
        ..ListCustomersRequest::default()
    };
    let of_customer = ListConversationsRequest {
        customer_id: customer.customer_id.clone(),
        ..ListConversationsRequest::default()
    };
    let export = ExportRequest {
        connection_id,
        kind: ExportKind::Contacts.into(),
    };
    for refused in [
        runs.start_run(start).await.map(drop),
        runs.get_status(status).await.map(drop),
        runs.get_run(GetRunRequest { run_id: run.run_id })
            .await
            .map(drop),
        directory
            .get_customer(GetCustomerRequest {
                customer_id: customer.customer_id,
            })
            .await
            .map(drop),
        directory.list_customers(of_connection).await.map(drop),
        directory.list_conversations(of_customer).await.map(drop),
        directory.export(export).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    }
    let all = directory
        .list_customers(ListCustomersRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert!(all.customers.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_refused_with_the_field() {
    let (house, process) = imported().await;
    let mut runs = house.runs(&process);
    let mut directory = house.directory(&process);
    let long = ListCustomersRequest {
        query: "x".repeat(300),
        ..ListCustomersRequest::default()
    };
    let large = ListCustomersRequest {
        page: Some(page(501, String::new())),
        ..ListCustomersRequest::default()
    };
    let forged = ListCustomersRequest {
        page: Some(page(5, "e30".to_owned())),
        ..ListCustomersRequest::default()
    };
    let export = ExportRequest {
        connection_id: String::new(),
        kind: 0,
    };
    for (refused, field) in [
        (
            runs.get_run(GetRunRequest {
                run_id: "run_1".to_owned(),
            })
            .await
            .map(drop),
            "run_id",
        ),
        (directory.list_customers(long).await.map(drop), "query"),
        (
            directory.list_customers(large).await.map(drop),
            "page.page_size",
        ),
        (
            directory.list_customers(forged).await.map(drop),
            "page.page_token",
        ),
        (
            directory
                .list_conversations(ListConversationsRequest::default())
                .await
                .map(drop),
            "connection_id",
        ),
        (directory.export(export).await.map(drop), "kind"),
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(
            status::field_of(&refused).as_deref(),
            Some(field),
            "{refused:?}"
        );
    }
    let start = StartRunRequest {
        connection_id: house.connection.to_string(),
        kind: 0,
    };
    let refused = house
        .runs_as(&process, Role::Viewer)
        .start_run(start)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}
