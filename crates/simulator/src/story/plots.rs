//! Turns a plot into what happened, ending at a given second.

use super::cast::{Character, Plot};
use super::chance::Chance;
use super::staff::{self, BOT_ID};
use super::timeline::{Deed, Event, Priority, Timeline, Voice, Words};
use super::topics::Topic;

/// What a plot is played with.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) plot: Plot,
    pub(super) character: Character,
    pub(super) topic: u8,
    /// When the last event happens.
    pub(super) ends_at: i64,
    /// The conversation begins later than this.
    pub(super) not_before: i64,
    pub(super) epoch: i64,
    /// A second customer writes too.
    pub(super) group: bool,
    pub(super) chance: Chance,
}

struct Script {
    chance: Chance,
    admin: u64,
    topic: &'static Topic,
    group: bool,
    /// Each with its share of the conversation's duration, counted from the one before.
    beats: Vec<(u32, Voice, Deed)>,
}

const CUSTOMER: Voice = Voice::Customer(0);

pub(super) fn play(scene: &Scene) -> Timeline {
    let mut chance = scene.chance.clone();
    let topic = Topic::number(scene.topic);
    let members: Vec<_> = staff::members(topic.team).collect();
    let admin = members[chance.index(members.len())].id;
    let duration = duration_secs(scene, &mut chance);
    let begins = (scene.ends_at - duration)
        .max(scene.not_before + 60)
        .min(scene.ends_at);
    let opener = chance.between(0, 99).unsigned_abs();
    let mut script = Script {
        chance,
        admin,
        topic,
        group: scene.group,
        beats: Vec::new(),
    };
    script.write(scene);
    let outbound = scene.plot == Plot::Outbound;
    Timeline {
        starts_at: if outbound { scene.ends_at } else { begins },
        opened_by: if outbound {
            Voice::Admin(admin)
        } else {
            CUSTOMER
        },
        opener: if outbound {
            Words::Outbound(small(opener))
        } else {
            Words::Opener(small(opener))
        },
        by_hand: false,
        events: script.timed(begins, scene.ends_at),
    }
}

fn small(number: u64) -> u8 {
    u8::try_from(number % 251).unwrap_or(0)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "hours of one conversation"
)]
fn duration_secs(scene: &Scene, chance: &mut Chance) -> i64 {
    let (least, most) = match scene.plot {
        Plot::BotSolved => (0.05, 0.5),
        Plot::WaitsForUs if scene.character.is_unhappy() => (20.0, 60.0),
        Plot::WaitsForUs | Plot::WaitsForCustomer | Plot::Snoozed => (2.0, 20.0),
        Plot::Outbound => (0.0, 0.0),
        Plot::Marathon => (280.0, 300.0),
        Plot::Answered | Plot::HandedOver | Plot::Reopened { .. } => {
            scene.character.resolution_hours()
        }
    };
    let draw = chance.below(10_000) as f64 / 10_000.0;
    ((least + (most - least) * draw) * 3600.0) as i64
}

impl Script {
    fn write(&mut self, scene: &Scene) {
        match scene.plot {
            Plot::Outbound => {}
            Plot::Answered => {
                self.taken_up();
                self.exchanges(3);
                self.thanked();
                self.closed();
                self.rated();
            }
            Plot::BotSolved => {
                self.beat(3, Voice::Bot, Deed::Workflow);
                self.beat(4, Voice::Bot, Deed::Comment(Words::BotAnswer));
                if self.chance.one_in(2) {
                    self.thanked();
                }
                self.beat(40, Voice::Bot, Deed::Close(None));
                self.rated();
            }
            Plot::HandedOver => {
                self.beat(1, Voice::Bot, Deed::Workflow);
                self.beat(2, Voice::Bot, Deed::Comment(Words::BotAnswer));
                self.follow_up(10);
                self.beat(1, Voice::Bot, Deed::Comment(Words::BotHandover));
                self.assigned();
                self.answered();
                self.exchanges(2);
                self.thanked();
                self.closed();
                self.rated();
            }
            Plot::WaitsForUs => {
                self.taken_up();
                if scene.character == Character::Burning {
                    self.beat(1, Voice::Bot, Deed::Prioritise(Priority::Urgent));
                    self.follow_up(30);
                }
                self.follow_up(40);
            }
            Plot::WaitsForCustomer => {
                self.taken_up();
                self.exchanges(2);
                self.follow_up(20);
                self.answered();
            }
            Plot::Snoozed => {
                self.taken_up();
                self.answered();
                let until = scene.epoch.max(scene.ends_at) + self.chance.between(1, 6) * 43_200;
                self.beat(1, Voice::Admin(self.admin), Deed::Snooze { until });
            }
            Plot::Reopened { times, closed } => self.reopened(times, closed),
            Plot::Marathon => {
                self.taken_up();
                for _ in 0..270 {
                    self.follow_up(10);
                    self.answered();
                }
                self.closed();
            }
        }
    }

    fn reopened(&mut self, times: u8, closed: bool) {
        self.taken_up();
        self.beat(
            1,
            Voice::Admin(self.admin),
            Deed::Prioritise(Priority::High),
        );
        self.closed();
        for round in 1..=times {
            match self.chance.below(6) {
                0 => {
                    let words = self.line(Words::Answer);
                    let admin = self.admin;
                    self.beat(
                        30,
                        Voice::Admin(admin),
                        Deed::AssignAndReopen { admin, words },
                    );
                }
                1 => {
                    let words = self.line(Words::Note);
                    self.beat(30, Voice::Admin(self.admin), Deed::NoteAndReopen(words));
                }
                _ => {
                    let words = self.line(Words::StillBroken);
                    self.beat(30, CUSTOMER, Deed::Reopen(words));
                }
            }
            if round < times || closed {
                self.answered();
                self.closed();
            } else {
                self.follow_up(15);
            }
        }
    }

    /// The bot greets, the team takes it, somebody answers.
    fn taken_up(&mut self) {
        self.beat(1, Voice::Bot, Deed::ReplyTimeExpected);
        self.assigned();
        self.answered();
    }

    fn assigned(&mut self) {
        let (team, admin) = (Some(self.topic.team), Some(self.admin));
        self.beat(2, Voice::Bot, Deed::Assign { admin: None, team });
        let by = if self.chance.one_in(3) {
            Voice::Admin(staff::ADMINS[0].id)
        } else {
            Voice::Bot
        };
        let weight = self.weight(4, 14);
        self.beat(weight, by, Deed::Assign { admin, team });
        if self.chance.one_in(4) {
            self.beat(1, Voice::Admin(self.admin), Deed::Tag(self.topic.tag_id));
        }
    }

    fn answered(&mut self) {
        let (weight, words) = (self.weight(12, 36), self.line(Words::Answer));
        self.beat(weight, Voice::Admin(self.admin), Deed::Comment(words));
        if self.chance.one_in(6) {
            let words = self.line(Words::Note);
            self.beat(2, Voice::Admin(self.admin), Deed::Note(words));
            let words = self.line(Words::Answer);
            self.beat(4, Voice::Admin(self.admin), Deed::Comment(words));
        }
    }

    fn follow_up(&mut self, most: i64) {
        let (weight, words) = (self.weight(2, most), self.line(Words::FollowUp));
        let by = if self.group && self.chance.one_in(2) {
            Voice::Customer(1)
        } else {
            CUSTOMER
        };
        self.beat(weight, by, Deed::Comment(words));
    }

    fn exchanges(&mut self, most: u64) {
        for _ in 0..self.chance.below(most + 1) {
            self.follow_up(20);
            self.answered();
        }
    }

    fn thanked(&mut self) {
        if !self.chance.one_in(3) {
            let (weight, words) = (self.weight(4, 20), self.line(Words::Thanks));
            self.beat(weight, CUSTOMER, Deed::Comment(words));
        }
    }

    fn closed(&mut self) {
        let words = self.chance.one_in(3).then(|| self.line(Words::Closing));
        let weight = self.weight(3, 25);
        self.beat(weight, Voice::Admin(self.admin), Deed::Close(words));
    }

    fn rated(&mut self) {
        if self.chance.one_in(4) {
            let score = small(5 - self.chance.below(2) * self.chance.below(4));
            let remark = self.chance.one_in(2).then(|| self.line(Words::Remark));
            self.beat(1, CUSTOMER, Deed::Rate { score, remark });
        }
    }

    fn weight(&mut self, least: i64, most: i64) -> u32 {
        u32::try_from(self.chance.between(least, most)).unwrap_or(1)
    }

    fn line(&mut self, words: fn(u8) -> Words) -> Words {
        words(small(self.chance.next()))
    }

    fn beat(&mut self, weight: u32, by: Voice, deed: Deed) {
        self.beats.push((weight, by, deed));
    }

    fn timed(self, begins: i64, ends: i64) -> Vec<Event> {
        let total: i64 = self
            .beats
            .iter()
            .map(|(weight, ..)| i64::from(*weight))
            .sum();
        let mut passed = 0;
        let timed = self.beats.into_iter().map(|(weight, by, deed)| {
            passed += i64::from(weight);
            Event {
                at: begins + (ends - begins) * passed / total.max(1),
                by,
                deed,
            }
        });
        timed.collect()
    }
}

/// The id a voice has among teammates; customers have none.
pub(crate) fn teammate_id(voice: Voice) -> Option<u64> {
    match voice {
        Voice::Admin(id) => Some(id),
        Voice::Bot => Some(BOT_ID),
        Voice::Customer(_) => None,
    }
}
