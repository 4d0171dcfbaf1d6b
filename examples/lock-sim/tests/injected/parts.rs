//! Sensors, keypad, radio, firmware.

use lock_core::crypto::Delivery;
use lock_core::device::LinkId;
use lock_core::proto::{BootReason, Dbm, FirmwareHealth, Millivolts, Part, UpdateState};
use lock_core::state::power::Mains;
use lock_core::state::{Observation, PartKind, TamperContact};
use lock_diagnosis::{Cause, Confidence, Step};
use lock_sim::hardware::Wiring;

use super::Case;

pub(super) const CASES: [Case; 13] = [
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
