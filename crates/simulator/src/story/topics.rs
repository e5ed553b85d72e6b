//! What people write about, and in which words.

use super::cast::Character;
use super::staff::{BILLING, ENGINEERING, SUCCESS, SUPPORT};

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) subject: &'static str,
    pub(crate) tag_id: u64,
    pub(crate) team: u64,
    pub(crate) openers: &'static [&'static str],
    pub(crate) follow_ups: &'static [&'static str],
    pub(crate) answers: &'static [&'static str],
    /// What the bot says, and the article it says it from.
    pub(crate) bot: (&'static str, &'static str),
}

const TOPICS: &[Topic] = &[
    Topic {
        subject: "CSV export stops half way",
        tag_id: 11_480_201,
        team: SUPPORT,
        openers: &[
            "Our CSV export stops at around 10,000 rows and the file ends in the middle of a line. Is this a known problem?",
            "The nightly export from {company} has been cut off two days in a row. Can you have a look?",
            "I exported our orders this morning and about a third of them are missing.",
        ],
        follow_ups: &[
            "It is the orders export, filtered to last quarter.",
            "I tried again just now, same result.",
            "Yes, Chrome, and I also tried Firefox.",
        ],
        answers: &[
            "Thanks for the details. Exports over 10,000 rows now arrive by e-mail; I have sent yours again. See <a href=\"https://help.northwind.example/exports\">large exports</a>.",
            "I can see the job failed at 03:12. I restarted it and will tell you when it is through.",
            "Could you tell me which filter you used? Then I can repeat it here.",
        ],
        bot: (
            "Exports with more than 10,000 rows are sent by e-mail. You find them under Settings, Exports.",
            "Exporting your data",
        ),
    },
    Topic {
        subject: "Webhook deliveries fail with 502",
        tag_id: 11_480_210,
        team: ENGINEERING,
        openers: &[
            "Since 14:20 UTC our endpoint for order-events gets nothing, and your log shows 502 for every delivery.",
            "The webhook-dispatcher seems to be down: no deliveries for an hour, everything behind it is waiting.",
            "About one in five webhooks arrives twice since yesterday. Did something change on your side?",
        ],
        follow_ups: &[
            "Our endpoint answers in under 100 ms, I checked the access log.",
            "Still nothing. This holds up our whole warehouse.",
            "The request id of the last one is 7f3a-22c1.",
        ],
        answers: &[
            "We found the cause in webhook-dispatcher and are rolling back now.",
            "Deliveries have resumed. The missed ones are being sent again in order.",
            "Could you send me one request id that failed? I will follow it through our logs.",
        ],
        bot: (
            "You can see and resend every delivery under Developers, Webhooks, Deliveries.",
            "Webhook deliveries",
        ),
    },
    Topic {
        subject: "Checkout is down",
        tag_id: 11_480_203,
        team: ENGINEERING,
        openers: &[
            "Nobody can pay. /checkout answers 500 for every customer since a few minutes ago. This is costing us money!",
            "URGENT: payments-api times out, all our shops are affected. Please call me.",
            "Checkout has been failing again and again this week. This is the third time I write to you.",
        ],
        follow_ups: &[
            "Any news? We are losing orders every minute.",
            "It works for some cards now, but most still fail.",
            "Honestly, this is not good enough. We pay for an uptime that we do not get.",
        ],
        answers: &[
            "I am very sorry. Engineering is on it: the payments-api database ran out of connections at 09:41.",
            "We have moved traffic to the second region. Could you confirm that payments go through again?",
            "A full report will follow by tomorrow, with what we change so that it does not happen again.",
        ],
        bot: (
            "Please check our status page for current incidents. I am passing you to a teammate.",
            "System status",
        ),
    },
    Topic {
        subject: "Question about our invoice",
        tag_id: 11_480_202,
        team: BILLING,
        openers: &[
            "The October invoice shows 42 seats, but we only have 37 people. Can you correct it?",
            "Could you put our VAT number on the invoices? Finance cannot book them otherwise.",
            "We were charged twice this month. Please refund one of the payments.",
        ],
        follow_ups: &[
            "The VAT number is DE 312 445 901.",
            "Thanks, and would that also change the earlier invoices?",
            "Our finance team asks again, could you tell me when to expect it?",
        ],
        answers: &[
            "I have corrected the invoice and sent it to your billing contact.",
            "The second charge has been refunded. It takes three to five days to appear.",
            "You can add a VAT number under Settings, Billing. I did it for you this time.",
        ],
        bot: (
            "Invoices are under Settings, Billing, Invoices. You can change the address there too.",
            "Invoices and receipts",
        ),
    },
    Topic {
        subject: "Setting up single sign-on",
        tag_id: 11_480_208,
        team: SUPPORT,
        openers: &[
            "We are moving everybody to single sign-on. Where do I enter the metadata of our identity provider?",
            "SAML login ends in \"invalid audience\". What do you expect as the entity id?",
            "Can we make single sign-on mandatory for everyone except one break-glass account?",
        ],
        follow_ups: &[
            "We use Okta.",
            "That worked for me, but two colleagues still land on the password form.",
            "Great, and does the mobile app follow the same rule?",
        ],
        answers: &[
            "The entity id is your workspace address without the slash at the end.",
            "Yes: under Security, Login, choose who may still use a password.",
            "Ask them to sign out once; the old session still uses the password.",
        ],
        bot: (
            "Single sign-on is part of the Business plan. This article shows the steps for each provider.",
            "Set up SAML single sign-on",
        ),
    },
    Topic {
        subject: "First steps with our workspace",
        tag_id: 11_480_207,
        team: SUCCESS,
        openers: &[
            "We just signed up at {company}. What is the best way to bring our data over?",
            "Is there somebody who could walk our team through the first week?",
            "How do I invite my colleagues and give them different rights?",
        ],
        follow_ups: &[
            "About 12 people, most of them in customer service.",
            "Thursday afternoon would suit us.",
            "The import ran through, thank you! Next we would like to set up the reports.",
        ],
        answers: &[
            "Welcome! Here is our checklist for the first week: <a href=\"https://help.northwind.example/start\">getting started</a>.",
            "I have booked a kickoff call for Thursday 15:00. An invitation is on its way.",
            "You can import a CSV file with up to 50,000 rows; columns are matched on the next page.",
        ],
        bot: (
            "You can invite colleagues under Settings, People. Roles are explained in this article.",
            "Invite your team",
        ),
    },
    Topic {
        subject: "More seats for a new team",
        tag_id: 11_480_209,
        team: SUCCESS,
        openers: &[
            "We are opening an office in Lisbon and need 25 more seats from next month. What would that cost?",
            "Which plan includes the advanced reports? We keep hitting the limit of ours.",
            "Our sister company would like to use it as well. Can both share one contract?",
        ],
        follow_ups: &[
            "Could we try it for two weeks before we decide?",
            "Our budget is approved, please send the offer to me.",
            "Does the price change if we pay yearly?",
        ],
        answers: &[
            "Great news! I have attached an offer for 25 seats, with the yearly discount.",
            "The advanced reports come with Business. I have switched on a trial of 14 days for you.",
            "Yes, both companies can be on one contract with separate invoices.",
        ],
        bot: (
            "You can add seats yourself under Settings, Billing, Plan. New seats are charged pro rata.",
            "Plans and seats",
        ),
    },
    Topic {
        subject: "We want to cancel",
        tag_id: 11_480_206,
        team: BILLING,
        openers: &[
            "Please cancel our subscription at the end of the term. We are moving to another tool.",
            "How do we cancel, and how long do you keep our data after that?",
            "We will not renew in January. Since the last update nothing works reliably for us.",
        ],
        follow_ups: &[
            "We have decided, please just confirm the date.",
            "Nobody has answered my last message. I would like to export everything before we go.",
            "The other vendor offers the same for half the price.",
        ],
        answers: &[
            "I am sorry to hear that. May I ask what was missing? Perhaps we can solve it before you decide.",
            "Your term ends on 31 January. Would a call with our head of support help?",
            "You can export everything under Settings, Data. We delete it 30 days after the term ends.",
        ],
        bot: (
            "You can cancel under Settings, Billing, Plan. I am passing you to a teammate for the rest.",
            "Cancel your subscription",
        ),
    },
    Topic {
        subject: "Reports load very slowly",
        tag_id: 11_480_201,
        team: ENGINEERING,
        openers: &[
            "The team report takes more than a minute to load since Monday, before it took seconds.",
            "Reports are so slow that our managers stopped using them. Is somebody working on this?",
            "report-builder shows \"query timed out\" for every range longer than a week.",
        ],
        follow_ups: &[
            "It is the same for everybody here, about 30 people.",
            "Slightly better today, but still 40 seconds.",
            "I had to ask this last month too. It comes back every time.",
        ],
        answers: &[
            "An index was missing after Sunday's migration. It is being built now.",
            "Could you tell me the range and the filters? I will run the same query here.",
            "We are still working on report-builder. I will write again tomorrow at the latest.",
        ],
        bot: (
            "Long ranges load faster when you group by week. Would that help?",
            "Working with reports",
        ),
    },
    Topic {
        subject: "How do I change a field for many records?",
        tag_id: 11_480_204,
        team: SUPPORT,
        openers: &[
            "Is there a way to change one field on many records at once?",
            "Can I undo an import? I used the wrong column for the phone numbers.",
            "Where can I see who changed a record?",
        ],
        follow_ups: &[
            "Perfect, that was it.",
            "I do not see that button, do I need other rights?",
            "Thanks! One more thing: can it also run every week by itself?",
        ],
        answers: &[
            "Select the records, then More, Edit field. It works for up to 5,000 at a time.",
            "Imports can be undone for 24 hours, under Settings, Imports.",
            "Every record has a History tab; there you see who changed what.",
        ],
        bot: (
            "Select the records in the list and choose More, Edit field.",
            "Edit many records at once",
        ),
    },
    Topic {
        subject: "Idea: dark mode for the mobile app",
        tag_id: 11_480_205,
        team: SUPPORT,
        openers: &[
            "We love the product! A dark mode in the app would make our night shift very happy.",
            "Could you add a filter by region to the map? We would use it every day.",
            "It would be great to schedule reports by e-mail. Is that planned?",
        ],
        follow_ups: &[
            "Happy to test it early if you need somebody.",
            "Good to hear, thank you!",
            "Is there a place where I can follow the progress?",
        ],
        answers: &[
            "Thank you! I have added your vote, and you will hear from us when it ships.",
            "This is in beta. I have switched it on for {company}.",
            "It is planned for the first quarter. The roadmap is <a href=\"https://northwind.example/roadmap\">public</a>.",
        ],
        bot: (
            "You can vote for ideas on our roadmap page.",
            "Share an idea",
        ),
    },
    Topic {
        subject: "Synchronisation mit unserem CRM",
        tag_id: 11_480_210,
        team: SUPPORT,
        openers: &[
            "Seit gestern werden neue Kontakte nicht mehr in unser CRM übertragen. Können Sie das bitte prüfen?",
            "Die Synchronisation bricht mit dem Fehler \"quota exceeded\" ab. Was können wir tun?",
            "Wie können wir einstellen, welche Felder mit dem CRM abgeglichen werden?",
        ],
        follow_ups: &[
            "Es betrifft alle Kontakte, die nach 9 Uhr angelegt wurden.",
            "Vielen Dank, jetzt läuft es wieder.",
            "Leider besteht das Problem noch immer.",
        ],
        answers: &[
            "Vielen Dank für den Hinweis. Der Schlüssel war abgelaufen, bitte verbinden Sie das CRM einmal neu.",
            "Wir haben das Kontingent erhöht und die Übertragung neu gestartet.",
            "Die Felder finden Sie unter Einstellungen, Integrationen, Zuordnung.",
        ],
        bot: (
            "Unter Einstellungen, Integrationen sehen Sie den Zustand jeder Verbindung.",
            "CRM verbinden",
        ),
    },
];

impl Topic {
    pub(crate) fn number(number: u8) -> &'static Self {
        &TOPICS[usize::from(number) % TOPICS.len()]
    }
}

/// How many topics people write about.
pub(crate) const TOPICS_TOLD: u64 = TOPICS.len() as u64;

/// The tag that stands for a topic.
pub(crate) fn tag_of(topic: u8) -> u64 {
    Topic::number(topic).tag_id
}

/// Topics a customer of this character tends to write about.
pub(super) fn topics_of(character: Character) -> &'static [u8] {
    match character {
        Character::Champion => &[6, 10, 9, 4, 0, 3],
        Character::Steady | Character::Occasional => &[9, 3, 0, 4, 10, 11, 8, 1],
        Character::Newcomer => &[5, 9, 4],
        Character::SelfServed => &[9, 0, 4, 3],
        Character::Waiting => &[8, 1, 3, 11, 0],
        Character::Fading => &[3, 9, 8],
        Character::Bouncing => &[0, 1, 8, 11],
        Character::Burning => &[2, 1, 8, 2],
        Character::Leaving => &[7, 2, 8, 7],
        Character::Silent => &[9],
    }
}

pub(crate) const THANKS: &[&str] = &[
    "That solved it, thank you!",
    "Perfect, thanks for the quick help.",
    "Works now. Have a good day!",
    "Great, you can close this.",
];

pub(crate) const STILL_BROKEN: &[&str] = &[
    "Sorry, this is not solved: it happened again this morning.",
    "I have to open this again. Same error as before.",
    "It worked for a day, now the problem is back.",
];

pub(crate) const NOTES: &[&str] = &[
    "Spoke with engineering, a fix is planned for this week. Please do not promise a date.",
    "Important account, keep an eye on this one.",
    "Same cause as last week, see the runbook.",
    "Renewal is coming up, I let the account manager know.",
];

pub(crate) const CLOSINGS: &[&str] = &[
    "I will close this for now. Write any time if it comes back.",
    "Glad I could help! Closing this conversation.",
];

pub(crate) const OUTBOUND: &[&str] = &[
    "Hi {name}, we have just released scheduled reports. Would you like a short demo?",
    "Hi {name}, how is {company} getting on? Here is a guide to what is new this month.",
];

pub(crate) const REMARKS: &[&str] = &[
    "Fast and friendly",
    "Solved in one go",
    "It took too long",
    "Very helpful, thank you",
];
