//! What happened to a lock since it was made, seen from outside, and what may never happen again.

use std::collections::{HashMap, HashSet};

use lock_core::crypto::Key;
use lock_core::proto::{Kind, Packet};

use crate::broken::{Broken, Held, hold};

/// How often the motor ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Runs {
    pub(crate) retracts: u32,
    pub(crate) extends: u32,
}

/// Everything that the relay and the door saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) runs: Runs,
    /// The leaf keys that the lock was made with.
    pub(crate) first_leaves: Vec<[u8; Key::BYTES]>,
    /// Where the sensor saw the bolt last, as the bench says it.
    pub(crate) bolt: String,
    /// What was given to the lock since the operation began: whoever carried it may bring it again.
    pub(crate) carried: Vec<Vec<u8>>,
    /// Starts after which the lock has stored all that it wanted to.
    pub(crate) starts: usize,
    /// The highest boot counter that the lock told.
    boots: u64,
    hellos: HashSet<[u8; 16]>,
    /// By key epoch and counter.
    sealed: HashMap<(u32, u64), Vec<u8>>,
}

impl History {
    /// A line of the bench.
    pub(crate) fn note_line(&mut self, line: &str) {
        match line {
            "motor retracts" => self.runs.retracts += 1,
            "motor extends" => self.runs.extends += 1,
            bolt if bolt.starts_with("bolt ") => bolt.clone_into(&mut self.bolt),
            _ => {}
        }
    }

    /// A packet of the lock: no number in it was there before.
    pub(crate) fn note_up(&mut self, packet: &[u8]) -> Held<Kind> {
        let parsed = Packet::parse(packet)
            .map_err(|error| Broken::Wrong(format!("the lock sends no packet: {error}")))?;
        match parsed {
            Packet::Hello(hello) => hold(self.hellos.insert(hello.nonce), || "a Hello came twice".into())?,
            Packet::SealedUp(sealed) => {
                let before = self.sealed.insert((sealed.key_epoch, sealed.counter), packet.to_vec());
                hold(before.is_none_or(|before| before == packet), || {
                    format!("counter {} was used twice", sealed.counter)
                })?;
            }
            Packet::HelloRequest
            | Packet::Message1(_)
            | Packet::Message2(_)
            | Packet::Record(_)
            | Packet::SealedDown(_) => {}
        }
        Ok(parsed.kind())
    }

    /// The lock says its boot counter, once a boot.
    pub(crate) fn note_boot(&mut self, count: u64) -> Held {
        hold(count > self.boots, || {
            format!("the boot counter says {count}, and said {} before", self.boots)
        })?;
        self.boots = count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(nonce: u8) -> Vec<u8> {
        [&Kind::Hello.prefix()[..], &[1, 1, 1], &[7; 8], &[nonce; 16]].concat()
    }

    fn sealed_up(counter: u64, random: u8) -> Vec<u8> {
        [&Kind::SealedUp.prefix()[..], &1_u32.to_be_bytes(), &counter.to_be_bytes(), &[random; 16], &[9; 17]]
            .concat()
    }

    #[test]
    fn a_greeting_that_comes_twice_is_noticed() {
        let mut history = History::default();
        assert_eq!(history.note_up(&hello(1)), Ok(Kind::Hello));
        assert_eq!(history.note_up(&hello(2)), Ok(Kind::Hello));
        assert!(matches!(history.note_up(&hello(1)), Err(Broken::Wrong(_))));
    }

    #[test]
    fn a_number_may_be_sealed_once_and_sent_again_as_it_was() {
        let mut history = History::default();
        for packet in [sealed_up(4, 1), sealed_up(4, 1), sealed_up(5, 1)] {
            assert_eq!(history.note_up(&packet), Ok(Kind::SealedUp));
        }
        assert!(matches!(history.note_up(&sealed_up(4, 2)), Err(Broken::Wrong(_))));
    }

    #[test]
    fn a_boot_counter_that_does_not_grow_is_noticed() {
        let mut history = History::default();
        assert_eq!(history.note_boot(3), Ok(()));
        assert_eq!(history.note_boot(4), Ok(()));
        assert!(history.note_boot(4).is_err());
        assert!(history.note_boot(3).is_err());
    }

    #[test]
    fn what_the_bench_says_of_motor_and_bolt_is_kept() {
        let mut history = History::default();
        for line in
            ["motor retracts", "bolt between", "motor stops", "bolt retracted", "motor extends", "light"]
        {
            history.note_line(line);
        }
        assert_eq!(history.runs, Runs { retracts: 1, extends: 1 });
        assert_eq!(history.bolt, "bolt retracted");
    }
}
