use std::fmt;

use futures::stream::BoxStream;
use harken_bus::{Bus, ConsumerSpec, Delivery, WatchError};
use harken_contracts::subjects::{self, Stream};
use harken_domain::Clock;
use harken_runtime::{Shutdown, grpc::Services};
use harken_store::{SchemaMigrations, Store, erasure::Eraser, keep_tidy, outbox::Relay};

use crate::{
    app::Scoring,
    config::Config,
    inbound::{
        events::{
            connection::ConnectionHandler, record_changed::RecordChangedHandler, score_changed,
        },
        grpc::Api,
    },
    outbound::postgres::holdings::HOLDINGS,
};

/// Messages of records handled in one transaction: of small ones this many, of large ones what a fetch may weigh.
const RECORD_BATCH: usize = 64;

/// What scoring stands on.
#[derive(Clone, Debug)]
pub struct Rails {
    /// Its tables, in the schema `scoring`.
    pub store: Store,
    /// Records in, scores out.
    pub bus: Bus,
    /// What time it is.
    pub clock: Clock,
}

/// Why scoring could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Scores cannot be followed live.
    #[error("scores cannot be followed on the bus")]
    Watch(#[from] WatchError),
}

/// Why scoring stopped early: it does not.
#[derive(Debug, thiserror::Error)]
pub enum RunError {}

/// Scoring, ready to run.
pub struct Service {
    scoring: Scoring,
    config: Config,
    rails: Rails,
    scores: BoxStream<'static, Delivery>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The tables of scoring.
pub fn migrations() -> SchemaMigrations {
    SchemaMigrations {
        schema: "scoring",
        migrator: sqlx::migrate!("../../../migrations/scoring"),
    }
}

/// Joins scoring to its rails.
pub async fn build(config: Config, rails: Rails) -> Result<Service, BuildError> {
    let scores = score_changed::watch(&rails.bus).await?;
    let scoring = Scoring::new(rails.store.clone(), rails.clock.clone());
    Ok(Service {
        scoring,
        config,
        rails,
        scores,
    })
}

impl Service {
    /// What it answers over gRPC.
    pub fn grpc(&self) -> Services {
        Services::new().add(Api::server(self.scoring.clone()))
    }

    /// Takes records, lets time pass and sends scores out, until `shutdown`.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), RunError> {
        let Self {
            scoring,
            config,
            rails,
            scores,
        } = self;
        let Rails { store, bus, clock } = rails;
        let eraser = Eraser::new(store.clone(), clock, HOLDINGS);
        let mut records = ConsumerSpec::new(
            "scoring-records",
            Stream::Record,
            vec![subjects::all_records()],
        );
        records.batch = RECORD_BATCH;
        let connections = ConsumerSpec::new(
            "scoring-connections",
            Stream::Signal,
            vec![subjects::all_connections()],
        );
        let work = Box::pin(async {
            tokio::join!(
                eraser.run(shutdown.clone()),
                bus.consume(
                    records,
                    RecordChangedHandler(scoring.clone()),
                    shutdown.clone()
                ),
                bus.consume(
                    connections,
                    ConnectionHandler(scoring.clone()),
                    shutdown.clone()
                ),
                scoring.keep_passing_time(config.sweep_every, shutdown.clone()),
                score_changed::follow(scores, scoring.clone(), shutdown.clone()),
                keep_tidy(store.clone(), shutdown.clone()),
            );
        });
        // The relay stops last: what the last batch has to say is said.
        let (all_is_said, work_ended) = Shutdown::manual();
        let work = async {
            work.await;
            work_ended.pull();
        };
        tokio::join!(
            work,
            Relay::new(store.clone(), bus.clone()).run(all_is_said)
        );
        Ok(())
    }
}
