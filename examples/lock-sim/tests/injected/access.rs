//! Codes, modes, clock.

use lock_core::proto::{
    Action, BootReason, CredentialKind, CredentialRule, MinuteOfDay, Mode, Put, Secret, Setting, Span, User,
    UserKind, UserStatus, Weekdays, Window,
};
use lock_diagnosis::{Cause, Confidence, Step};

use super::Case;
use crate::{Rig, pin};

pub(super) const CASES: [Case; 9] = [
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
