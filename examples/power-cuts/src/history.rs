//! What happened to a lock since it was made, seen from outside, and what may never happen again.

use std::collections::{HashMap, HashSet};

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
