//! Conversations that moved are fetched whole, and join what is held.

use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use harken_contracts::subjects::RecordKind;
use harken_intercom::ReadError;
use sqlx::PgConnection;

use super::{
    Saved, save,
    watch::{SeenConversations, Watch},
};
use crate::{
    app::{
        mirror::{By, Merge, Page, Seen},
        run::{
            Desk, Halt, Ledger,
            contacts::write_records,
            conversations::note_parts,
            customers::{Customers, Learned},
            fetch::concerns_one_record,
        },
    },
    outbound::postgres::{
        gaps::{Gap, GapKind},
        repairs::RepairKind,
    },
    rules::{
        Cause,
        counts::{Counts, Kind, Skip, Tally},
        drift::DriftTally,
        fold::ConversationSight,
        incremental::Place,
        lacking::Lack,
    },
};

/// Conversations that are written together.
const TOGETHER: usize = 32;

/// What is to be fetched.
pub(super) struct Refetch {
    pub(super) wanted: Vec<String>,
    /// Those of them that the mirror holds, whoever takes part.
    pub(super) held: HashSet<String>,
    /// Who was met while they were found.
    pub(super) learned: Learned,
    pub(super) tally: Tally,
}

/// What became of the fetch of one.
enum Fetched {
    Whole(Box<ConversationSight>),
    /// No customer takes part.
    Stranger,
    /// It was not found: deleted, or kept from us.
    Missing(String),
    Unreadable(Gap),
}

/// Fetches conversations and writes them, some at a time. The run stands at the first place until all are written, and at
/// the second then.
pub(super) async fn refetch(
    desk: &Desk,
    ledger: &mut Ledger,
    (customers, watch): (&Customers<'_>, &Watch),
    what: Refetch,
    (here, then): (Place, Option<Place>),
) -> Result<(), Halt> {
    let Refetch {
        wanted,
        held,
        mut learned,
        mut tally,
    } = what;
    let mut left: Vec<Vec<String>> = wanted.chunks(TOGETHER).map(<[_]>::to_vec).collect();
    left.reverse();
    loop {
        let ids = left.pop().unwrap_or_default();
        let fetched: Vec<(Fetched, Learned)> = stream::iter(ids)
            .map(|id| fetch(desk, customers, &held, id))
            .buffer_unordered(desk.sync.limits.in_flight)
            .try_collect()
            .await?;
        let mut batch = Vec::with_capacity(fetched.len());
        for (one, more) in fetched {
            learned.append(more);
            batch.push(one);
        }
        let mut counts = ledger.counts().clone();
        counts.absorb(&std::mem::take(&mut tally));
        let mut tx = desk.sync.store.begin().await?;
        let learned = std::mem::take(&mut learned);
        let (gaps, drift) = write(desk, &mut tx, (batch, learned), (&mut counts, watch)).await?;
        let next = if left.is_empty() {
            then.clone()
        } else {
            Some(here.clone())
        };
        let saved = Saved {
            next,
            counts,
            gaps,
            drift,
        };
        save(desk, ledger, tx, saved).await?;
        if left.is_empty() {
            return Ok(());
        }
    }
}

async fn fetch(
    desk: &Desk,
    customers: &Customers<'_>,
    held: &HashSet<String>,
    id: String,
) -> Result<(Fetched, Learned), Halt> {
    let reading = desk.reading();
    let asked = desk
        .ask(Kind::Conversations, || desk.reader.conversation(&id))
        .await;
    let conversation = match asked {
        Ok(conversation) => conversation,
        Err(ReadError::NotFound { .. }) => return Ok((Fetched::Missing(id), Learned::default())),
        Err(error) if concerns_one_record(&error) => {
            desk.notes.warning(
                format!("A conversation could not be read: {error}"),
                error.request_id(),
            );
            let gap = Gap {
                kind: GapKind::Conversation,
                external_id: id,
                lack: Lack::of(&error),
                reason: error.to_string(),
                request_id: error.request_id().map(str::to_owned),
            };
            return Ok((Fetched::Unreadable(gap), Learned::default()));
        }
        Err(error) => return Err(desk.fatal(Kind::Conversations, &error)),
    };
    let contacts = conversation.contact_ids();
    let learned = customers.meet(contacts.clone()).await?;
    if customers.among(&contacts).is_empty() && !held.contains(&id) {
        return Ok((Fetched::Stranger, learned));
    }
    let sight = ConversationSight::new(conversation, reading);
    Ok((Fetched::Whole(Box::new(sight)), learned))
}

async fn write(
    desk: &Desk,
    tx: &mut PgConnection,
    (batch, learned): (Vec<Fetched>, Learned),
    (counts, watch): (&mut Counts, &Watch),
) -> Result<(Vec<Gap>, DriftTally), Halt> {
    let mut mirror = desk.open(tx).await?;
    let mut gaps = learned.gaps;
    let told_at = desk.sync.clock.now();
    let merges = learned.aliases.into_iter().map(|alias| Merge {
        connection: desk.connection,
        told_at: alias.survivor.is_some().then_some(told_at),
        alias,
        by: By::reading(Cause::Updated),
    });
    mirror.merge(tx, merges.collect()).await?;
    write_records(desk, (&mut mirror, tx), learned.contacts, counts).await?;
    let mut sights = Vec::with_capacity(batch.len());
    let mut strangers = 0;
    for one in batch {
        match one {
            Fetched::Whole(sight) => sights.push(*sight),
            Fetched::Stranger => strangers += 1,
            // A repair asks once more before it is buried.
            Fetched::Missing(id) => {
                mirror.want(desk.connection, RepairKind::Conversation, &id);
            }
            Fetched::Unreadable(gap) => gaps.push(gap),
        }
    }
    let mut tally = Tally::default();
    tally.skip(Kind::Conversations, Skip::NoKnownContact, strangers);
    counts.absorb(&tally);
    let ids: Vec<String> = sights
        .iter()
        .map(|sight| sight.external_id.clone())
        .collect();
    let drift = write_whole(desk, (&mut mirror, tx), sights, (counts, watch)).await?;
    gaps.extend(note_parts(desk, tx, &ids, (counts, |_: &String| false)).await?);
    counts.of(Kind::Contacts).deleted += mirror.erased(RecordKind::Contact);
    desk.close(tx, mirror).await?;
    Ok((gaps, drift))
}

async fn write_whole(
    desk: &Desk,
    (mirror, tx): (&mut Page, &mut PgConnection),
    sights: Vec<ConversationSight>,
    (counts, watch): (&mut Counts, &Watch),
) -> Result<DriftTally, Halt> {
    let before = SeenConversations::before(desk, tx, &sights).await?;
    let parts: Vec<((harken_domain::ConnectionId, String), usize)> = sights
        .iter()
        .map(|sight| {
            let key = (desk.connection, sight.external_id.clone());
            (key, sight.parts().count())
        })
        .collect();
    let seen = sights.into_iter().map(|sight| Seen {
        connection: desk.connection,
        sight,
        by: By::reading(Cause::Updated),
    });
    let changed = mirror.write_conversations(tx, seen.collect()).await?;
    let written = parts.iter().filter(|(key, _)| changed.contains_key(key));
    let (written, written_parts) =
        written.fold((0, 0), |(n, parts), (_, more)| (n + 1, parts + more));
    let all_parts = parts.iter().map(|(_, parts)| parts).sum();
    counts.wrote(Kind::Conversations, parts.len(), written);
    counts.wrote(Kind::Parts, all_parts, written_parts);
    Ok(before.judge(watch, &changed))
}
