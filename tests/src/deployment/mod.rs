//! Services as processes of their own beside private stores, as a cluster runs them.

mod runs;
mod server;
mod service;
mod tenant;

use std::fs::Permissions;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use harken_bus::{Bus, BusConfig};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::intercom::{App, Control, Intercom};

pub use server::Server;
pub(crate) use service::beside_this_program;
pub use service::{Ports, Service};
pub use tenant::{Tenant, Workspace};

/// All services, in the order in which they start.
pub const SERVICES: [&str; 5] = ["vault", "ingress", "sync", "scoring", "gateway"];

/// The secret of the deployment's own app.
pub const APP_SECRET: &str = "the-client-secret-of-the-deployments-own-app";

const CLIENT_ID: &str = "chaos";
/// Two for the stores, three for each service, one for the simulated Intercom.
const PORTS: u16 = 18;

/// Everything there is of one deployment on this machine. Dropping it ends all of it.
#[derive(Debug)]
pub struct Deployment {
    /// Dropped first: services end before their stores.
    services: Vec<Service>,
    /// Its bus.
    pub nats: Server,
    /// Its tables.
    pub postgres: Server,
    intercom: Option<Intercom>,
    tenant: Tenant,
    _folder: TempDir,
}

impl Deployment {
    /// Starts stores and services, with an organization to work for. Nobody answers in Intercom's place.
    pub async fn open() -> Result<Self> {
        Self::open_with(None, &[]).await
    }

    /// The same beside a simulated Intercom with these flags, and with more settings for every service.
    pub async fn open_beside(flags: &[String], settings: &[(&str, &str)]) -> Result<Self> {
        Self::open_with(Some(flags), settings).await
    }

    async fn open_with(flags: Option<&[String]>, settings: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("harken-deployment-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()?;
        let base = free_base()?;
        let postgres = Server::postgres(folder.path().join("postgres"), base).await?;
        let nats = Server::nats(folder.path().join("nats"), base + 1).await?;
        migrate(postgres.url()).await?;
        let service_secret = hex::encode(rand::random::<[u8; 32]>());
        let intercom = match flags {
            Some(flags) => Some(intercom(folder.path(), base, flags).await?),
            None => None,
        };
        let mut environment = environment(base, &service_secret, &postgres, &nats);
        let settings = settings.iter();
        environment.extend(settings.map(|(name, value)| ((*name).into(), (*value).into())));
        let services = SERVICES.iter().zip(0..).map(|(name, place)| {
            let ports = ports(base, place);
            let mut environment = environment.clone();
            environment.extend([
                ("HARKEN_GRPC_LISTEN".to_owned(), loopback(ports.grpc)),
                ("HARKEN_HTTP_LISTEN".to_owned(), loopback(ports.http)),
                ("HARKEN_INGRESS_LISTEN".to_owned(), loopback(ports.http)),
                ("HARKEN_OPS_LISTEN".to_owned(), loopback(ports.ops)),
            ]);
            Service::new(name, ports, environment, folder.path())
        });
        let mut services: Vec<Service> = services.collect();
        for service in &mut services {
            service.launch()?;
        }
        try_join_all(services.iter_mut().map(Service::ready)).await?;
        let endpoint = |place| format!("http://{}", loopback(ports(base, place).grpc));
        let tenant = Tenant::found(&service_secret, endpoint).await?;
        Ok(Self {
            services,
            nats,
            postgres,
            intercom,
            tenant,
            _folder: folder,
        })
    }

    /// The organization it works for.
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The simulated Intercom.
    ///
    /// # Errors
    /// When it was opened without one.
    pub fn intercom(&self) -> Result<&Control> {
        let intercom = self.intercom.as_ref();
        Ok(intercom.context("no Intercom stands beside it")?.control())
    }

    /// One of [`SERVICES`].
    pub fn service(&mut self, name: &str) -> &mut Service {
        self.services
            .iter_mut()
            .find(|service| service.name() == name)
            .unwrap()
    }

    /// Where Intercom posts to.
    pub fn edge(&self) -> SocketAddr {
        let ingress = self.services.iter().find(|it| it.name() == "ingress");
        ([127, 0, 0, 1], ingress.unwrap().ports().http).into()
    }

    /// Starts whatever does not run, and waits until all is ready.
    pub async fn mend(&mut self) -> Result<()> {
        let _ = self.nats.resume();
        self.nats.start().await?;
        self.postgres.start().await?;
        for service in &mut self.services {
            if service.pid().is_none() {
                service.launch()?;
            }
        }
        try_join_all(self.services.iter_mut().map(Service::ready)).await?;
        Ok(())
    }

    /// A connection to its database, past all services.
    pub async fn database(&self) -> Result<PgConnection> {
        PgConnection::connect(self.postgres.url())
            .await
            .context("the deployment's Postgres does not let us in")
    }

    /// A connection to its bus.
    pub async fn bus(&self) -> Result<Bus> {
        Ok(Bus::connect(BusConfig::local(self.nats.url().to_owned())).await?)
    }

    /// Most memory that a service ever held, in MiB.
    pub fn peak_memory_mib(&mut self, name: &str) -> Result<f64> {
        let pid = self.service(name).pid().context("it does not run")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: f64 = line
            .and_then(|text| text.split_whitespace().next()?.parse().ok())
            .context("the kernel does not tell peak memory")?;
        Ok(kib / 1024.0)
    }

    /// The lines of a service's log that tell of a panic.
    pub fn panics(&mut self) -> Vec<String> {
        let panicked = |service: &Service| {
            let log = service.log();
            let lines = log.lines().filter(|line| line.contains("panicked"));
            lines
                .map(|line| format!("{}: {line}", service.name()))
                .collect::<Vec<_>>()
        };
        self.services.iter().flat_map(panicked).collect()
    }
}

async fn intercom(folder: &Path, base: u16, flags: &[String]) -> Result<Intercom> {
    let redirect_uri = format!(
        "http://{}/oauth/intercom/callback",
        loopback(ports(base, 4).http)
    );
    let app = App {
        client_id: CLIENT_ID,
        client_secret: APP_SECRET,
        redirect_uri: &redirect_uri,
    };
    Intercom::start(folder, intercom_port(base), app, flags).await
}

async fn migrate(database_url: &str) -> Result<()> {
    let output = service::command(&["migrate"])?
        .env("HARKEN_DATABASE_URL", database_url)
        .output()
        .await?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// What every service is told.
fn environment(
    base: u16,
    service_secret: &str,
    postgres: &Server,
    nats: &Server,
) -> Vec<(String, String)> {
    let grpc = |place| format!("http://{}", loopback(ports(base, place).grpc));
    let http = |place| format!("http://{}", loopback(ports(base, place).http));
    let key = hex::encode(rand::random::<[u8; 32]>());
    let intercom_url = format!("http://{}", loopback(intercom_port(base)));
    [
        ("HARKEN_PROFILE", "local".to_owned()),
        ("HARKEN_LOG_FORMAT", "json".to_owned()),
        ("HARKEN_DATABASE_URL", postgres.url().to_owned()),
        ("HARKEN_NATS_URL", nats.url().to_owned()),
        ("HARKEN_SERVICE_SECRET", service_secret.to_owned()),
        ("HARKEN_KEY_ENCRYPTION_KEY", key),
        ("HARKEN_INTERCOM_API_URL", intercom_url),
        ("HARKEN_INTERCOM_CLIENT_ID", CLIENT_ID.to_owned()),
        ("HARKEN_INTERCOM_CLIENT_SECRET", APP_SECRET.to_owned()),
        ("HARKEN_VAULT_ENDPOINT", grpc(0)),
        ("HARKEN_INGRESS_ENDPOINT", grpc(1)),
        ("HARKEN_INGRESS_PUBLIC_URL", http(1)),
        ("HARKEN_SYNC_ENDPOINT", grpc(2)),
        ("HARKEN_SCORING_ENDPOINT", grpc(3)),
        ("HARKEN_PUBLIC_URL", http(4)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn ports(base: u16, place: u16) -> Ports {
    let first = base + 2 + 3 * place;
    Ports {
        grpc: first,
        http: first + 1,
        ops: first + 2,
    }
}

const fn intercom_port(base: u16) -> u16 {
    base + PORTS - 1
}

fn loopback(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// The first of a run of ports that nobody holds right now, below those that the kernel lends to clients.
fn free_base() -> Result<u16> {
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    (0..1000)
        .map(|_| rand::random_range(10_000..20_000 - PORTS))
        .find(|base| (*base..base + PORTS).all(is_free))
        .context("no run of free ports")
}
