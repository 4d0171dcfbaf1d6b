//! Whoever listens to the lock while somebody plays with it.

use lock_core::device::LinkId;

use super::{Lines, Shown, in_words};
use crate::controller::{Boundary, Fact, Harness, Verdict};
use crate::hardware::Moment;

/// Keeps what the lock tells.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) now: Moment,
    /// The cloud's clock when the panel began.
    unix_millis: u64,
    pub(super) log: Lines,
    pub(super) shown: Option<Shown>,
}

impl Party {
    pub(super) fn new(unix_millis: u64) -> Self {
        Self { now: Moment(0), unix_millis, log: Lines::default(), shown: None }
    }

    /// The cloud's clock now.
    pub(super) const fn unix_millis(&self) -> u64 {
        self.unix_millis.saturating_add(self.now.0)
    }

    pub(super) fn tell(&mut self, line: &str) {
        let seconds = self.now.0 / 1_000;
        self.log.push(format!("{:02}:{:02} {line}", seconds / 60, seconds % 60));
    }
}

impl Harness for Party {
    fn transmit(&mut self, _link: LinkId, _packet: &[u8]) {}

    fn close(&mut self, _link: LinkId) {}

    fn note(&mut self, fact: &Fact) {
        if let Fact::Indicated(indication) = fact {
            self.shown = Some(Shown { indication: *indication, at: self.now });
        }
        if let Some(line) = in_words(fact) {
            self.tell(&line);
        }
    }

    fn boundary(&mut self, _boundary: Boundary) -> Verdict {
        Verdict::GoOn
    }
}
