//! A bolt that travels 400 ms from end to end, with a sensor that sees both ends and whether it is between. It stands in a word beside the
//! flash: where a bolt is does not depend on the power.

use lock_core::proto::{BoltPosition, Uptime};
use lock_core::state::Drive;

use crate::memory::DOOR;

const TRAVEL: u32 = 400;
const MARK_WORD: usize = 0;
const POSITION_WORD: usize = 1;
const MARK: u32 = 0x626F_6C74;

#[derive(Clone, Copy, Debug)]
enum Motor {
    Still,
    Extending,
    Retracting,
}

/// The bolt, its motor and its sensor.
#[derive(Debug)]
pub(crate) struct Mechanism {
    motor: Motor,
    /// 0 withdrawn, `TRAVEL` thrown.
    position: u32,
    moved_at: Uptime,
}

impl Mechanism {
    /// Finds the bolt where it was left; a door that is new is locked.
    pub(crate) fn start(now: Uptime) -> Self {
        let is_known = DOOR.word(MARK_WORD) == Some(MARK);
        let position = DOOR.word(POSITION_WORD).filter(|_| is_known).unwrap_or(TRAVEL);
        let mechanism = Self { motor: Motor::Still, position: position.min(TRAVEL), moved_at: now };
        mechanism.leave();
        DOOR.set_word(MARK_WORD, MARK);
        mechanism
    }

    /// Obeys an order; it has no latch to pull.
    pub(crate) fn order(&mut self, drive: Drive, now: Uptime) {
        self.move_on(now);
        self.motor = match drive {
            Drive::Extend => Motor::Extending,
            Drive::Retract => Motor::Retracting,
            Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch => Motor::Still,
        };
    }

    /// The sensor's reading.
    pub(crate) fn sense(&mut self, now: Uptime) -> BoltPosition {
        self.move_on(now);
        match self.position {
            0 => BoltPosition::Retracted,
            TRAVEL => BoltPosition::Extended,
            _ => BoltPosition::Between,
        }
    }

    fn move_on(&mut self, now: Uptime) {
        let passed = u32::try_from(now.millis_since(self.moved_at)).unwrap_or(TRAVEL);
        self.moved_at = now;
        self.position = match self.motor {
            Motor::Still => return,
            Motor::Extending => self.position.saturating_add(passed).min(TRAVEL),
            Motor::Retracting => self.position.saturating_sub(passed),
        };
        self.leave();
    }

    fn leave(&self) {
        DOOR.set_word(POSITION_WORD, self.position);
    }
}
