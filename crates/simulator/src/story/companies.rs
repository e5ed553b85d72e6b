//! The companies customers work for.

use super::businesses;
use super::ladder::DAY;
use super::names;
use super::people::Person;
use super::{Story, Subject};

/// People are dealt to companies in blocks: so many people, so many companies.
pub(super) const BLOCK: u64 = 40;
/// Sizes of a block's companies; the last has nobody, and two people of a block no company.
const SIZES: [u64; 8] = [14, 8, 6, 4, 3, 2, 1, 0];
pub(super) const WITH_USERS: u64 = 7;
const EACH_BLOCK: u64 = 8;

const FIRST_ACCOUNT: u64 = 1001;

/// A company, told from its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Company<'a> {
    story: &'a Story,
    pub(crate) number: u64,
}

impl Story {
    pub(crate) fn companies(&self) -> u64 {
        self.premise.contacts / BLOCK * EACH_BLOCK
    }

    pub(crate) fn company(&self, number: u64) -> Option<Company<'_>> {
        (number < self.companies()).then_some(Company {
            story: self,
            number,
        })
    }

    /// The company the workspace's own systems call `id`.
    pub(crate) fn company_by_external_id(&self, id: &str) -> Option<Company<'_>> {
        self.company(
            id.strip_prefix("acct-")?
                .parse::<u64>()
                .ok()?
                .checked_sub(FIRST_ACCOUNT)?,
        )
    }

    /// The company at a rank of the order by `last_request_at`, oldest first.
    pub(crate) fn company_at(&self, rank: u64) -> Company<'_> {
        let place = self.companies_by_request.number_at(rank);
        let number = place / WITH_USERS * EACH_BLOCK + place % WITH_USERS;
        Company {
            story: self,
            number,
        }
    }

    /// The companies of a contact, the main one first.
    pub(crate) fn companies_of(&self, contact: u64) -> Vec<Company<'_>> {
        if contact >= self.premise.contacts {
            return Vec::new();
        }
        let place = self.employment.forward(contact);
        let (block, seat) = (place / BLOCK, place % BLOCK);
        if block >= self.premise.contacts / BLOCK {
            return Vec::new();
        }
        let mut passed = 0;
        for (index, size) in (0..).zip(SIZES) {
            passed += size;
            if seat < passed {
                let mut companies = vec![Company {
                    story: self,
                    number: block * EACH_BLOCK + index,
                }];
                if seat == 0 {
                    companies.push(Company {
                        story: self,
                        number: block * EACH_BLOCK + 1,
                    });
                }
                return companies;
            }
        }
        Vec::new()
    }
}

impl<'a> Company<'a> {
    pub(crate) fn id(&self) -> String {
        self.story.ids.subject(Subject::Company(self.number))
    }

    /// The id the workspace's own systems give it.
    pub(crate) fn external_id(&self) -> String {
        format!("acct-{}", FIRST_ACCOUNT + self.number)
    }

    /// As people write it, not escaped.
    pub(crate) fn name(&self) -> String {
        let mut chance = self.story.chance("company name", self.number);
        let head = chance.pick(businesses::HEADS);
        format!("{head} {}", chance.pick(businesses::TAILS))
    }

    pub(crate) fn domain(&self) -> String {
        let name = names::slug(&self.name());
        if self.story.companies() > 2_000 {
            format!("{name}-{}.example", self.number)
        } else {
            format!("{name}.example")
        }
    }

    pub(crate) fn industry(&self) -> &'static str {
        self.story
            .chance("industry", self.number)
            .pick(businesses::INDUSTRIES)
    }

    pub(crate) fn size(&self) -> u64 {
        self.story.chance("size", self.number).below(900) + 3
    }

    pub(crate) fn monthly_spend(&self) -> u64 {
        self.story.chance("spend", self.number).below(60) * 50
    }

    pub(crate) fn plan(&self) -> Option<(&'static str, &'static str)> {
        let plans = [
            Some(("1", "Starter")),
            Some(("2", "Business")),
            Some(("3", "Enterprise")),
            None,
        ];
        plans[self.story.chance("plan", self.number).index(plans.len())]
    }

    pub(crate) fn created_at(&self) -> i64 {
        let age = self
            .story
            .chance("company created", self.number)
            .between(150 * DAY, 1400 * DAY);
        self.story.premise.epoch - age
    }

    /// When somebody of it last used the product; none for a company without users.
    pub(crate) fn last_request_at(&self) -> Option<i64> {
        let (block, index) = (self.number / EACH_BLOCK, self.number % EACH_BLOCK);
        let place = block * WITH_USERS + index;
        (index < WITH_USERS).then(|| self.story.companies_by_request.time_of(place))
    }

    pub(crate) fn updated_at(&self) -> i64 {
        self.last_request_at().unwrap_or_else(|| self.created_at())
    }

    /// Numbers of the contacts that belong to it.
    pub(crate) fn people(&self) -> impl Iterator<Item = Person<'a>> + use<'a> {
        let (block, index) = (self.number / EACH_BLOCK, self.number % EACH_BLOCK);
        let first: u64 = (0..index).zip(SIZES).map(|(_, size)| size).sum();
        let size = SIZES[usize::try_from(index).unwrap_or(0)];
        let guest = (index == 1).then_some(block * BLOCK);
        let story = self.story;
        let places = (first..first + size)
            .map(move |seat| block * BLOCK + seat)
            .chain(guest);
        places.map(move |place| Person::new(story, story.employment.inverse(place)))
    }

    pub(crate) fn user_count(&self) -> u64 {
        let index = self.number % EACH_BLOCK;
        SIZES[usize::try_from(index).unwrap_or(0)] + u64::from(index == 1)
    }

    pub(crate) fn session_count(&self) -> u64 {
        self.story.chance("sessions", self.number).below(4000)
    }
}
