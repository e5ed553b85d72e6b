//! What the workspace defines, segments and attributes: a call each, replaced whole.

use harken_intercom::models::AttributeModel;

use super::{Desk, Halt, book::Book, without};
use crate::{outbound::postgres::definitions, rules::counts::Kind};

pub(super) async fn read(desk: &Desk, book: &Book<'_>) -> Result<(), Halt> {
    if book.places().await.lists.contains(&Kind::Attributes) {
        return Ok(());
    }
    let segments = desk.may(Kind::Segments, || desk.reader.segments()).await?;
    let mut attributes = Vec::with_capacity(AttributeModel::ALL.len());
    for model in AttributeModel::ALL {
        let read = desk
            .may(Kind::Attributes, || desk.reader.attributes(model))
            .await?;
        attributes.push((model, read));
    }
    let (book, mut tx) = (book.turn().await, desk.sync.store.begin().await?);
    let mut counts = book.counts();
    let mut gaps = Vec::new();
    match segments {
        Ok(segments) => {
            let changed =
                definitions::replace_segments(&mut tx, desk.connection, &segments).await?;
            counts.wrote(Kind::Segments, segments.len(), changed);
        }
        Err(error) => gaps.push(without(desk, Kind::Segments, "", &error)),
    }
    for (model, read) in attributes {
        match read {
            Ok(read) => {
                let changed =
                    definitions::replace_attributes(&mut tx, desk.connection, model, &read).await?;
                counts.wrote(Kind::Attributes, read.len(), changed);
            }
            Err(error) => gaps.push(without(desk, Kind::Attributes, model.as_str(), &error)),
        }
    }
    let count = counts.of(Kind::Segments);
    count.total = Some(count.seen);
    book.end(desk, tx, Kind::Attributes, (counts, gaps)).await
}
