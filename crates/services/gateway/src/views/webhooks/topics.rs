use harken_contracts::wire::sync::v1::Topic;

/// Intercom's topics: those to subscribe to, and the others.
#[derive(Clone, Debug)]
pub(crate) struct Topics {
    pub(crate) needed: Vec<TopicRow>,
    pub(crate) others: Vec<TopicRow>,
}

/// One topic.
#[derive(Clone, Debug)]
pub(crate) struct TopicRow {
    pub(crate) topic: String,
    pub(crate) effect: String,
    pub(crate) permissions: String,
}

impl Topics {
    pub(crate) fn new(topics: Vec<Topic>) -> Self {
        let (needed, others) = topics.into_iter().partition(|topic| topic.is_needed);
        let rows = |topics: Vec<Topic>| topics.into_iter().map(TopicRow::new).collect();
        Self {
            needed: rows(needed),
            others: rows(others),
        }
    }

    /// The needed ones, a line each.
    pub(crate) fn to_copy(&self) -> String {
        let names: Vec<_> = self.needed.iter().map(|one| one.topic.as_str()).collect();
        names.join("\n")
    }
}

impl TopicRow {
    fn new(topic: Topic) -> Self {
        Self {
            permissions: topic.any_of_permissions.join(" or "),
            effect: topic.effect,
            topic: topic.topic,
        }
    }
}
