//! What each topic of Intercom does to the mirror: the one place that decides it.

use harken_intercom::webhook::Topic;

use super::Cause;

/// What a notification does to the mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The conversation and the parts it carries are taken in.
    ApplyConversation(Cause),
    /// The conversation is fetched; the contact it carries is taken in.
    RefetchConversation,
    /// The conversation and its parts are erased.
    DeleteConversation,
    /// The contact it carries is taken in.
    ApplyContact(Cause),
    /// The contact is taken in and fetched, for only that tells its tags.
    RetagContact,
    /// The contact is kept, and marked as archived.
    ArchiveContact,
    /// The contact is taken in and no longer archived.
    UnarchiveContact,
    /// The absorbed contact is erased, and its conversations go to the one that survives.
    MergeContacts,
    /// The contact is erased.
    DeleteContact,
    /// The contact it carries is taken in, with its companies.
    RefetchCompanies,
    /// The company is fetched.
    RefetchCompany,
    /// The company is erased.
    DeleteCompany,
    /// Nothing, for this reason.
    Ignore(&'static str),
    /// Nothing: nobody has decided yet. It is counted.
    Unknown,
}

impl Effect {
    /// What a topic does.
    #[expect(
        clippy::too_many_lines,
        reason = "one table reads better than its pieces"
    )]
    pub(crate) const fn of(topic: &Topic) -> Self {
        use Topic as T;
        match topic {
            T::ConversationUserCreated | T::ConversationAdminSingleCreated => {
                Self::ApplyConversation(Cause::Created)
            }
            T::ConversationAdminClosed => Self::ApplyConversation(Cause::Closed),
            T::ConversationAdminOpened => Self::ApplyConversation(Cause::Reopened),
            T::ConversationAdminAssigned | T::ConversationAdminOpenAssigned => {
                Self::ApplyConversation(Cause::Assigned)
            }
            T::ConversationUserReplied
            | T::ConversationAdminReplied
            | T::ConversationAdminRepliedTranslated
            | T::ConversationOperatorReplied
            | T::ConversationAdminNoted => Self::ApplyConversation(Cause::PartCreated),
            T::ConversationPartRedacted => Self::ApplyConversation(Cause::PartRedacted),
            T::ConversationAdminSnoozed
            | T::ConversationAdminUnsnoozed
            | T::ConversationRatingAdded
            | T::ConversationPriorityUpdated
            | T::ConversationRead
            | T::ConversationCompanyUpdated
            | T::ConversationPartTagCreated => Self::ApplyConversation(Cause::Updated),
            T::ConversationContactAttached | T::ConversationContactDetached => {
                Self::RefetchConversation
            }
            T::ConversationDeleted => Self::DeleteConversation,

            T::ContactUserCreated | T::ContactLeadCreated => Self::ApplyContact(Cause::Created),
            T::ContactUserUpdated
            | T::ContactLeadUpdated
            | T::ContactLeadSignedUp
            | T::ContactLeadAddedEmail
            | T::ContactEmailUpdated
            | T::ContactSubscribed
            | T::ContactUnsubscribed => Self::ApplyContact(Cause::Updated),
            T::ContactUserTagCreated
            | T::ContactUserTagDeleted
            | T::ContactLeadTagCreated
            | T::ContactLeadTagDeleted => Self::RetagContact,
            T::ContactArchived => Self::ArchiveContact,
            T::ContactUnarchived => Self::UnarchiveContact,
            T::ContactMerged => Self::MergeContacts,
            T::ContactDeleted => Self::DeleteContact,

            T::CompanyCreated | T::CompanyUpdated => Self::RefetchCompany,
            T::CompanyDeleted => Self::DeleteCompany,
            T::CompanyContactAttached | T::CompanyContactDetached => Self::RefetchCompanies,

            T::AdminAddedToWorkspace
            | T::AdminAwayModeUpdated
            | T::AdminRemovedFromWorkspace
            | T::AdminActivityLogEventCreated
            | T::AdminLoggedIn
            | T::AdminLoggedOut => Self::Ignore("teammates are read by each full sync"),
            T::TicketCreated
            | T::TicketStateUpdated
            | T::TicketNoteCreated
            | T::TicketAdminAssigned
            | T::TicketTeamAssigned
            | T::TicketContactAttached
            | T::TicketContactDetached
            | T::TicketAttributeUpdated
            | T::TicketAdminReplied
            | T::TicketContactReplied
            | T::TicketClosed
            | T::TicketRatingProvided
            | T::TicketResolved
            | T::TicketAdminSnoozed
            | T::TicketAdminUnsnoozed
            | T::TicketAdminRepliedTranslated => {
                Self::Ignore("tickets are not mirrored, only the conversations they came from")
            }
            T::VisitorSignedUp => {
                Self::Ignore("a visitor who signs up is told about as a contact as well")
            }
            T::GranularUnsubscribe | T::GranularSubscribe => {
                Self::Ignore("subscriptions to newsletters are not mirrored")
            }
            T::CallStarted
            | T::CallEnded
            | T::CallTranscriptionAvailable
            | T::CallRecordingAvailable => {
                Self::Ignore("calls are not mirrored, only the conversations about them")
            }
            T::EventCreated => Self::Ignore("events of contacts are not mirrored"),
            T::ArticleCreated
            | T::ArticleUpdated
            | T::ArticlePublished
            | T::ArticleUnpublished
            | T::ArticleDeleted
            | T::ContentSnippetCreated
            | T::ContentSnippetUpdated
            | T::ContentSnippetDeleted
            | T::ContentImportSourceCreated
            | T::ContentImportSourceUpdated
            | T::ContentImportSourceDeleted => {
                Self::Ignore("the workspace's own content is not mirrored")
            }
            T::ContentStatBanner
            | T::ContentStatCarousel
            | T::ContentStatChat
            | T::ContentStatChecklist
            | T::ContentStatCustomBot
            | T::ContentStatEmail
            | T::ContentStatNewsItem
            | T::ContentStatPost
            | T::ContentStatPush
            | T::ContentStatSeries
            | T::ContentStatSeriesWebhook
            | T::ContentStatSms
            | T::ContentStatSurvey
            | T::ContentStatTooltipGroup
            | T::ContentStatTour => {
                Self::Ignore("statistics of outbound messages are not mirrored")
            }
            T::AudienceCreated
            | T::AudienceUpdated
            | T::AudienceDeleted
            | T::AudienceMemberAdded
            | T::AudienceMemberRemoved => Self::Ignore("audiences are not mirrored"),
            T::JobCompleted | T::ApiRequestCompleted | T::DataConnectorExecutionCompleted => {
                Self::Ignore("it is about the workspace's machinery")
            }
            T::ProcedureHitlNotificationCreated => {
                Self::Ignore("procedures of Intercom's agent are not mirrored")
            }
            T::Ping => Self::Ignore("it asks whether anybody listens"),
            T::Other(_) => Self::Unknown,
        }
    }

    /// Whether an app should subscribe to the topic. Subscriptions to newsletters change nothing that is mirrored; they are
    /// understood where they come.
    pub(crate) fn is_needed(self, topic: &Topic) -> bool {
        !matches!(self, Self::Ignore(_) | Self::Unknown)
            && !matches!(topic, Topic::ContactSubscribed | Topic::ContactUnsubscribed)
    }

    /// What it does, in words; or why it does nothing.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::ApplyConversation(Cause::Created) => "A conversation appears",
            Self::ApplyConversation(Cause::Closed) => "The conversation is closed",
            Self::ApplyConversation(Cause::Reopened) => "The conversation is opened again",
            Self::ApplyConversation(Cause::Assigned) => "The conversation gets another owner",
            Self::ApplyConversation(Cause::PartCreated) => "A part is added to the conversation",
            Self::ApplyConversation(Cause::PartRedacted) => "The text of a part is erased",
            Self::ApplyConversation(_) => "The conversation is updated",
            Self::RefetchConversation => {
                "The conversation is fetched again, and the contact is updated"
            }
            Self::DeleteConversation => "The conversation and its parts are erased",
            Self::ApplyContact(Cause::Created) => "A contact appears",
            Self::ApplyContact(_) => "The contact is updated",
            Self::RetagContact => "The contact is updated and fetched again, with all its tags",
            Self::ArchiveContact => "The contact is kept and marked as archived",
            Self::UnarchiveContact => "The contact is updated and no longer marked as archived",
            Self::MergeContacts => {
                "The absorbed contact is erased, and its conversations go to the one that survives"
            }
            Self::DeleteContact => "The contact is erased",
            Self::RefetchCompanies => "The contact is updated, with its companies",
            Self::RefetchCompany => "The company is fetched again",
            Self::DeleteCompany => "The company is erased",
            Self::Ignore(reason) => reason,
            Self::Unknown => "Not known: it is counted, and nothing else",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_intercom_offers_is_undecided() {
        for topic in Topic::ALL {
            assert_ne!(Effect::of(topic), Effect::Unknown, "{topic}");
            assert!(!Effect::of(topic).words().is_empty());
        }
        assert_eq!(Effect::of(&Topic::of("brand.new")), Effect::Unknown);
    }

    #[test]
    fn topics_that_move_the_mirror_are_needed_and_no_others() {
        let needed: Vec<&str> = Topic::ALL
            .iter()
            .filter(|topic| Effect::of(topic).is_needed(topic))
            .map(Topic::as_str)
            .collect();
        assert!(needed.iter().all(|topic| {
            [
                "contact.",
                "company.",
                "conversation.",
                "conversation_part.",
            ]
            .iter()
            .any(|family| topic.starts_with(family))
        }));
        assert_eq!(needed.len(), 42, "{needed:?}");
        assert!(!Effect::of(&Topic::Ping).is_needed(&Topic::Ping));
    }

    /// Both spellings of a topic do the same, for they are one topic.
    #[test]
    fn spellings_are_one() {
        for (one, other) in [
            ("contact.archive", "contact.archived"),
            ("contact.unarchive", "contact.unarchived"),
        ] {
            assert_eq!(Effect::of(&Topic::of(one)), Effect::of(&Topic::of(other)));
        }
    }

    /// Where the reference of Intercom's topics lies beside the repository, it and the table name the same ones.
    #[test]
    fn the_table_has_every_topic_of_the_reference() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../../shared/intercom/webhook-topics.json"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("skipped: no reference of topics");
            return;
        };
        let reference: serde_json::Value = serde_json::from_str(&text).unwrap();
        let topics = reference["topics"].as_array().unwrap();
        assert_eq!(topics.len(), Topic::ALL.len());
        for topic in topics {
            let topic = Topic::of(topic["topic"].as_str().unwrap());
            assert_ne!(Effect::of(&topic), Effect::Unknown, "{topic}");
        }
    }
}
