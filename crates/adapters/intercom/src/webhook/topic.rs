//! Every topic that Intercom documents, and the open set around them.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

const ADMINS: &[&str] = &["Read admins"];
const ARTICLES: &[&str] = &["Read and list articles"];
const COMPANIES: &[&str] = &[
    "Read and list users and companies",
    "Read one user and one company",
];
const CONTACTS: &[&str] = &[
    "Read and list users and companies",
    "Read and write users",
    "Read one user and one company",
];
const CONVERSATIONS: &[&str] = &["Read conversations"];
const TICKETS: &[&str] = &["Read tickets"];
const EVENTS: &[&str] = &["Read events"];
const JOBS: &[&str] = &["Read jobs"];
const API_LOGS: &[&str] = &["Read API activity logs"];
const SNIPPETS: &[&str] = &["Read content snippets"];
const CONTENT_DATA: &[&str] = &["Read content data"];
const CONNECTORS: &[&str] = &["Read data connectors"];
const AUDIENCES: &[&str] = &["Read audiences"];
const CONTENT: &[&str] = &["Read content"];
const NONE: &[&str] = &[];

macro_rules! topics {
    ($($topic:ident $name:literal $(| $other:literal)* $permissions:ident,)+) => {
        /// What a notification tells, in Intercom's words.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Topic {
            $(#[doc = concat!("`", $name, "`")] $topic,)+
            /// One that was not documented when this was written.
            Other(String),
        }

        impl Topic {
            /// Every topic that is known.
            pub const ALL: &'static [Self] = &[$(Self::$topic,)+];

            /// The topic of this name; some have two spellings.
            pub fn of(name: &str) -> Self {
                match name {
                    $($name $(| $other)* => Self::$topic,)+
                    _ => Self::Other(name.to_owned()),
                }
            }

            /// Its name, as Intercom sends it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$topic => $name,)+
                    Self::Other(name) => name,
                }
            }

            /// Permissions of which an app needs one, as Intercom's Developer Hub names them; empty if it needs none, or
            /// if none are documented.
            pub const fn permissions(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$topic => $permissions,)+
                    Self::Other(_) => NONE,
                }
            }
        }
    };
}

topics! {
    AdminAddedToWorkspace "admin.added_to_workspace" ADMINS,
    AdminAwayModeUpdated "admin.away_mode_updated" ADMINS,
    AdminRemovedFromWorkspace "admin.removed_from_workspace" ADMINS,
    AdminActivityLogEventCreated "admin.activity_log_event.created" ADMINS,
    AdminLoggedIn "admin.logged_in" ADMINS,
    AdminLoggedOut "admin.logged_out" ADMINS,
    ArticleCreated "article.created" ARTICLES,
    ArticleUpdated "article.updated" ARTICLES,
    ArticlePublished "article.published" ARTICLES,
    ArticleUnpublished "article.unpublished" ARTICLES,
    ArticleDeleted "article.deleted" ARTICLES,
    CompanyCreated "company.created" COMPANIES,
    CompanyUpdated "company.updated" COMPANIES,
    CompanyDeleted "company.deleted" COMPANIES,
    CompanyContactAttached "company.contact.attached" COMPANIES,
    CompanyContactDetached "company.contact.detached" COMPANIES,
    ContactUserCreated "contact.user.created" CONTACTS,
    ContactLeadCreated "contact.lead.created" CONTACTS,
    ContactLeadUpdated "contact.lead.updated" CONTACTS,
    ContactLeadSignedUp "contact.lead.signed_up" CONTACTS,
    ContactLeadAddedEmail "contact.lead.added_email" CONTACTS,
    ContactEmailUpdated "contact.email.updated" CONTACTS,
    ContactUserUpdated "contact.user.updated" CONTACTS,
    ContactUserTagCreated "contact.user.tag.created" CONTACTS,
    ContactUserTagDeleted "contact.user.tag.deleted" CONTACTS,
    ContactLeadTagCreated "contact.lead.tag.created" CONTACTS,
    ContactLeadTagDeleted "contact.lead.tag.deleted" CONTACTS,
    ContactArchived "contact.archived" | "contact.archive" CONTACTS,
    ContactUnarchived "contact.unarchived" | "contact.unarchive" CONTACTS,
    ContactDeleted "contact.deleted" COMPANIES,
    ContactMerged "contact.merged" CONTACTS,
    ContactSubscribed "contact.subscribed" CONTACTS,
    ContactUnsubscribed "contact.unsubscribed" CONTACTS,
    ConversationUserCreated "conversation.user.created" CONVERSATIONS,
    ConversationUserReplied "conversation.user.replied" CONVERSATIONS,
    ConversationAdminReplied "conversation.admin.replied" CONVERSATIONS,
    ConversationAdminSingleCreated "conversation.admin.single.created" CONVERSATIONS,
    ConversationAdminAssigned "conversation.admin.assigned" CONVERSATIONS,
    ConversationAdminNoted "conversation.admin.noted" CONVERSATIONS,
    ConversationAdminClosed "conversation.admin.closed" CONVERSATIONS,
    ConversationAdminOpened "conversation.admin.opened" CONVERSATIONS,
    ConversationAdminSnoozed "conversation.admin.snoozed" CONVERSATIONS,
    ConversationAdminUnsnoozed "conversation.admin.unsnoozed" CONVERSATIONS,
    ConversationRatingAdded "conversation.rating.added" CONVERSATIONS,
    ConversationPriorityUpdated "conversation.priority.updated" CONVERSATIONS,
    ConversationAdminOpenAssigned "conversation.admin.open.assigned" CONVERSATIONS,
    ConversationOperatorReplied "conversation.operator.replied" CONVERSATIONS,
    ConversationRead "conversation.read" NONE,
    ConversationContactAttached "conversation.contact.attached" CONVERSATIONS,
    ConversationContactDetached "conversation.contact.detached" CONVERSATIONS,
    ConversationCompanyUpdated "conversation.company.updated" CONVERSATIONS,
    ConversationAdminRepliedTranslated "conversation.admin.replied.translated" CONVERSATIONS,
    ConversationDeleted "conversation.deleted" CONVERSATIONS,
    ConversationPartTagCreated "conversation_part.tag.created" CONVERSATIONS,
    ConversationPartRedacted "conversation_part.redacted" CONVERSATIONS,
    TicketCreated "ticket.created" TICKETS,
    TicketStateUpdated "ticket.state.updated" TICKETS,
    TicketNoteCreated "ticket.note.created" TICKETS,
    TicketAdminAssigned "ticket.admin.assigned" TICKETS,
    TicketTeamAssigned "ticket.team.assigned" TICKETS,
    TicketContactAttached "ticket.contact.attached" TICKETS,
    TicketContactDetached "ticket.contact.detached" TICKETS,
    TicketAttributeUpdated "ticket.attribute.updated" TICKETS,
    TicketAdminReplied "ticket.admin.replied" TICKETS,
    TicketContactReplied "ticket.contact.replied" TICKETS,
    TicketClosed "ticket.closed" TICKETS,
    TicketRatingProvided "ticket.rating.provided" TICKETS,
    TicketResolved "ticket.resolved" TICKETS,
    TicketAdminSnoozed "ticket.admin.snoozed" TICKETS,
    TicketAdminUnsnoozed "ticket.admin.unsnoozed" TICKETS,
    TicketAdminRepliedTranslated "ticket.admin.replied.translated" TICKETS,
    EventCreated "event.created" EVENTS,
    JobCompleted "job.completed" JOBS,
    ApiRequestCompleted "api.request.completed" API_LOGS,
    VisitorSignedUp "visitor.signed_up" CONTACTS,
    GranularUnsubscribe "granular.unsubscribe" CONTACTS,
    GranularSubscribe "granular.subscribe" CONTACTS,
    CallStarted "call.started" CONVERSATIONS,
    CallEnded "call.ended" CONVERSATIONS,
    CallTranscriptionAvailable "call.transcription_available" CONVERSATIONS,
    CallRecordingAvailable "call.recording_available" CONVERSATIONS,
    ContentSnippetCreated "content_snippet.created" SNIPPETS,
    ContentSnippetUpdated "content_snippet.updated" SNIPPETS,
    ContentSnippetDeleted "content_snippet.deleted" SNIPPETS,
    ContentStatBanner "content_stat.banner" CONTENT_DATA,
    ContentStatCarousel "content_stat.carousel" CONTENT_DATA,
    ContentStatChat "content_stat.chat" CONTENT_DATA,
    ContentStatChecklist "content_stat.checklist" CONTENT_DATA,
    ContentStatCustomBot "content_stat.custom_bot" CONTENT_DATA,
    ContentStatEmail "content_stat.email" CONTENT_DATA,
    ContentStatNewsItem "content_stat.news_item" CONTENT_DATA,
    ContentStatPost "content_stat.post" CONTENT_DATA,
    ContentStatPush "content_stat.push" CONTENT_DATA,
    ContentStatSeries "content_stat.series" CONTENT_DATA,
    ContentStatSeriesWebhook "content_stat.series.webhook" CONTENT_DATA,
    ContentStatSms "content_stat.sms" CONTENT_DATA,
    ContentStatSurvey "content_stat.survey" CONTENT_DATA,
    ContentStatTooltipGroup "content_stat.tooltip_group" CONTENT_DATA,
    ContentStatTour "content_stat.tour" CONTENT_DATA,
    DataConnectorExecutionCompleted "data_connector.execution.completed" CONNECTORS,
    AudienceCreated "audience.created" AUDIENCES,
    AudienceUpdated "audience.updated" AUDIENCES,
    AudienceDeleted "audience.deleted" AUDIENCES,
    AudienceMemberAdded "audience.member_added" AUDIENCES,
    AudienceMemberRemoved "audience.member_removed" AUDIENCES,
    ContentImportSourceCreated "content_import_source.created" CONTENT,
    ContentImportSourceUpdated "content_import_source.updated" CONTENT,
    ContentImportSourceDeleted "content_import_source.deleted" CONTENT,
    ProcedureHitlNotificationCreated "procedure.hitl_notification.created" CONVERSATIONS,
    Ping "ping" NONE,
}

impl FromStr for Topic {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(Self::of(name))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_read_by_its_own_name() {
        assert_eq!(Topic::ALL.len(), 110);
        for topic in Topic::ALL {
            assert_eq!(Topic::of(topic.as_str()), *topic);
        }
    }

    #[test]
    fn both_spellings_of_a_topic_are_one() {
        assert_eq!(Topic::of("contact.archive"), Topic::ContactArchived);
        assert_eq!(Topic::of("contact.unarchive"), Topic::ContactUnarchived);
    }

    #[test]
    fn a_topic_that_is_not_known_is_kept_by_its_name() {
        let topic = Topic::of("conversation.sung.to");
        assert_eq!(topic, Topic::Other("conversation.sung.to".to_owned()));
        assert_eq!(topic.as_str(), "conversation.sung.to");
        assert!(topic.permissions().is_empty());
    }
}
