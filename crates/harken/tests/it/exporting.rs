//! `harken export` before a mirror that has more than fits anywhere, or breaks off.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt as _};
use harken_contracts::wire::directory::v1::directory_server::{Directory, DirectoryServer};
use harken_contracts::wire::directory::v1::{
    ConversationWithParts, Customer, ExportBatch, ExportRequest, GetConversationRequest,
    GetCustomerRequest, ListConversationsRequest, ListConversationsResponse, ListCustomersRequest,
    ListCustomersResponse,
};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, async_trait};

use crate::program::Program;

/// Far more than any buffer holds: 5 million rows.
const MANY: u64 = 10_000;
/// Rows of a batch.
const ROWS: usize = 500;
/// How often nothing more must have been taken before it counts as standing still.
const STILL: u32 = 30;

/// A mirror with so many batches, and perhaps a bad end.
#[derive(Clone)]
struct Mirror {
    batches: u64,
    breaks: bool,
    taken: Arc<AtomicU64>,
}

impl Mirror {
    fn new(batches: u64, breaks: bool) -> Self {
        let taken = Arc::default();
        Self {
            batches,
            breaks,
            taken,
        }
    }

    /// Answers on a port of its own for as long as the runtime lives.
    fn open(&self, runtime: &tokio::runtime::Runtime) -> String {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder().add_service(DirectoryServer::new(self.clone()));
        runtime.spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        format!("http://{address}")
    }
}

fn unasked<T>() -> Result<T, Status> {
    Err(Status::unimplemented("no test asks for this"))
}

#[async_trait]
impl Directory for Mirror {
    type ExportStream = BoxStream<'static, Result<ExportBatch, Status>>;

    async fn export(
        &self,
        _: Request<ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let stranger = Customer {
            external_id: "65f1".to_owned(),
            name: Some("=HYPERLINK(1)".to_owned()),
            tags: vec!["@tag".to_owned()],
            ..Customer::default()
        };
        let batch = ExportBatch {
            contacts: vec![stranger; ROWS],
            ..ExportBatch::default()
        };
        let taken = Arc::clone(&self.taken);
        let whole = stream::iter(0..self.batches).map(move |_| {
            taken.fetch_add(1, Ordering::Relaxed);
            Ok(batch.clone())
        });
        let end = self
            .breaks
            .then(|| Err(Status::unavailable("the store went away")));
        Ok(Response::new(whole.chain(stream::iter(end)).boxed()))
    }

    async fn get_customer(
        &self,
        _: Request<GetCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        unasked()
    }

    async fn list_conversations(
        &self,
        _: Request<ListConversationsRequest>,
    ) -> Result<Response<ListConversationsResponse>, Status> {
        unasked()
    }

    async fn get_conversation(
        &self,
        _: Request<GetConversationRequest>,
    ) -> Result<Response<ConversationWithParts>, Status> {
        unasked()
    }

    async fn list_customers(
        &self,
        _: Request<ListCustomersRequest>,
    ) -> Result<Response<ListCustomersResponse>, Status> {
        unasked()
    }
}

fn exports(format: &str, address: &str) -> Program {
    let folder = std::env::temp_dir();
    Program::new(["export", "contacts", "--format", format], &folder)
        .setting("HARKEN_ENDPOINT", address)
        .setting("HARKEN_API_KEY", "hk_test")
}

#[test]
fn what_a_spreadsheet_would_run_is_made_plain() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = Mirror::new(2, false).open(&runtime);
    let left = exports("csv", &address).run();
    assert_eq!(left.code, 0, "{}", left.stderr);
    let rows: Vec<_> = left.stdout.lines().collect();
    assert_eq!(rows.len(), 1 + 2 * ROWS);
    for row in &rows[1..] {
        assert!(row.contains(",'=HYPERLINK(1),"), "{row}");
    }
}

#[test]
fn an_export_that_cannot_go_on_says_so_and_fails() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = Mirror::new(2, true).open(&runtime);
    for format in ["jsonl", "csv"] {
        let left = exports(format, &address).run();
        assert_ne!(left.code, 0, "{format}");
        assert_eq!(left.stderr.lines().count(), 1, "{}", left.stderr);
    }
}

#[test]
fn an_export_waits_for_its_reader_however_many_rows_there_are() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mirror = Mirror::new(MANY, false);
    let address = mirror.open(&runtime);
    let mut child = exports("jsonl", &address).start();
    let mut first = [0; 1];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    let (mut taken, mut still) = (0, 0);
    while still < STILL {
        thread::sleep(Duration::from_millis(10));
        let now = mirror.taken.load(Ordering::Relaxed);
        still = if now == taken { still + 1 } else { 0 };
        taken = now;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    println!("{taken} of {MANY} batches taken for a reader of one byte");
    assert!((1..MANY / 20).contains(&taken), "{taken}");
}
