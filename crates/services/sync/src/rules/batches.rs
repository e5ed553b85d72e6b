//! Cuts what was changed into messages that the bus takes.

/// Most bytes that the changes of one message may have. The bus takes a mebibyte; envelope and headers need little.
pub(crate) const MOST_BYTES: usize = 512 * 1024;
/// Most changes of one message.
pub(crate) const MOST_CHANGES: usize = 256;

/// Cuts items, whose sizes in bytes are told, into as few runs as the limits allow, in order. An item that is larger than
/// the limit stands alone.
pub(crate) fn cut<I>(items: impl IntoIterator<Item = (I, usize)>) -> Vec<Vec<I>> {
    let mut batches: Vec<Vec<I>> = Vec::new();
    let mut room = 0;
    for (item, size_bytes) in items {
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST_CHANGES && size_bytes <= room => {
                batch.push(item);
                room -= size_bytes;
            }
            _ => {
                batches.push(vec![item]);
                room = MOST_BYTES.saturating_sub(size_bytes);
            }
        }
    }
    batches
}

/// How many of the texts, told by their sizes in bytes from oldest to newest, have to go so that the rest fits.
pub(crate) fn texts_to_drop(sizes: &[usize], size_of_all: usize) -> usize {
    let mut left = size_of_all;
    let dropped = sizes.iter().take_while(|size| {
        let too_large = left > MOST_BYTES;
        left -= if too_large { **size } else { 0 };
        too_large
    });
    dropped.count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_item_is_in_one_batch_in_order_and_batches_fit(
            sizes in prop::collection::vec(0..400_000_usize, 0..600),
        ) {
            let batches = cut(sizes.iter().copied().enumerate().map(|(n, size)| ((n, size), size)));
            let flat: Vec<usize> = batches.iter().flatten().map(|(n, _)| *n).collect();
            prop_assert_eq!(flat, (0..sizes.len()).collect::<Vec<_>>());
            for batch in &batches {
                let bytes: usize = batch.iter().map(|(_, size)| size).sum();
                prop_assert!(batch.len() == 1 || bytes <= MOST_BYTES);
                prop_assert!(batch.len() <= MOST_CHANGES);
            }
        }

        #[test]
        fn no_more_texts_are_dropped_than_needed(
            sizes in prop::collection::vec(0..200_000_usize, 0..20),
            rest in 0..100_000_usize,
        ) {
            let all = sizes.iter().sum::<usize>() + rest;
            let dropped = texts_to_drop(&sizes, all);
            let left = all - sizes[..dropped].iter().sum::<usize>();
            prop_assert!(left <= MOST_BYTES || dropped == sizes.len());
            if dropped > 0 {
                prop_assert!(left + sizes[dropped - 1] > MOST_BYTES);
            }
        }
    }

    #[test]
    fn small_changes_travel_together() {
        assert_eq!(cut((0..600).map(|n| (n, 10))).len(), 3);
        assert!(cut(Vec::<((), usize)>::new()).is_empty());
    }
}
