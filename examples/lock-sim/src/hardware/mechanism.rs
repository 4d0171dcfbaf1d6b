//! The bolt as a position that the motor or a hand moves, and what stands in its way.

use lock_core::proto::BoltPosition;

/// How far the bolt is thrown at its outer end, in micrometres.
pub const THROW: u32 = 25_200;
/// Where a misaligned strike blocks the bolt, in micrometres.
pub const OBSTACLE: u32 = 16_800;
/// What the motor needs from end to end, in milliseconds.
pub const TRAVEL_MILLIS: u64 = THROW as u64 / MOTOR_SPEED as u64;

/// Micrometres in a millisecond.
const MOTOR_SPEED: u32 = 28;
const HAND_SPEED: u32 = 84;
/// A switch closes this far before its end of the travel, in micrometres.
const SWITCH_ZONE: u32 = 560;
/// The driver calls it a stall when the motor pushes for so long, in milliseconds, and cuts the current.
const STALL_MILLIS: u64 = 60;

/// An end of the travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The bolt is in the strike: locked.
    Thrown,
    /// The bolt is in the door: unlocked.
    Withdrawn,
}

/// What stands in the bolt's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limits {
    /// Only its ends.
    None,
    /// A misaligned strike: nothing passes [`OBSTACLE`] outwards, and the motor cannot pull out what is beyond it.
    Strike,
    /// The battery: the motor does not move at all.
    MotorTooWeak,
    /// The clutch: the motor turns freely, and the bolt stays.
    Slipping,
    /// Only its ends, and worn gears: the bolt follows at half its speed.
    Worn,
}

impl Limits {
    /// Micrometres in a millisecond that the motor moves the bolt.
    const fn motor_speed(self) -> u32 {
        match self {
            Self::Worn => MOTOR_SPEED / 2,
            Self::None | Self::Strike | Self::MotorTooWeak | Self::Slipping => MOTOR_SPEED,
        }
    }
}

/// What moves the bolt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mover {
    Nothing,
    Motor { to: Side, blocked_millis: u64 },
    Hand { to: Side },
}

/// The bolt and what moves it.
#[derive(Debug)]
pub(super) struct Mechanism {
    position: u32,
    mover: Mover,
}

/// What the motor did in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Worked {
    pub(super) turning_millis: u64,
    pub(super) blocked_millis: u64,
    pub(super) stalled: bool,
}

impl Mechanism {
    pub(super) fn resting_at(position: u32) -> Self {
        Self { position: position.min(THROW), mover: Mover::Nothing }
    }

    pub(super) const fn position(&self) -> u32 {
        self.position
    }

    pub(super) const fn motor_runs(&self) -> bool {
        matches!(self.mover, Mover::Motor { .. })
    }

    pub(super) const fn is_blocked(&self) -> bool {
        matches!(self.mover, Mover::Motor { blocked_millis: 1.., .. })
    }

    /// The end switches.
    pub(super) const fn switches(&self) -> BoltPosition {
        if self.position <= SWITCH_ZONE {
            BoltPosition::Retracted
        } else if self.position >= THROW - SWITCH_ZONE {
            BoltPosition::Extended
        } else {
            BoltPosition::Between
        }
    }

    /// Runs the motor to this end, or stops it; true when it was set going or reversed. It takes the bolt out of a hand.
    pub(super) fn drive(&mut self, to: Option<Side>) -> bool {
        let before = match self.mover {
            Mover::Motor { to, .. } => Some(to),
            Mover::Nothing | Mover::Hand { .. } => None,
        };
        match to {
            Some(to) if before != Some(to) => {
                self.mover = Mover::Motor { to, blocked_millis: 0 };
                true
            }
            None if before.is_some() => {
                self.mover = Mover::Nothing;
                false
            }
            Some(_) | None => false,
        }
    }

    /// Lets a hand turn; false while the motor runs.
    pub(super) fn turn(&mut self, to: Side) -> bool {
        let is_free = !self.motor_runs();
        if is_free {
            self.mover = Mover::Hand { to };
        }
        is_free
    }

    pub(super) fn advance(&mut self, millis: u64, limits: Limits) -> Worked {
        match self.mover {
            Mover::Nothing => Worked::default(),
            Mover::Hand { to } => {
                let end = hand_end(self.position, to, limits);
                if self.approach(end, HAND_SPEED, millis) < millis || self.position == end {
                    self.mover = Mover::Nothing;
                }
                Worked::default()
            }
            Mover::Motor { .. } if limits == Limits::Slipping => {
                Worked { turning_millis: millis, ..Worked::default() }
            }
            Mover::Motor { to, blocked_millis } => {
                let end = motor_end(self.position, to, limits);
                let turning_millis = self.approach(end, limits.motor_speed(), millis);
                let pushing = millis - turning_millis;
                let stalled = blocked_millis + pushing >= STALL_MILLIS;
                let pushed = pushing.min(STALL_MILLIS - blocked_millis);
                self.mover = if stalled {
                    Mover::Nothing
                } else {
                    Mover::Motor { to, blocked_millis: blocked_millis + pushed }
                };
                Worked { turning_millis, blocked_millis: pushed, stalled }
            }
        }
    }

    /// Milliseconds until a switch changes or a stall is seen.
    pub(super) fn next_change(&self, limits: Limits) -> Option<u64> {
        match self.mover {
            Mover::Nothing => None,
            Mover::Hand { to } => self.next_switch(hand_end(self.position, to, limits), HAND_SPEED),
            Mover::Motor { .. } if limits == Limits::Slipping => None,
            Mover::Motor { to, blocked_millis } => {
                let end = motor_end(self.position, to, limits);
                let speed = limits.motor_speed();
                let stall = millis_for(self.position.abs_diff(end), speed) + STALL_MILLIS - blocked_millis;
                let switch = self.next_switch(end, speed);
                Some(switch.map_or(stall, |switch| switch.min(stall)))
            }
        }
    }

    /// Milliseconds until the way to `end` crosses the border of a switch.
    fn next_switch(&self, end: u32, speed: u32) -> Option<u64> {
        // The first positions at which a switch reads differently, for each direction.
        let borders = if end > self.position {
            [SWITCH_ZONE + 1, THROW - SWITCH_ZONE]
        } else {
            [THROW - SWITCH_ZONE - 1, SWITCH_ZONE]
        };
        let ahead = borders.into_iter().filter(|border| {
            if end > self.position {
                (self.position + 1..=end).contains(border)
            } else {
                (end..self.position).contains(border)
            }
        });
        ahead.map(|border| millis_for(self.position.abs_diff(border), speed)).min()
    }

    /// Moves towards `end` and returns the milliseconds that it took.
    fn approach(&mut self, end: u32, speed: u32, millis: u64) -> u64 {
        let taken = millis_for(self.position.abs_diff(end), speed).min(millis);
        let way = u32::try_from(taken * u64::from(speed)).unwrap_or(u32::MAX);
        self.position = if end > self.position {
            self.position.saturating_add(way).min(end)
        } else {
            self.position.saturating_sub(way).max(end)
        };
        taken
    }
}

fn millis_for(way: u32, speed: u32) -> u64 {
    u64::from(way.div_ceil(speed))
}

fn motor_end(position: u32, to: Side, limits: Limits) -> u32 {
    match (limits, to) {
        (Limits::MotorTooWeak | Limits::Slipping, _) => position,
        (Limits::Strike, _) if position > OBSTACLE => position,
        (Limits::Strike, Side::Thrown) => OBSTACLE,
        (Limits::None | Limits::Worn, Side::Thrown) => THROW,
        (Limits::None | Limits::Worn | Limits::Strike, Side::Withdrawn) => 0,
    }
}

/// A hand is stronger than the motor: it pulls a bound bolt out. It throws none through the frame.
fn hand_end(position: u32, to: Side, limits: Limits) -> u32 {
    match (limits, to) {
        (Limits::Strike, Side::Thrown) => OBSTACLE.max(position),
        (Limits::None | Limits::MotorTooWeak | Limits::Slipping | Limits::Worn, Side::Thrown) => THROW,
        (_, Side::Withdrawn) => 0,
    }
}
