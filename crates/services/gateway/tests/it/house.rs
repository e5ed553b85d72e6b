use std::net::SocketAddr;

use harken_domain::{Clock, Secret};
use harken_gateway::{Config, Rails};
use harken_runtime::grpc::Services;
use harken_runtime::{ServiceIdentity, Shutdown, Tasks, Trigger};
use harken_testkit::{TestBus, TestServer, frozen_clock, service_secret};

use crate::browser::Browser;
use crate::fakes::Fakes;

/// A gateway on a free port, before services that are fakes.
pub(crate) struct House {
    pub(crate) fakes: Fakes,
    pub(crate) bus: TestBus,
    /// Where the gateway answers programs over gRPC.
    pub(crate) rpc: TestServer,
    address: SocketAddr,
    _server: TestServer,
    trigger: Trigger,
}

impl House {
    pub(crate) async fn open() -> Self {
        let clock = frozen_clock();
        let fakes = Fakes::new(clock.clone());
        let server = TestServer::start_at(fakes.services(Services::new()), clock.clone()).await;
        let bus = TestBus::open().await;
        let (shutdown, trigger) = Shutdown::manual();
        let service = harken_gateway::build(config(&server), rails(&bus, clock.clone(), &shutdown))
            .await
            .unwrap();
        let address = service.http_address().unwrap();
        let rpc = TestServer::start_at(service.grpc(), clock).await;
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn_essential("gateway", service.run(shutdown));
        Self {
            fakes,
            bus,
            rpc,
            address,
            _server: server,
            trigger,
        }
    }

    /// The address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A browser nobody has signed in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// A browser with a session of this role.
    pub(crate) fn signed_in(&self, role: harken_domain::Role) -> Browser {
        let mut browser = self.browser();
        browser.keep("harken_session", &self.fakes.session(role));
        browser
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.trigger.pull();
    }
}

fn config(server: &TestServer) -> Config {
    Config {
        http_listen: ([127, 0, 0, 1], 0).into(),
        public_url: "http://127.0.0.1:7400".parse().unwrap(),
        vault_endpoint: server.url(),
        sync_endpoint: server.url(),
        scoring_endpoint: server.url(),
        ingress_endpoint: Some(server.url()),
        form_secret: Secret::new("a secret of tests"),
        consent_origins: vec!["https://app.intercom.com".to_owned()],
    }
}

fn rails(bus: &TestBus, clock: Clock, shutdown: &Shutdown) -> Rails {
    Rails {
        bus: bus.bus(),
        identity: ServiceIdentity::new("gateway", service_secret(), clock.clone()),
        clock,
        tasks: Tasks::new(shutdown.clone()),
    }
}
