//! What a health report says, as signs.

use lock_proto::{
    BatteryLevel, BootReason, Calibration, ClockFact, DoorState, DriveEnd, DriveRecord, Fault, Health,
    Millivolts, Mode, MotorHealth, Part, PowerHealth, RefusalKind, Seconds, Supply, Target, TestResult,
    TestStep, UpdateState,
};
use lock_state::power::{COLD_AT, Chemistry};

use crate::sign::Origin::Report;
use crate::sign::{Seen, Sign, Signs};

/// A signal from here on is strong, in dBm; below the next line it is weak. Receivers of Bluetooth LE lose packets from about
/// −90 dBm on.
const STRONG_FROM: i8 = -75;
const WEAK_BELOW: i8 = -85;
/// A keypad of its own battery needs so much: a 3 V lithium cell, or two of 1.2 V.
const KEYPAD_NEEDS: Millivolts = Millivolts(2_400);
/// So long after power came, what was on before has to be thought of.
const LATELY: Seconds = Seconds(24 * 3_600);
/// So many links that went down in a day are more than people walking away.
const MANY_DROPS_A_DAY: u64 = 24;
const DAY: u64 = 24 * 3_600;
/// A travel is slow when it takes so many tenths of what was learned.
const SLOW_TENTHS: u32 = 15;

impl Signs {
    /// What the lock says of itself now. An old report, from a hub's memory for example, tells of another lock than the one that
    /// does not open: ask for a new one.
    #[must_use]
    pub fn from_report(report: &Health) -> Self {
        let mut signs = Self::default();
        signs.note(Sign::Wakes, Seen::Yes, Report);
        signs.observe_power(&report.power);
        signs.observe_boots(report);
        signs.observe_motor(report);
        signs.observe_parts(report);
        signs.observe_access(report);
        signs.observe_radio(report);
        signs.observe_firmware(report);
        signs.observe_self_test(report);
        signs
    }

    fn observe_power(&mut self, power: &PowerHealth) {
        let is_mains = power.supply.supply == Supply::Mains;
        self.report(Sign::RunsOnMains, Some(is_mains));
        let level = match power.level {
            BatteryLevel::Unknown => None,
            known @ (BatteryLevel::Good | BatteryLevel::Low | BatteryLevel::Critical) => Some(known),
        };
        self.report(Sign::CellsGood, level.map(|level| level == BatteryLevel::Good));
        self.report(Sign::CellsLow, level.map(|level| level != BatteryLevel::Good));
        self.report(Sign::CellsCritical, level.map(|level| level == BatteryLevel::Critical));
        self.report(Sign::DrainsFast, level.map(|_| power.rapid_drain));
        self.report(Sign::BatteryCold, power.temperature.map(|at| at <= COLD_AT));
        self.report(Sign::KeypadCellGood, power.keypad.map(|voltage| voltage >= KEYPAD_NEEDS));
        if let Some(chemistry) = Chemistry::of(power.supply.supply) {
            let cells = power.supply.cells;
            self.report(
                Sign::RestsWell,
                power.resting.map(|all| per_cell(all, cells) >= chemistry.low_until),
            );
            self.report(
                Sign::VoltageSags,
                power.loaded.map(|all| per_cell(all, cells) < chemistry.sag_below),
            );
            self.report(
                Sign::CellsImplausible,
                power.resting.map(|all| per_cell(all, cells) > chemistry.highest),
            );
        }
    }

    fn observe_boots(&mut self, report: &Health) {
        let boots = &report.boots;
        self.report(Sign::BrownedOut, Some(boots.reason == BootReason::BrownOut));
        self.report(Sign::WatchdogFired, Some(boots.reason == BootReason::Watchdog));
        let power_came = matches!(boots.reason, BootReason::PowerOn | BootReason::BrownOut);
        self.report(Sign::LostPower, Some(power_came && report.uptime < LATELY));
    }

    fn observe_motor(&mut self, report: &Health) {
        let motor = &report.motor;
        let fault = report.status.fault.value;
        let last = motor.last.iter().flatten().next();
        self.report(Sign::Jammed, Some(fault == Fault::Jammed));
        self.report(Sign::ClutchSlips, Some(fault == Fault::ClutchFailed));
        self.report(Sign::BoltFollows, bolt_follows(fault, last));
        self.report(Sign::StallsOut, stalled_towards(motor, Target::Locked));
        self.report(Sign::StallsBack, stalled_towards(motor, Target::Unlocked));
        self.report(Sign::TimedOut, last.map(|drive| drive.end == DriveEnd::TimedOut));
        self.report(Sign::Retries, last.map(|drive| drive.end == DriveEnd::Arrived && drive.attempts > 1));
        self.report(Sign::Slow, last.and_then(|drive| is_slow(motor, drive)));
        // Whoever never calibrated it has a lock that finds its ends by sensor alone: that is no sign of anything.
        self.report(
            Sign::Calibrated,
            match report.status.calibration.value {
                Calibration::Done => Some(true),
                Calibration::Failed => Some(false),
                Calibration::Needed if motor.learned.is_some() => Some(false),
                Calibration::Needed | Calibration::Running => None,
            },
        );
        let shut = match report.status.door.value {
            DoorState::Closed => Some(true),
            // An open door is no fault: it is one where something was refused for it.
            DoorState::Open | DoorState::Ajar | DoorState::Forced => {
                (report.refusals_of(RefusalKind::Mechanism) > 0).then_some(false)
            }
            DoorState::Unknown | DoorState::Faulty => None,
        };
        self.report(Sign::DoorShut, shut);
    }

    fn observe_parts(&mut self, report: &Health) {
        let parts = &report.parts;
        let bolt = match report.status.fault.value {
            Fault::BoltSensor => Some(false),
            Fault::None | Fault::Jammed | Fault::MotorTimeout | Fault::ClutchFailed => {
                works(parts.bolt_sensor)
            }
        };
        self.report(Sign::BoltSensorGood, bolt);
        let door = match report.status.door.value {
            DoorState::Faulty => Some(false),
            DoorState::Unknown
            | DoorState::Open
            | DoorState::Closed
            | DoorState::Ajar
            | DoorState::Forced => works(parts.door_sensor),
        };
        self.report(Sign::DoorSensorGood, door);
        self.report(Sign::TurnSensorGood, works(parts.accelerometer));
        self.report(Sign::KeypadGood, works(parts.keypad));
        self.report(Sign::LightGood, works(parts.light));
        self.report(Sign::BuzzerGood, works(parts.buzzer));
        self.report(Sign::CoverClosed, works(parts.tamper_contact));
    }

    fn observe_access(&mut self, report: &Health) {
        let refused = |kind| Some(report.refusals_of(kind) > 0);
        self.report(Sign::WrongCodesCounted, refused(RefusalKind::WrongCode));
        self.report(Sign::UserRefused, refused(RefusalKind::User));
        self.report(Sign::ScheduleRefused, refused(RefusalKind::Schedule));
        self.report(Sign::ModeRefused, refused(RefusalKind::Mode));
        self.report(Sign::ClockRefused, refused(RefusalKind::Clock));
        self.report(Sign::RightsRefused, refused(RefusalKind::Rights));
        self.report(Sign::MechanismRefused, refused(RefusalKind::Mechanism));
        self.report(Sign::InLockout, Some(report.status.lockout > Seconds(0)));
        let mode = report.status.mode.value;
        self.report(Sign::InVacation, Some(mode == Mode::Vacation));
        self.report(Sign::InPrivacy, Some(mode == Mode::Privacy));
        self.report(Sign::InNoRemote, Some(mode == Mode::NoRemote));
        let knows_time = match report.status.clock {
            ClockFact::Trusted { .. } => true,
            ClockFact::Unset | ClockFact::Floor => false,
        };
        self.report(Sign::ClockTrusted, Some(knows_time));
    }

    fn observe_radio(&mut self, report: &Health) {
        let radio = &report.radio;
        let signal = radio.signal.map(|signal| signal.0);
        self.report(
            Sign::SignalStrong,
            match signal {
                Some(STRONG_FROM..) => Some(true),
                Some(..WEAK_BELOW) => Some(false),
                Some(_) | None => None,
            },
        );
        let days_and_one = u64::from(report.uptime.0) / DAY + 1;
        self.report(Sign::LinkDrops, Some(u64::from(radio.link_drops) >= MANY_DROPS_A_DAY * days_and_one));
    }

    fn observe_firmware(&mut self, report: &Health) {
        let update = report.firmware.update;
        self.report(
            Sign::UpdateFailed,
            Some(matches!(update, UpdateState::Failed | UpdateState::RolledBack)),
        );
        let unfinished = matches!(update, UpdateState::Receiving | UpdateState::Ready | UpdateState::Trial);
        self.report(Sign::UpdateUnfinished, Some(unfinished));
    }

    fn observe_self_test(&mut self, report: &Health) {
        self.report(Sign::MotorTested, tested(report, &[TestStep::MotorOut, TestStep::MotorBack]));
        self.report(Sign::DoorSensorTested, tested(report, &[TestStep::DoorSensor]));
        self.report(Sign::CalibrationTested, tested(report, &[TestStep::Calibration]));
        self.report(Sign::RadioTested, tested(report, &[TestStep::Radio]));
        self.report(Sign::ClockTested, tested(report, &[TestStep::Clock]));
    }

    fn report(&mut self, sign: Sign, seen: Option<bool>) {
        self.note_known(sign, seen, Report);
    }
}

fn per_cell(all: Millivolts, cells: u8) -> Millivolts {
    Millivolts(all.0.checked_div(u16::from(cells)).unwrap_or(all.0))
}

fn bolt_follows(fault: Fault, last: Option<&DriveRecord>) -> Option<bool> {
    match (fault, last.map(|drive| drive.end)) {
        (Fault::Jammed | Fault::MotorTimeout | Fault::ClutchFailed, _) => Some(false),
        (Fault::None | Fault::BoltSensor, Some(DriveEnd::Arrived)) => Some(true),
        (Fault::None | Fault::BoltSensor, Some(DriveEnd::Stalled | DriveEnd::TimedOut)) => Some(false),
        (Fault::None | Fault::BoltSensor, Some(DriveEnd::Superseded) | None) => None,
    }
}

/// Whether one of the last drives stalled on this way; `None` where none went it.
fn stalled_towards(motor: &MotorHealth, goal: Target) -> Option<bool> {
    let mut ended = motor.last.iter().flatten().filter(|drive| towards(drive.goal, goal)).peekable();
    ended.peek()?;
    Some(ended.any(|drive| drive.end == DriveEnd::Stalled || drive.attempts > 1))
}

fn towards(driven: Target, goal: Target) -> bool {
    match driven {
        Target::Unlatched => goal == Target::Unlocked,
        Target::None | Target::Locked | Target::Unlocked => driven == goal,
    }
}

fn is_slow(motor: &MotorHealth, drive: &DriveRecord) -> Option<bool> {
    let learned = motor.learned?;
    let usual = match drive.goal {
        Target::Locked => learned.extend_ms,
        Target::Unlocked | Target::Unlatched => learned.retract_ms,
        Target::None => return None,
    };
    let is_comparable = drive.end == DriveEnd::Arrived && drive.attempts == 1;
    is_comparable.then(|| u32::from(drive.duration_ms) * 10 > u32::from(usual) * SLOW_TENTHS)
}

const fn works(part: Part) -> Option<bool> {
    match part {
        Part::Unknown => None,
        Part::Good => Some(true),
        Part::Silent | Part::Contradictory => Some(false),
    }
}

/// Whether all of these steps of the self-test passed; `None` where one was not tried and none failed.
fn tested(report: &Health, steps: &[TestStep]) -> Option<bool> {
    let result =
        |step: &TestStep| report.self_test.get(usize::from(step.number())).copied().unwrap_or_default();
    if steps.iter().any(|step| result(step) == TestResult::Failed) {
        Some(false)
    } else {
        steps.iter().all(|step| result(step) == TestResult::Passed).then_some(true)
    }
}
