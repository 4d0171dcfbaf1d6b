//! The spring latch: the same motor pulls it back through a cam, and a spring lets it go.

use lock_core::proto::LatchPosition;

/// What the motor needs to pull it all the way, in milliseconds; the spring needs as long.
const PULL_MILLIS: u64 = 250;

/// Where the latch goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Rests,
    Back,
    Out,
}

/// The latch, as the way that it is pulled back, in milliseconds of the motor.
#[derive(Debug)]
pub(super) struct SpringLatch {
    pulled: u64,
    way: Way,
}

impl SpringLatch {
    pub(super) const fn sprung() -> Self {
        Self { pulled: 0, way: Way::Rests }
    }

    pub(super) const fn pull(&mut self) {
        self.way = if self.pulled == PULL_MILLIS { Way::Rests } else { Way::Back };
    }

    pub(super) const fn release(&mut self) {
        self.way = if self.pulled == 0 { Way::Rests } else { Way::Out };
    }

    /// The cam holds it where it is.
    pub(super) const fn stop(&mut self) {
        self.way = Way::Rests;
    }

    pub(super) fn advance(&mut self, millis: u64) {
        match self.way {
            Way::Rests => {}
            Way::Back => self.pulled = self.pulled.saturating_add(millis).min(PULL_MILLIS),
            Way::Out => self.pulled = self.pulled.saturating_sub(millis),
        }
        if self.pulled == 0 || self.pulled == PULL_MILLIS {
            self.way = Way::Rests;
        }
    }

    /// Milliseconds until its switch changes or it comes to rest.
    pub(super) const fn next_change(&self) -> Option<u64> {
        match self.way {
            Way::Rests => None,
            Way::Back => Some(PULL_MILLIS - self.pulled),
            Way::Out => Some(self.pulled),
        }
    }

    /// Its switch: held only when it is pulled all the way, engaged only when it is out all the way.
    pub(super) const fn switch(&self) -> LatchPosition {
        match self.pulled {
            PULL_MILLIS => LatchPosition::Held,
            _ => LatchPosition::Engaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_held_when_it_is_pulled_all_the_way_and_the_cam_keeps_it_so() {
        let mut latch = SpringLatch::sprung();
        latch.pull();
        assert_eq!(latch.next_change(), Some(PULL_MILLIS));
        latch.advance(PULL_MILLIS - 1);
        assert_eq!(latch.switch(), LatchPosition::Engaged);
        latch.advance(1);
        latch.stop();
        latch.advance(10_000);
        assert_eq!((latch.switch(), latch.next_change()), (LatchPosition::Held, None));
        latch.release();
        latch.advance(PULL_MILLIS);
        assert_eq!((latch.switch(), latch.next_change()), (LatchPosition::Engaged, None));
    }
}
