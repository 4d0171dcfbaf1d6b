//! What a diagnosis needs to know of a lock: everything that the lock can say of itself. It holds no code, not even hashed.

use crate::numbered::numbered;
use crate::{Millivolts, PowerSupply, Seconds, Status, Target, UnixMillis, wire};

/// Degrees Celsius.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Celsius(pub i8);

/// Signal strength at the lock's receiver, in dBm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dbm(pub i8);

numbered! {
    /// Why the lock booted, as its chip says.
    #[derive(Default)]
    pub enum BootReason {
        /// Not known.
        #[default]
        Unknown,
        /// The power came on: batteries put in, or the mains back.
        PowerOn,
        /// The supply sagged below what the chip needs.
        BrownOut,
        /// The watchdog fired.
        Watchdog,
        /// The firmware asked for it.
        Software,
        /// A firmware update was started.
        Update,
        /// The reset pin or button.
        ResetPin,
    }
}

/// Boots since manufacture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Boots {
    /// The boot counter.
    pub count: u64,
    /// Why the last one came.
    pub reason: BootReason,
    /// How many were by a brown-out; stays at 65,535.
    pub brown_outs: u16,
    /// How many were by the watchdog; stays at 65,535.
    pub watchdogs: u16,
}

numbered! {
    /// How much the battery can do.
    #[derive(Default)]
    pub enum BatteryLevel {
        /// Not read since boot, or mains. Unknown is not empty: nothing is refused.
        #[default]
        Unknown,
        /// Fit for months.
        Good,
        /// To be replaced soon.
        Low,
        /// May not move the bolt.
        Critical,
    }
}

/// The power supply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PowerHealth {
    /// What was installed, as it was set.
    pub supply: PowerSupply,
    /// What the level allows.
    pub level: BatteryLevel,
    /// Voltage at rest.
    pub resting: Option<Millivolts>,
    /// Lowest voltage during the last drive of the motor.
    pub loaded: Option<Millivolts>,
    /// Temperature at the battery.
    pub temperature: Option<Celsius>,
    /// Charge left, 0 to 100 percent.
    pub percent: Option<u8>,
    /// How long ago the voltage at rest was read.
    pub read_ago: Option<Seconds>,
    /// Days until it is empty, by the trend.
    pub days_left: Option<u16>,
    /// When it was last replaced, as far as the lock knew the time.
    pub replaced_at: Option<UnixMillis>,
    /// Whether it empties much faster than before.
    pub rapid_drain: bool,
    /// Voltage of a battery of its own in the keypad.
    pub keypad: Option<Millivolts>,
}

numbered! {
    /// How a drive of the motor ended.
    pub enum DriveEnd {
        /// The sensor saw the bolt at its end.
        Arrived,
        /// The motor stalled before.
        Stalled,
        /// Time ran out.
        TimedOut,
        /// Another order came.
        Superseded,
    }
}

/// One drive of the motor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DriveRecord {
    /// Where to.
    pub goal: Target,
    /// How it ended.
    pub end: DriveEnd,
    /// How long it took, in milliseconds, all attempts included.
    pub duration_ms: u16,
    /// How often it was tried: 1 for at once.
    pub attempts: u8,
}

/// How long the bolt travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Travel {
    /// Throwing, in milliseconds.
    pub extend_ms: u16,
    /// Withdrawing, in milliseconds.
    pub retract_ms: u16,
}

/// The motor and what hangs on it. Counts are since manufacture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MotorHealth {
    /// Drives.
    pub drives: u32,
    /// Stalls, those before a successful retry included; stays at 65,535.
    pub stalls: u16,
    /// Drives that ran out of time; stays at 65,535.
    pub timeouts: u16,
    /// What was learned.
    pub learned: Option<Travel>,
    /// The last drives since boot, the newest first.
    pub last: [Option<DriveRecord>; 4],
}

numbered! {
    /// How it stands with a part.
    #[derive(Default)]
    pub enum Part {
        /// The lock has none, or it was not heard of since boot.
        #[default]
        Unknown,
        /// As it should.
        Good,
        /// It was heard and is silent now.
        Silent,
        /// It contradicts itself or others.
        Contradictory,
    }
}

/// Sensors and what people see, hear and touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PartsHealth {
    /// The sensor of the bolt.
    pub bolt_sensor: Part,
    /// The sensor of the door.
    pub door_sensor: Part,
    /// The accelerometer or other sensor of the turn.
    pub accelerometer: Part,
    /// The keypad.
    pub keypad: Part,
    /// The light.
    pub light: Part,
    /// The buzzer or speaker.
    pub buzzer: Part,
    /// The contact of the escutcheon or cover: silent while it is off.
    pub tamper_contact: Part,
}

/// The radio and the way to the cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RadioHealth {
    /// Strength of the last signal.
    pub signal: Option<Dbm>,
    /// How long ago the cloud was last heard in a live session, since boot.
    pub cloud_heard_ago: Option<Seconds>,
    /// Links that went down since boot; stays at 65,535.
    pub link_drops: u16,
    /// Packets since boot that proved nothing; stays at 65,535.
    pub bad_packets: u16,
}

numbered! {
    /// Refusals, by what a person can do about them.
    pub enum RefusalKind {
        /// A wrong code or an unknown token.
        WrongCode,
        /// During a lockout.
        LockedOut,
        /// A disabled user, one that never opens, or one whose access was for one time.
        User,
        /// Outside schedule or dates.
        Schedule,
        /// Because of the mode.
        Mode,
        /// Because the clock was not trusted.
        Clock,
        /// Because of door, bolt or battery.
        Mechanism,
        /// Because of rights.
        Rights,
    }
}

numbered! {
    /// Where a firmware update stands.
    #[derive(Default)]
    pub enum UpdateState {
        /// None, or the last one was confirmed.
        #[default]
        None,
        /// Being received.
        Receiving,
        /// Received; waits to be started.
        Ready,
        /// Started, not yet confirmed.
        Trial,
        /// Received incomplete or damaged.
        Failed,
        /// Started, failed, and the version before it runs again.
        RolledBack,
    }
}

/// The firmware.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FirmwareHealth {
    /// The version that runs, as its maker numbers it; 0 where it was not said.
    pub version: u32,
    /// Where an update stands.
    pub update: UpdateState,
}

/// The log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LogHealth {
    /// Entries that nobody has acknowledged.
    pub pending: u32,
    /// How many it can hold.
    pub capacity: u32,
}

numbered! {
    /// The steps of a self-test, in their order.
    pub enum TestStep {
        /// The motor throws the bolt.
        MotorOut,
        /// The motor withdraws the bolt.
        MotorBack,
        /// The door sensor has spoken and does not contradict itself.
        DoorSensor,
        /// The travels are learned.
        Calibration,
        /// The cloud was heard since boot.
        Radio,
        /// The clock is trusted.
        Clock,
    }
}

numbered! {
    /// How a step of a self-test went.
    #[derive(Default)]
    pub enum TestResult {
        /// Not tried since boot.
        #[default]
        NotRun,
        /// Passed.
        Passed,
        /// Failed.
        Failed,
    }
}

/// What a diagnosis needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Health {
    /// The state of the door.
    pub status: Status,
    /// Time since boot.
    pub uptime: Seconds,
    /// Boots.
    pub boots: Boots,
    /// Power.
    pub power: PowerHealth,
    /// Motor.
    pub motor: MotorHealth,
    /// Parts.
    pub parts: PartsHealth,
    /// Radio.
    pub radio: RadioHealth,
    /// Refusals since boot, by [`RefusalKind`]; each stays at 65,535.
    pub refusals: [u16; RefusalKind::ALL.len()],
    /// Firmware.
    pub firmware: FirmwareHealth,
    /// Log.
    pub log: LogHealth,
    /// The last self-test since boot, by [`TestStep`].
    pub self_test: [TestResult; TestStep::ALL.len()],
}

impl Health {
    /// Refusals of this kind since boot.
    #[must_use]
    pub fn refusals_of(&self, kind: RefusalKind) -> u16 {
        self.refusals.get(usize::from(kind.number())).copied().unwrap_or_default()
    }

    /// The longest encoding, in bytes.
    pub(crate) const LONGEST: usize = Status::LONGEST
        + 5
        + (10 + 1 + 3 + 3)
        + (1 + 1 + 1 + 4 + 4 + 2 + 2 + 6 + 4 + 11 + 1 + 4)
        + (5 + 3 + 3 + 7 + 4 * (1 + 1 + 1 + 3 + 1))
        + 7
        + (2 + 6 + 3 + 3)
        + 8 * 3
        + (5 + 1)
        + (5 + 5)
        + 6;
}

wire! {
    struct Celsius(degrees);
    struct Dbm(strength);
    struct Boots { count, reason, brown_outs, watchdogs }
    struct PowerHealth {
        supply, level, resting, loaded, temperature, percent, read_ago, days_left, replaced_at, rapid_drain, keypad,
    }
    struct DriveRecord { goal, end, duration_ms, attempts }
    struct Travel { extend_ms, retract_ms }
    struct MotorHealth { drives, stalls, timeouts, learned, last }
    struct PartsHealth { bolt_sensor, door_sensor, accelerometer, keypad, light, buzzer, tamper_contact }
    struct RadioHealth { signal, cloud_heard_ago, link_drops, bad_packets }
    struct FirmwareHealth { version, update }
    struct LogHealth { pending, capacity }
    struct Health {
        status, uptime, boots, power, motor, parts, radio, refusals, firmware, log, self_test,
    }
}
