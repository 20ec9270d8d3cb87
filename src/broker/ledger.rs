//! Which deliveries of one channel are settled, and what to tell the broker about it.
//!
//! Acknowledging in multiples is three times as fast as one by one, and dangerous: "multiple" covers every lower tag
//! that is still open. So an acknowledgement of many goes only as far as the first delivery that is not settled.
//! What is settled beyond such a gap waits a little for the gap to close and is then acknowledged singly, so that
//! one slow message does not hold up the prefetch window.
//!
//! Pure: no broker, no time. One ledger a channel; tags begin at 1 and have no holes, as AMQP gives them.

use std::collections::VecDeque;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its outcome is committed: forget it.
    Done,
    /// Give it back; only when the daemon stops, for it counts towards the delivery limit.
    Requeue,
    /// It can never be handled: to the dead queue.
    Dead,
}

/// One thing to tell the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Everything up to and including this tag.
    AckThrough(u64),
    Ack(u64),
    Requeue(u64),
    Reject(u64),
}

/// What to tell the broker, in this order, and how many deliveries that is by outcome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Telling {
    pub acts: Vec<Act>,
    pub done: u64,
    pub requeued: u64,
    pub dead: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Open,
    Settled(Outcome),
    /// The broker has been told.
    Told,
}

/// The deliveries of one channel, from the first that is not wholly dealt with.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The tag before the first mark; everything up to it is told.
    base: u64,
    marks: VecDeque<Mark>,
    settled: usize,
    open: usize,
}

impl Ledger {
    /// Takes note of a delivery.
    pub fn receive(&mut self, tag: u64) {
        // A delivery that a cancelled consumer never handed over leaves its tag out; it stays open.
        while self.base + (self.marks.len() as u64) < tag {
            self.marks.push_back(Mark::Open);
            self.open += 1;
        }
    }

    /// Takes note of an outcome; `false` for a tag that is unknown or settled already.
    pub fn settle(&mut self, tag: u64, outcome: Outcome) -> bool {
        let index = tag.checked_sub(self.base + 1).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.marks.get_mut(index)) {
            Some(mark @ Mark::Open) => {
                *mark = Mark::Settled(outcome);
                self.settled += 1;
                self.open -= 1;
                true
            }
            _ => false,
        }
    }

    /// Deliveries settled, and not yet told to the broker.
    pub const fn settled(&self) -> usize {
        self.settled
    }

    /// Deliveries not settled.
    pub const fn open(&self) -> usize {
        self.open
    }

    /// What to tell the broker now. With `beyond_gaps` nothing stays settled and untold.
    pub fn take(&mut self, beyond_gaps: bool) -> Telling {
        let mut telling = Telling::default();
        let mut gap = false;
        let mut through = None;
        let mut singly = Vec::new();
        for (mark, tag) in self.marks.iter_mut().zip(self.base + 1..) {
            let outcome = match *mark {
                Mark::Settled(outcome) => outcome,
                Mark::Open => {
                    gap = true;
                    continue;
                }
                Mark::Told => continue,
            };
            match outcome {
                Outcome::Requeue => {
                    telling.acts.push(Act::Requeue(tag));
                    telling.requeued += 1;
                }
                Outcome::Dead => {
                    telling.acts.push(Act::Reject(tag));
                    telling.dead += 1;
                }
                Outcome::Done if gap && !beyond_gaps => continue,
                Outcome::Done => {
                    if gap {
                        singly.push(Act::Ack(tag));
                    } else {
                        through = Some(Act::AckThrough(tag));
                    }
                    telling.done += 1;
                }
            }
            *mark = Mark::Told;
            self.settled -= 1;
        }
        // After the negative ones, which an acknowledgement of many would otherwise cover.
        telling.acts.extend(through);
        telling.acts.extend(singly);
        while self.marks.front() == Some(&Mark::Told) {
            self.marks.pop_front();
            self.base += 1;
        }
        telling
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn ledger(received: u64) -> Ledger {
        let mut ledger = Ledger::default();
        for tag in 1..=received {
            ledger.receive(tag);
        }
        ledger
    }

    #[test]
    fn a_full_prefix_is_one_act() {
        let mut ledger = ledger(5);
        for tag in [2, 1, 3] {
            assert!(ledger.settle(tag, Outcome::Done));
        }
        assert_eq!(ledger.take(false).acts, [Act::AckThrough(3)]);
        assert_eq!(ledger.take(true).acts, []);
        assert_eq!((ledger.open(), ledger.settled()), (2, 0));
    }

    #[test]
    fn nothing_is_acknowledged_across_an_open_delivery() {
        let mut ledger = ledger(4);
        for tag in [1, 3, 4] {
            ledger.settle(tag, Outcome::Done);
        }
        assert_eq!(ledger.take(false).acts, [Act::AckThrough(1)]);
        assert_eq!(ledger.take(false).acts, []);
        assert_eq!(ledger.take(true).acts, [Act::Ack(3), Act::Ack(4)]);
        ledger.settle(2, Outcome::Done);
        assert_eq!(ledger.take(false).acts, [Act::AckThrough(2)]);
    }

    #[test]
    fn a_rejection_is_told_before_an_acknowledgement_that_would_cover_it() {
        let mut ledger = ledger(3);
        ledger.settle(1, Outcome::Done);
        ledger.settle(2, Outcome::Dead);
        ledger.settle(3, Outcome::Done);
        assert_eq!(ledger.take(false).acts, [Act::Reject(2), Act::AckThrough(3)]);
    }

    #[test]
    fn a_tag_settles_once_and_a_strange_tag_never() {
        let mut ledger = ledger(2);
        assert!(ledger.settle(1, Outcome::Done));
        assert!(!ledger.settle(1, Outcome::Dead));
        assert!(!ledger.settle(0, Outcome::Done));
        assert!(!ledger.settle(3, Outcome::Done));
        ledger.take(true);
        assert!(!ledger.settle(1, Outcome::Requeue));
    }

    /// What RabbitMQ does with the acts: tags still open, and what became of the others.
    #[derive(Default)]
    struct Channel {
        open: Vec<u64>,
        became: BTreeMap<u64, Outcome>,
    }

    impl Channel {
        fn hear(&mut self, act: Act) {
            let (tags, outcome): (Vec<u64>, _) = match act {
                Act::AckThrough(tag) => {
                    (self.open.iter().copied().filter(|open| *open <= tag).collect(), Outcome::Done)
                }
                Act::Ack(tag) => (vec![tag], Outcome::Done),
                Act::Requeue(tag) => (vec![tag], Outcome::Requeue),
                Act::Reject(tag) => (vec![tag], Outcome::Dead),
            };
            assert!(!tags.is_empty(), "unknown delivery tag: the broker would close the channel");
            for tag in tags {
                let at = self.open.iter().position(|open| *open == tag).expect("unknown delivery tag");
                self.open.remove(at);
                self.became.insert(tag, outcome);
            }
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Receive,
        Settle(u64, Outcome),
        Take(bool),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let outcome = prop_oneof![4 => Just(Outcome::Done), 1 => Just(Outcome::Requeue), 1 => Just(Outcome::Dead)];
        prop::collection::vec(
            prop_oneof![
                3 => Just(Step::Receive),
                3 => (1_u64..30, outcome).prop_map(|(tag, outcome)| Step::Settle(tag, outcome)),
                1 => any::<bool>().prop_map(Step::Take),
            ],
            0..120,
        )
    }

    proptest! {
        #[test]
        fn the_broker_hears_of_every_settlement_once_and_of_no_other(steps in steps()) {
            let (mut ledger, mut channel, mut settled, mut last) = (Ledger::default(), Channel::default(), BTreeMap::new(), 0);
            for step in steps {
                match step {
                    Step::Receive => {
                        last += 1;
                        ledger.receive(last);
                        channel.open.push(last);
                    }
                    Step::Settle(tag, outcome) => {
                        let new = tag <= last && !settled.contains_key(&tag);
                        prop_assert_eq!(ledger.settle(tag, outcome), new);
                        if new {
                            settled.insert(tag, outcome);
                        }
                    }
                    Step::Take(beyond) => {
                        for act in ledger.take(beyond).acts {
                            channel.hear(act);
                        }
                        for (tag, outcome) in &channel.became {
                            prop_assert_eq!(settled.get(tag), Some(outcome));
                        }
                    }
                }
            }
            for act in ledger.take(true).acts {
                channel.hear(act);
            }
            prop_assert_eq!(channel.became, settled);
            prop_assert_eq!(ledger.open(), channel.open.len());
            prop_assert_eq!(ledger.settled(), 0);
        }
    }
}
