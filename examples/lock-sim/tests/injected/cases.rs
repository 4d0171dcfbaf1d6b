//! What is done to the lock, and what has to be found.

use lock_core::crypto::Delivery;
use lock_core::device::LinkId;
use lock_core::proto::{
    Action, BootReason, Celsius, CredentialKind, CredentialRule, Dbm, FirmwareHealth, Millivolts,
    MinuteOfDay, Mode, Part, Put, Secret, Setting, Span, UpdateState, User, UserKind, UserStatus, Weekdays,
    Window,
};
use lock_core::state::power::Mains;
use lock_core::state::{InsideButton, Observation, PartKind, TamperContact};
use lock_diagnosis::{Cause, Confidence, Step};
use lock_sim::hardware::{Door, Gearing, Press, Strike, Wear, Wiring};

use super::{Rig, pin};

pub(super) struct Case {
    pub(super) name: &'static str,
    /// What was done to the lock, for whoever reads the fixture.
    pub(super) fault: &'static str,
    pub(super) inject: fn(Rig) -> Rig,
    pub(super) cause: Cause,
    pub(super) confidence: Confidence,
    pub(super) step: Option<Step>,
}

/// All cases.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    POWER.iter().chain(&DOOR).chain(&ACCESS).chain(&PARTS)
}

/// Battery.
const POWER: [Case; 6] = [
    Case {
        name: "sim-weak-cells",
        fault: "four cells with 4.2 V together, and the button outside is pressed",
        inject: |_| {
            let mut rig = Rig::with_cells(Millivolts(4_200));
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::WeakCells,
        confidence: Confidence::Likely,
        step: Some(Step::ReplaceCells),
    },
    Case {
        name: "sim-critical-cells",
        fault: "four cells with 3.6 V together, and the button outside is pressed",
        inject: |_| {
            let mut rig = Rig::with_cells(Millivolts(3_600));
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::WeakCells,
        confidence: Confidence::Certain,
        step: Some(Step::ReplaceCells),
    },
    Case {
        name: "sim-cold-cells",
        fault: "-15 degrees Celsius, cells with 4.7 V together, and the button outside is pressed",
        inject: |_| {
            let mut rig = Rig::with_cells(Millivolts(4_700));
            rig.lock.world_mut().set_temperature(Celsius(-15));
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::ColdCells,
        confidence: Confidence::Likely,
        step: Some(Step::WarmCells),
    },
    Case {
        name: "sim-wrong-cells",
        fault: "lithium cells with 7.1 V together in a lock that is set to alkaline ones",
        inject: |mut rig| {
            rig.lock.world_mut().replace_battery(Millivolts(7_100));
            rig.wait(125_000);
            rig
        },
        cause: Cause::WrongCells,
        confidence: Confidence::Certain,
        step: Some(Step::UseRightCells),
    },
    Case {
        name: "sim-brown-out",
        fault: "four cells with 4.0 V together; the button outside is pressed, and the chip restarts",
        inject: |mut rig| {
            rig.lock.world_mut().replace_battery(Millivolts(4_000));
            rig.wait(61_000);
            rig.lock_by_button();
            let mut rig = rig.reboot(BootReason::BrownOut);
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::WeakCells,
        confidence: Confidence::Likely,
        step: Some(Step::ReplaceCells),
    },
    Case {
        name: "sim-fast-drain",
        fault: "after a week in which all is well, a leak takes a tenth of a volt a day",
        inject: |mut rig| {
            rig.days(7);
            rig.lock.world_mut().set_leak(2);
            rig.days(3);
            rig
        },
        cause: Cause::FastDrain,
        confidence: Confidence::Likely,
        step: Some(Step::UseRightCells),
    },
];

/// Bolt, motor, door.
const DOOR: [Case; 6] = [
    Case {
        name: "sim-misaligned-strike",
        fault: "the strike is misaligned, and the button outside is pressed",
        inject: |mut rig| {
            rig.lock.world_mut().set_strike(Strike::Misaligned);
            rig.lock_by_button();
            rig
        },
        cause: Cause::StrikeMisaligned,
        confidence: Confidence::Likely,
        step: Some(Step::PressDoor),
    },
    Case {
        name: "sim-slipping-clutch",
        fault: "the clutch slips, and the button outside is pressed",
        inject: |mut rig| {
            rig.lock.world_mut().set_gearing(Gearing::Slipping);
            rig.lock_by_button();
            rig
        },
        cause: Cause::ClutchFailed,
        confidence: Confidence::Certain,
        step: Some(Step::OpenLock),
    },
    Case {
        name: "sim-worn-gears",
        fault: "the lock is calibrated, its gears wear, and the button outside is pressed",
        inject: |mut rig| {
            rig.order(Action::Calibrate);
            rig.lock.world_mut().set_wear(Wear::Heavy);
            rig.lock_by_button();
            rig
        },
        cause: Cause::GearsWorn,
        confidence: Confidence::Likely,
        step: Some(Step::OpenLock),
    },
    Case {
        name: "sim-not-calibrated",
        fault: "something stands in the bolt's way while the lock calibrates, and is taken away",
        inject: |mut rig| {
            rig.lock.world_mut().set_strike(Strike::Misaligned);
            rig.order(Action::Calibrate);
            rig.lock.world_mut().set_strike(Strike::Aligned);
            rig.code("482915");
            rig.wait(20_000);
            rig
        },
        cause: Cause::NotCalibrated,
        confidence: Confidence::Possible,
        step: Some(Step::Calibrate),
    },
    Case {
        name: "sim-door-not-shut",
        fault: "the door stands open, and the owner orders it locked",
        inject: |mut rig| {
            rig.lock.world_mut().move_door(Door::Open).expect("the bolt is withdrawn");
            rig.wait(1_000);
            rig.order(Action::Lock);
            rig
        },
        cause: Cause::DoorNotShut,
        confidence: Confidence::Likely,
        step: Some(Step::ShutDoor),
    },
    Case {
        name: "sim-self-test-jammed",
        fault: "the strike is misaligned while the self-test runs",
        inject: |mut rig| {
            rig.lock.world_mut().set_strike(Strike::Misaligned);
            rig.lock.world_mut().press(Press::Inside(InsideButton::SelfTest));
            rig.wait(60_000);
            rig
        },
        cause: Cause::StrikeMisaligned,
        confidence: Confidence::Likely,
        step: Some(Step::PressDoor),
    },
];

/// Codes, modes, clock.
const ACCESS: [Case; 9] = [
    Case {
        name: "sim-wrong-code",
        fault: "a wrong code is entered twice",
        inject: |mut rig| {
            rig.code("111111");
            rig.code("111112");
            rig
        },
        cause: Cause::WrongCode,
        confidence: Confidence::Likely,
        step: Some(Step::CheckCode),
    },
    Case {
        name: "sim-lockout",
        fault: "five wrong codes are entered, then the right one",
        inject: |mut rig| {
            (0..5).for_each(|_| rig.code("111111"));
            rig.code("482915");
            rig
        },
        cause: Cause::LockedOut,
        confidence: Confidence::Certain,
        step: Some(Step::WaitLockout),
    },
    Case {
        name: "sim-vacation-mode",
        fault: "vacation mode is on, and a guest enters a code",
        inject: |mut rig| {
            rig.order(Action::SetMode(Mode::Vacation));
            rig.code("482915");
            rig
        },
        cause: Cause::VacationMode,
        confidence: Confidence::Certain,
        step: Some(Step::LeaveVacation),
    },
    Case {
        name: "sim-privacy-mode",
        fault: "privacy mode is on, and a guest enters a code",
        inject: |mut rig| {
            rig.order(Action::SetMode(Mode::Privacy));
            rig.code("482915");
            rig
        },
        cause: Cause::PrivacyMode,
        confidence: Confidence::Certain,
        step: Some(Step::LeavePrivacy),
    },
    Case {
        name: "sim-disabled-user",
        fault: "the code of a disabled user is entered",
        inject: |mut rig| {
            guest(&mut rig, User { status: UserStatus::Disabled, ..User::default() });
            rig.code("730164");
            rig
        },
        cause: Cause::CodeDisabled,
        confidence: Confidence::Likely,
        step: Some(Step::EnableUser),
    },
    Case {
        name: "sim-outside-schedule",
        fault: "a code for Saturdays is entered on a Thursday",
        inject: |mut rig| {
            guest(&mut rig, User { kind: UserKind::WeekDay, ..User::default() });
            rig.set(Setting::SetWindow { slot: 0, put: Put::Set, window: saturdays() });
            rig.code("730164");
            rig
        },
        cause: Cause::OutsideSchedule,
        confidence: Confidence::Likely,
        step: Some(Step::ChangeSchedule),
    },
    Case {
        name: "sim-clock-lost",
        fault: "the power goes, and a code for Saturdays is entered before the lock has learned the time again",
        inject: |mut rig| {
            guest(&mut rig, User { kind: UserKind::WeekDay, ..User::default() });
            rig.set(Setting::SetWindow { slot: 0, put: Put::Set, window: saturdays() });
            let mut rig = rig.reboot(BootReason::PowerOn);
            rig.code("730164");
            rig
        },
        cause: Cause::ClockLost,
        confidence: Confidence::Certain,
        step: Some(Step::SyncClock),
    },
    Case {
        name: "sim-no-right",
        fault: "a guest who may open from afar only enters a code",
        inject: |mut rig| {
            guest(&mut rig, User { kind: UserKind::RemoteOnly, ..User::default() });
            rig.code("730164");
            rig
        },
        cause: Cause::NoRight,
        confidence: Confidence::Likely,
        step: Some(Step::GrantRight),
    },
    Case {
        name: "sim-no-remote-mode",
        fault: "orders from afar are switched off, and one comes",
        inject: |mut rig| {
            rig.lock_by_button();
            rig.order(Action::SetMode(Mode::NoRemote));
            rig.order(Action::Unlock);
            rig
        },
        cause: Cause::NoRemoteMode,
        confidence: Confidence::Likely,
        step: Some(Step::AllowRemote),
    },
];

/// Sensors, keypad, radio, firmware.
const PARTS: [Case; 13] = [
    Case {
        name: "sim-bolt-sensor",
        fault: "the wires of the bolt's switches break, and the button outside is pressed",
        inject: |mut rig| {
            rig.lock.world_mut().set_wiring(Wiring::Broken);
            rig.lock_by_button();
            rig
        },
        cause: Cause::BoltSensorFaulty,
        confidence: Confidence::Certain,
        step: Some(Step::Calibrate),
    },
    Case {
        name: "sim-parts",
        fault: "the drivers say that the light is silent and the buzzer works",
        inject: |mut rig| {
            rig.lock.world_mut().observe(Observation::Part(PartKind::Light, Part::Silent));
            rig.lock.world_mut().observe(Observation::Part(PartKind::Buzzer, Part::Good));
            rig.lock_by_button();
            rig
        },
        cause: Cause::LightFaulty,
        confidence: Confidence::Certain,
        step: Some(Step::PowerCycle),
    },
    Case {
        name: "sim-cover-off",
        fault: "the cover is taken off",
        inject: |mut rig| {
            rig.lock.world_mut().observe(Observation::Mains(Mains::Absent));
            rig.lock.world_mut().observe(Observation::Tamper(TamperContact::Open));
            rig.wait(1_000);
            rig
        },
        cause: Cause::CoverOff,
        confidence: Confidence::Certain,
        step: Some(Step::CloseCover),
    },
    Case {
        name: "sim-door-sensor",
        fault: "the wire of the door's contact breaks",
        inject: |mut rig| {
            rig.lock_by_button();
            rig.lock.world_mut().set_door_wiring(Wiring::Broken);
            rig.wait(1_000);
            rig
        },
        cause: Cause::DoorSensorFaulty,
        confidence: Confidence::Likely,
        step: Some(Step::SetUpDoorSensor),
    },
    Case {
        name: "sim-keypad-cell",
        fault: "the keypad's own two cells are down to 2.0 V",
        inject: |mut rig| {
            rig.lock.world_mut().observe(Observation::KeypadBattery(Millivolts(2_000)));
            rig.lock_by_button();
            rig
        },
        cause: Cause::KeypadCellEmpty,
        confidence: Confidence::Likely,
        step: Some(Step::ReplaceKeypadCell),
    },
    Case {
        name: "sim-keypad",
        fault: "the keypad no longer answers its driver",
        inject: |mut rig| {
            rig.lock.world_mut().observe(Observation::Part(PartKind::Keypad, Part::Silent));
            rig.lock_by_button();
            rig
        },
        cause: Cause::KeypadFaulty,
        confidence: Confidence::Likely,
        step: Some(Step::PowerCycle),
    },
    Case {
        name: "sim-accelerometer",
        fault: "the accelerometer no longer answers its driver",
        inject: |mut rig| {
            rig.lock.world_mut().observe(Observation::Part(PartKind::Accelerometer, Part::Silent));
            rig.lock_by_button();
            rig
        },
        cause: Cause::TurnSensorFaulty,
        confidence: Confidence::Likely,
        step: Some(Step::Calibrate),
    },
    Case {
        name: "sim-buzzer",
        fault: "the driver of the buzzer sees no current, and that of the light does",
        inject: |mut rig| {
            rig.lock.world_mut().observe(Observation::Part(PartKind::Buzzer, Part::Silent));
            rig.lock.world_mut().observe(Observation::Part(PartKind::Light, Part::Good));
            rig.lock_by_button();
            rig
        },
        cause: Cause::BuzzerFaulty,
        confidence: Confidence::Likely,
        step: Some(Step::PowerCycle),
    },
    Case {
        name: "sim-hung",
        fault: "the electronics hang, and the watchdog restarts them",
        inject: |rig| {
            let mut rig = rig.reboot(BootReason::Watchdog);
            rig.tell_time();
            rig.lock_by_button();
            rig
        },
        cause: Cause::LockHung,
        confidence: Confidence::Likely,
        step: Some(Step::UseKey),
    },
    Case {
        name: "sim-out-of-range",
        fault: "the receiver hears the phone at -95 dBm",
        inject: |mut rig| {
            rig.lock.world_mut().observe(Observation::Signal(Dbm(-95)));
            rig.lock_by_button();
            rig
        },
        cause: Cause::OutOfRange,
        confidence: Confidence::Likely,
        step: Some(Step::MoveCloser),
    },
    Case {
        name: "sim-interference",
        fault: "links break thirty times in an hour although the signal is strong",
        inject: |mut rig| {
            rig.lock_by_button();
            for _ in 0..30 {
                rig.lock.link_up(LinkId(0), Delivery::Ordered);
                rig.wait(60_000);
                rig.lock.link_down(LinkId(0));
                rig.wait(60_000);
            }
            rig.lock.world_mut().observe(Observation::Signal(Dbm(-50)));
            rig.wait(1_000);
            rig
        },
        cause: Cause::Interference,
        confidence: Confidence::Likely,
        step: Some(Step::MoveRadios),
    },
    Case {
        name: "sim-update-failed",
        fault: "a new firmware arrives damaged",
        inject: |mut rig| {
            let update = FirmwareHealth { version: 7, update: UpdateState::Failed };
            rig.lock.world_mut().observe(Observation::Firmware(update));
            rig.lock_by_button();
            rig
        },
        cause: Cause::UpdateFailed,
        confidence: Confidence::Likely,
        step: Some(Step::RetryUpdate),
    },
    Case {
        name: "sim-update-interrupted",
        fault: "the phone goes away while a new firmware arrives",
        inject: |mut rig| {
            let update = FirmwareHealth { version: 7, update: UpdateState::Receiving };
            rig.lock.world_mut().observe(Observation::Firmware(update));
            rig.lock_by_button();
            rig
        },
        cause: Cause::UpdateInterrupted,
        confidence: Confidence::Likely,
        step: Some(Step::RetryUpdate),
    },
];

fn saturdays() -> Window {
    let span =
        Span::Weekly { days: Weekdays(1 << 6), from: MinuteOfDay(8 * 60), until: MinuteOfDay(20 * 60) };
    Window { user: 0, span }
}

fn guest(rig: &mut Rig, user: User) {
    rig.set(Setting::SetUser { slot: 0, put: Put::Set, user: User { rule: CredentialRule::Single, ..user } });
    rig.set(Setting::SetCredential {
        slot: 1,
        put: Put::Set,
        user: Some(0),
        kind: CredentialKind::Pin,
        secret: Secret::Pin(pin("730164")),
    });
}
