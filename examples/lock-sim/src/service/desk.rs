//! The controller's surroundings in the program: sockets, the log, and the bench's finger on the power.

use lock_core::device::LinkId;

use super::bench::{Asker, Hold};
use super::log::{Log, kind_of};
use super::phones::Phones;
use crate::controller::{Boundary, Fact, Harness, Verdict};

/// Where packets and facts of the lock go.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) log: Log,
    pub(super) phones: Phones,
    hold: Option<(Hold, Asker)>,
}

impl Desk {
    pub(super) fn new(log: Log) -> Self {
        Self { log, phones: Phones::default(), hold: None }
    }

    /// Stops the run loop at a later boundary, instead of an earlier wish.
    pub(super) fn hold(&mut self, hold: Hold, asker: Asker) {
        self.hold = Some((hold, asker));
    }

    /// Who wished the run loop to stop where it now is.
    pub(super) fn take_holder(&mut self) -> Option<Asker> {
        self.hold.take().map(|(_, asker)| asker)
    }
}

impl Harness for Desk {
    fn transmit(&mut self, link: LinkId, packet: &[u8]) {
        self.log.line(format_args!("link={} sent={} bytes={}", link.0, kind_of(packet), packet.len()));
        self.phones.send(link, packet);
    }

    fn close(&mut self, link: LinkId) {
        self.log.line(format_args!("link={} state=closed", link.0));
        self.phones.close(link);
    }

    fn note(&mut self, fact: &Fact) {
        self.log.fact(fact);
    }

    fn boundary(&mut self, boundary: Boundary) -> Verdict {
        let is_here = match &mut self.hold {
            None => false,
            Some((Hold::At(name), _)) => *name == boundary.to_string(),
            Some((Hold::After(left), _)) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
        };
        if is_here { Verdict::CutPower } else { Verdict::GoOn }
    }
}
