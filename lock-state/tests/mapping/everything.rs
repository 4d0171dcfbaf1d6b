//! All values of the choices that have fields, and any status.

use lock_proto::{
    Action, BatteryFact, BoltPosition, Calibration, Cause, ClockFact, CodeClass, CredentialKind, DoorState,
    Fact, Fault, LatchPosition, Mode, Motion, Outcome, PowerSupply, QuarterHours, Reason, Seconds, Setting,
    Status, Target, UserKind,
};
use proptest::prelude::*;

pub(crate) const USER_KINDS: [UserKind; 11] = [
    UserKind::Unrestricted,
    UserKind::YearDay,
    UserKind::WeekDay,
    UserKind::Programming,
    UserKind::NonAccess,
    UserKind::Forced,
    UserKind::Disposable,
    UserKind::Expiring { minutes: 90 },
    UserKind::ScheduleRestricted,
    UserKind::RemoteOnly,
    UserKind::Holiday,
];

pub(crate) fn causes() -> Vec<Cause> {
    let credentials = CredentialKind::ALL.map(|kind| Cause::Credential { kind, slot: 3, user: Some(1) });
    let mut causes = vec![
        Cause::Unknown,
        Cause::Boot,
        Cause::RemoteLive,
        Cause::RemoteSealed,
        Cause::VirtualKey,
        Cause::Manual,
        Cause::AutoRelock,
        Cause::Mechanism,
        Cause::Button,
        Cause::Schedule,
        Cause::Battery,
        Cause::Reset,
        Cause::OfflineCode { class: CodeClass::Once, start: QuarterHours(2_000_000) },
    ];
    causes.extend(credentials);
    causes
}

pub(crate) fn actions() -> [Action; 10] {
    [
        Action::Lock,
        Action::Unlock,
        Action::Configure { version: 1, setting: Setting::PowerSupply(PowerSupply::default()) },
        Action::Unlatch,
        Action::UnlockFor { delay: Seconds(60) },
        Action::LockNGo,
        Action::SetMode(Mode::Normal),
        Action::Calibrate,
        Action::SelfTest,
        Action::EndLockout,
    ]
}

pub(crate) fn outcomes() -> Vec<Outcome> {
    let mut outcomes = vec![
        Outcome::Started,
        Outcome::Done,
        Outcome::Jammed,
        Outcome::TimedOut,
        Outcome::Superseded,
        Outcome::Interrupted,
        Outcome::NotExecuted,
    ];
    outcomes.extend(Reason::ALL.map(Outcome::Refused));
    outcomes
}

/// The name of a value as the code writes it, without its fields.
pub(crate) fn name(value: &impl core::fmt::Debug) -> String {
    let whole = format!("{value:?}");
    whole.split([' ', '(']).next().unwrap().to_owned()
}

pub(crate) fn cause_name(cause: Cause) -> String {
    if let Cause::Credential { kind, .. } = cause { format!("Credential ({kind:?})") } else { name(&cause) }
}

pub(crate) fn fact<T>(value: T) -> Fact<T> {
    Fact { value, cause: Cause::Unknown, age: Seconds(0), sequence: 0 }
}

/// A bolt that rests there, a closed door, and nothing wrong.
pub(crate) fn at(bolt: BoltPosition) -> Status {
    Status {
        bolt: fact(bolt),
        latch: fact(LatchPosition::Engaged),
        door: fact(DoorState::Closed),
        calibration: fact(Calibration::Done),
        ..Status::default()
    }
}

fn any_of<T: Copy + core::fmt::Debug + 'static, const N: usize>(
    all: [T; N],
) -> impl Strategy<Value = Fact<T>> {
    prop::sample::select(all.to_vec()).prop_map(fact)
}

pub(crate) fn any_status() -> impl Strategy<Value = Status> {
    (
        any_of(BoltPosition::ALL),
        any_of(LatchPosition::ALL),
        any_of(Target::ALL),
        any_of(Motion::ALL),
        any_of(DoorState::ALL),
        any_of(Calibration::ALL),
        // Nothing wrong, as often as anything.
        prop_oneof![Just(fact(Fault::None)), any_of(Fault::ALL)],
        any_of(Mode::ALL),
        any::<Option<u32>>(),
        any::<Option<u8>>(),
    )
        .prop_map(|(bolt, latch, target, motion, door, calibration, fault, mode, relock, percent)| {
            Status {
                bolt,
                latch,
                target,
                motion: motion.value,
                door,
                calibration,
                fault,
                mode,
                relock_in: relock.map(Seconds),
                battery: percent.map(|percent| BatteryFact {
                    resting: lock_proto::Millivolts(5_000),
                    percent: Some(percent),
                    age: Seconds(0),
                }),
                clock: ClockFact::Unset,
                ..Status::default()
            }
        })
}
