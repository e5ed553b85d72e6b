//! What one part of a story says, the others agree with.

use proptest::prelude::*;

use super::super::timeline::Timeline;
use super::super::{Deed, Person, State, Subject, Voice};
use super::story;

fn any_size() -> impl Strategy<Value = (u64, u64, u64)> {
    let sizes = prop_oneof![
        Just((500, 2000)),
        Just((50, 200)),
        (1_u64..130, 1_u64..700),
        Just((1_000_000, 100_000)),
        Just((20, 900)),
    ];
    (any::<u64>(), sizes)
        .prop_map(|(seed, (contacts, conversations))| (seed, contacts, conversations))
}

proptest! {
    #[test]
    fn statistics_say_what_the_parts_show(size in any_size(), pick: u64) {
        let story = story(size.0, size.1, size.2);
        prop_assume!(story.premise.conversations > 0);
        let conversation = story.conversation(pick % story.premise.conversations);
        let timeline = &conversation.timeline;
        let standing = conversation.standing();
        let statistics = &standing.statistics;

        let times = |fits: &dyn Fn(&Deed, Voice) -> bool| -> Vec<i64> {
            timeline.events.iter().filter(|event| fits(&event.deed, event.by)).map(|event| event.at).collect()
        };
        let closes = times(&|deed, _| matches!(deed, Deed::Close(_)));
        prop_assert_eq!(statistics.first_close_at, closes.first().copied());
        prop_assert_eq!(statistics.last_close_at, closes.last().copied());
        let replies = times(&|deed, by| deed.is_visible_message() && matches!(by, Voice::Admin(_)));
        prop_assert_eq!(statistics.last_admin_reply_at, replies.last().copied());
        prop_assert_eq!(statistics.first_admin_reply_at, replies.first().copied());
        let assignments = times(&|deed, _| matches!(deed, Deed::Assign { .. } | Deed::AssignAndReopen { .. }));
        prop_assert_eq!(statistics.count_assignments, assignments.len() as u64);
        prop_assert_eq!(statistics.last_assignment_at, assignments.last().copied());
        let reopens = times(&|deed, _| deed.reopens());
        prop_assert_eq!(statistics.count_reopens, reopens.len() as u64);
        prop_assert_eq!(statistics.count_conversation_parts, timeline.events.len() as u64 + 1);
        if let (Some(first), Some(reply)) = (statistics.first_contact_reply_at, statistics.first_admin_reply_at) {
            prop_assert_eq!(statistics.time_to_admin_reply, Some(reply - first));
        }
        prop_assert_eq!(standing.state == State::Closed, ends_closed(timeline));
        prop_assert_eq!(standing.snoozed_until.is_some(), standing.state == State::Snoozed);
        prop_assert!(standing.waiting_since.is_none() || standing.customer_spoke_last);
    }

    #[test]
    fn a_conversation_runs_forward_and_ends_when_it_was_updated(size in any_size(), pick: u64) {
        let story = story(size.0, size.1, size.2);
        prop_assume!(story.premise.conversations > 0);
        let conversation = story.conversation(pick % story.premise.conversations);
        let timeline = &conversation.timeline;
        let mut before = timeline.starts_at;
        for event in &timeline.events {
            prop_assert!(before <= event.at);
            before = event.at;
        }
        prop_assert_eq!(before, conversation.updated_at);
        prop_assert!(before <= story.premise.epoch);
        prop_assert!(conversation.updated_at == story.conversations_by_update.time_of(conversation.number));
    }

    #[test]
    fn contacts_and_conversations_know_of_each_other(size in any_size(), pick: u64) {
        let story = story(size.0, size.1, size.2);
        prop_assume!(story.premise.contacts > 0);
        let person = Person::new(&story, pick % story.premise.contacts);
        prop_assert!(person.created_at() <= person.updated_at());
        prop_assert!(person.last_seen_at().is_none_or(|at| at <= person.updated_at()));
        for number in story.conversations_of(person.number) {
            prop_assert!(number < story.premise.conversations);
            let conversation = story.conversation(number);
            let subject = Subject::Contact(person.number);
            prop_assert!(conversation.customers.iter().any(|customer| customer.subject == subject));
            prop_assert!(person.created_at() <= conversation.timeline.starts_at);
        }
        if story.premise.conversations > 0 {
            let conversation = story.conversation(pick % story.premise.conversations);
            for customer in &conversation.customers {
                if let Subject::Contact(contact) = customer.subject {
                    prop_assert!(story.conversations_of(contact).contains(&conversation.number));
                }
            }
        }
    }

    #[test]
    fn companies_and_their_people_know_of_each_other(size in any_size(), pick: u64) {
        let story = story(size.0, size.1, size.2);
        let Some(company) = story.company(pick % story.companies().max(1)) else { return Ok(()) };
        let people: Vec<_> = company.people().collect();
        prop_assert_eq!(people.len() as u64, company.user_count());
        prop_assert_eq!(company.last_request_at().is_some(), !people.is_empty());
        for person in people {
            prop_assert!(person.companies().iter().any(|other| other.number == company.number));
        }
    }
}

fn ends_closed(timeline: &Timeline) -> bool {
    let outbound = matches!(timeline.opened_by, Voice::Admin(_));
    timeline
        .events
        .iter()
        .fold(outbound, |closed, event| match &event.deed {
            Deed::Close(_) => true,
            deed if deed.reopens() => false,
            _ => closed,
        })
}

#[test]
fn a_workspace_has_everything_worth_trying() {
    let story = story(1, 500, 2000);
    let conversations: Vec<_> = (0..2000).map(|number| story.conversation(number)).collect();
    let people: Vec<_> = (0..500).map(|number| Person::new(&story, number)).collect();
    let talk = |fits: &dyn Fn(&super::super::Conversation<'_>) -> bool| {
        conversations
            .iter()
            .filter(|conversation| fits(conversation))
            .count()
    };
    assert_eq!(
        talk(&|conversation| conversation.timeline.events.len() > 500),
        1
    );
    assert_eq!(talk(&|conversation| conversation.customers.len() == 2), 10);
    assert_eq!(
        talk(&|conversation| matches!(conversation.customers[0].subject, Subject::Ghost(_))),
        20
    );
    assert_eq!(
        talk(&|conversation| matches!(conversation.customers[0].subject, Subject::Merged(_))),
        10
    );
    assert_eq!(
        talk(&|conversation| matches!(conversation.timeline.opened_by, Voice::Admin(_))),
        10
    );
    assert!(talk(&|conversation| conversation.standing().state == State::Snoozed) >= 10);
    assert!(talk(&|conversation| conversation.standing().rating.is_some()) > 100);
    assert!(talk(&|conversation| conversation.standing().bot_spoke.is_some()) > 200);
    let quarter = story.premise.epoch - 90 * 86_400;
    assert!(talk(&|conversation| conversation.updated_at < quarter) > 100);
    let who =
        |fits: &dyn Fn(&Person<'_>) -> bool| people.iter().filter(|person| fits(person)).count();
    assert_eq!(who(&|person| person.tags().len() > 10), 10);
    assert_eq!(
        who(&|person| person.email().is_none_or(|email| !email.contains('@'))),
        30
    );
    assert!(who(&|person| person.is_lead()) >= 30);
    assert!(who(&|person| person.companies().len() == 2) >= 10);
    assert!(who(&|person| person.name().is_some_and(|name| name.contains('\''))) > 0);
}

#[test]
fn the_same_premise_tells_the_same_story() {
    let tell = || format!("{:?}", story(9, 120, 450).conversation(311));
    assert_eq!(tell(), tell());
    assert_ne!(
        tell(),
        format!("{:?}", story(10, 120, 450).conversation(311))
    );
}
