//! A bolt that travels from end to end, with a sensor that sees both ends and whether it is between. It stands in words beside the flash:
//! where a bolt is does not depend on the power, nor how long its way is.

use lock_core::proto::{BoltPosition, Uptime};
use lock_core::state::Drive;

use crate::memory::DOOR;

const MARK_WORD: usize = 0;
/// 0 withdrawn, the whole travel thrown; in milliseconds.
const POSITION_WORD: usize = 1;
const TRAVEL_WORD: usize = 2;
const MARK: u32 = 0x626F_6C74;
/// Of a door that is new.
const TRAVEL: u32 = 400;

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
    moved_at: Uptime,
}

impl Mechanism {
    /// Finds the bolt where it was left; a door that is new is locked.
    pub(crate) fn start(now: Uptime) -> Self {
        if DOOR.word(MARK_WORD) != Some(MARK) {
            DOOR.set_word(POSITION_WORD, TRAVEL);
            DOOR.set_word(TRAVEL_WORD, TRAVEL);
            DOOR.set_word(MARK_WORD, MARK);
        }
        Self { motor: Motor::Still, moved_at: now }
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
        match (DOOR.word(POSITION_WORD), DOOR.word(TRAVEL_WORD)) {
            (Some(0), _) => BoltPosition::Retracted,
            (position, travel) if position == travel => BoltPosition::Extended,
            (_, _) => BoltPosition::Between,
        }
    }

    fn move_on(&mut self, now: Uptime) {
        let passed = u32::try_from(now.millis_since(self.moved_at)).unwrap_or(u32::MAX);
        self.moved_at = now;
        let (Some(position), Some(travel)) = (DOOR.word(POSITION_WORD), DOOR.word(TRAVEL_WORD)) else {
            return;
        };
        let position = match self.motor {
            Motor::Still => return,
            Motor::Extending => position.saturating_add(passed).min(travel),
            Motor::Retracting => position.saturating_sub(passed),
        };
        DOOR.set_word(POSITION_WORD, position);
    }
}
