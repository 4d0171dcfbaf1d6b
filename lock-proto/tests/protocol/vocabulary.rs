//! Numbers on the wire, PIN digits and the identity of actions.

use crate::messages::Message;
use crate::strategies;
use lock_proto::{
    Action, Alarm, BatteryLevel, BoltPosition, BootReason, Calibration, CodeClass, CodesSwitch, CommandId,
    CredentialKind, CredentialRule, CriticalBattery, DoorState, Down, DriveEnd, Fault, Latch, LatchPosition,
    Mode, Motion, Opening, Outcome, Part, PinDigits, PinDigitsError, Put, Reason, RefusalKind,
    RemoteAtUnknown, Reply, Report, ReportBody, Request, SealedReport, Secret, Setting, Sound, Supply, Table,
    Target, TestResult, TestStep, TokenId, TokenIdError, Transition, UnixMillis, UpdateState, Uptime,
    UserStatus, UtcOffset, Zone,
};
use proptest::prelude::*;

#[test]
fn every_reason_stands_at_its_number() {
    assert_eq!(Reason::ALL.len(), 53);
    for (number, reason) in (0_u8..).zip(Reason::ALL) {
        assert_eq!(reason.number(), number);
        assert_eq!(Reason::from_number(number), Some(reason));
        let receipt =
            SealedReport::Receipt { id: CommandId(0), outcome: Outcome::Refused(reason), configuration: 0 };
        assert_eq!(receipt.bytes(), [0, 0, 2, number, 0]);
    }
    let beyond = Reason::ALL.len() as u8;
    assert_eq!(Reason::from_number(beyond), None);
    assert_eq!(Reason::from_number(u8::MAX), None);
    assert!(SealedReport::decode(&[0, 0, 2, beyond, 0]).is_err());
}

#[test]
fn the_reasons_are_those_of_the_specification() {
    let names = Reason::ALL.map(|reason| format!("{reason:?}"));
    assert_eq!(
        names,
        [
            "Unsupported",
            "Expired",
            "ValidTooLong",
            "ClockNotTrusted",
            "IdConflict",
            "OutcomeUnknown",
            "IdTooFar",
            "StorageBusy",
            "StorageFault",
            "PositionUnknown",
            "LockedOut",
            "WrongCode",
            "NotPermitted",
            "StaleConfiguration",
            "InvalidArgument",
            "Moving",
            "DoorOpen",
            "BatteryCritical",
            "UserDisabled",
            "OutsideSchedule",
            "OutsideValidity",
            "NoAccess",
            "AlreadyUsed",
            "MoreCredentials",
            "RemoteOnly",
            "VacationMode",
            "PrivacyMode",
            "NoRemoteMode",
            "PassageMode",
            "Duplicate",
            "Occupied",
            "Vacant",
            "NoSuchSlot",
            "NoSuchUser",
            "UserInUse",
            "NoLatch",
            "Busy",
            "DoorNotClosed",
            "PresenceNeeded",
            "TicketRevoked",
            "TicketStale",
            "InvalidTicket",
            "TicketsFull",
            "SessionNeeded",
            "AnotherPinKey",
            "RollbackRefused",
            "WrongModel",
            "ImageTooLarge",
            "AlreadyRuns",
            "DigestMismatch",
            "UpdateNotReady",
            "UpdateUnderWay",
            "BatteryLow",
        ]
    );
}

#[test]
fn every_sentence_about_a_reason_is_its_own() {
    for reason in Reason::ALL {
        let same = Reason::ALL.into_iter().filter(|other| other.to_string() == reason.to_string());
        assert_eq!(same.count(), 1, "{reason:?}");
    }
}

#[test]
fn every_outcome_stands_at_its_number() {
    let outcomes = [
        Outcome::Started,
        Outcome::Done,
        Outcome::Refused(Reason::Unsupported),
        Outcome::Jammed,
        Outcome::TimedOut,
        Outcome::Superseded,
        Outcome::Interrupted,
        Outcome::NotExecuted,
    ];
    for (number, outcome) in (0_u8..).zip(outcomes) {
        let reply = Reply::Command { id: CommandId(0), outcome, repeat: true };
        let body = Report { uptime: Uptime::from_millis(0), body: ReportBody::Reply(reply) }.bytes();
        assert_eq!(body[..4], [0, 0, 1, 0]);
        assert_eq!(body[4], number);
        assert_eq!(body.last(), Some(&1));
    }
}

#[test]
fn a_pin_has_4_to_10_digits() {
    for (text, accepted) in [
        (&b"123"[..], false),
        (b"1234", true),
        (b"12345", true),
        (b"123456789", true),
        (b"1234567890", true),
        (b"12345678901", false),
        (b"", false),
        (b"12 4", false),
        (b"12345x", false),
        (b"123/", false),
        (b"123:", false),
        ("123٤".as_bytes(), false),
    ] {
        let digits = PinDigits::from_ascii(text);
        assert_eq!(digits.is_ok(), accepted, "{text:?}");
        match digits {
            Ok(digits) => assert_eq!(digits.as_ascii(), text),
            Err(error) => assert_eq!(error, PinDigitsError),
        }
    }
}

#[test]
fn a_pin_is_never_printed() {
    let digits = PinDigits::from_ascii(b"271828").unwrap();
    let action = Action::Configure { version: 1, setting: Setting::pin(0, digits) };
    assert!(!format!("{action:?}").contains("27"));
}

/// The encoding of an action as it stands at the end of a command.
fn encoded(action: &Action) -> Vec<u8> {
    let request = Request::Command { id: CommandId(0), action: action.clone() };
    Down { header: Opening { time: None }, request }.bytes().split_off(3)
}

#[test]
fn the_identifier_of_a_token_has_1_to_16_bytes_and_is_never_printed() {
    for (length, accepted) in [(0, false), (1, true), (16, true), (17, false)] {
        let id = TokenId::from_bytes(&vec![0x5a; length]);
        assert_eq!(id.is_ok(), accepted, "{length}");
        match id {
            Ok(id) => assert_eq!(id.as_bytes(), vec![0x5a; length]),
            Err(error) => assert_eq!(error, TokenIdError),
        }
    }
    let secret = Secret::Token(TokenId::from_bytes(b"secret").unwrap());
    assert_eq!(format!("{secret:?}"), "Token(TokenId(..))");
}

#[test]
fn the_digits_of_a_pin_and_their_number_are_not_in_the_identity_of_an_action() {
    let set = |digits| {
        let digits = PinDigits::from_ascii(digits).unwrap();
        Action::Configure { version: 300, setting: Setting::pin(5, digits) }
    };
    for digits in [&b"1234"[..], b"9999", b"0123456789"] {
        let identity = [2, 0xac, 2, 9, 5, 2, 0, 1, 0];
        assert_eq!(set(digits).identity(&mut [0; Action::MAX_IDENTITY]), identity);
    }
}

#[test]
fn the_bytes_of_a_secret_do_not_stay_in_the_buffer_of_an_identity() {
    let digits = PinDigits::from_ascii(b"7777777777").unwrap();
    let mut buffer = [0; Action::MAX_IDENTITY];
    let _ = Action::Configure { version: 1, setting: Setting::pin(0, digits) }.identity(&mut buffer);
    assert!(!buffer.contains(&b'7'));
}

#[test]
fn the_numbers_of_every_choice_are_those_of_the_specification() {
    fn names<const N: usize, T: core::fmt::Debug>(all: [T; N]) -> String {
        all.map(|member| format!("{member:?}")).join(" ")
    }
    for (is, said) in [
        (names(BoltPosition::ALL), "Unknown Extended Retracted Between"),
        (names(LatchPosition::ALL), "Unknown Engaged Held"),
        (names(Target::ALL), "None Locked Unlocked Unlatched"),
        (
            names(Motion::ALL),
            "Still Extending Retracting Unlatching HoldingLatch Releasing Relieving Pausing",
        ),
        (names(DoorState::ALL), "Unknown Open Closed Ajar Forced Faulty"),
        (names(Fault::ALL), "None Jammed MotorTimeout ClutchFailed BoltSensor"),
        (names(Calibration::ALL), "Needed Running Done Failed"),
        (names(Mode::ALL), "Normal Vacation Privacy NoRemote Passage"),
        (
            names(Alarm::ALL),
            "Jammed WrongCodeLimit Forced BatteryLow StorageCorrupt DoorAjar Tamper Duress FactoryReset \
             RadioReset BatteryCritical BatteryDrain ClockLost LogNearlyFull ClutchFailed SensorFault \
             UpdateFailed UpdateRolledBack",
        ),
        (names(CredentialKind::ALL), "ProgrammingPin Pin Rfid Fingerprint FingerVein Face Fob VirtualKey"),
        (names(UserStatus::ALL), "Enabled Disabled"),
        (names(CredentialRule::ALL), "Single Dual Tri"),
        (names(Put::ALL), "Add Replace Set"),
        (names(Table::ALL), "Settings Users Credentials Windows Holidays"),
        (names(Latch::ALL), "None Unsensed Sensed"),
        (names(CriticalBattery::ALL), "FailSecure FailSafe"),
        (names(RemoteAtUnknown::ALL), "Refuse Permit"),
        (names(Sound::ALL), "Normal Quiet"),
        (names(Supply::ALL), "Alkaline Lithium NiMh Mains"),
        (names(CodesSwitch::ALL), "Off On"),
        (
            names(CodeClass::ALL),
            "Once OneHour TwoHours FourHours TwelveHours OneDay TwoDays ThreeDays OneWeek TwoWeeks FourWeeks",
        ),
        (names(BootReason::ALL), "Unknown PowerOn BrownOut Watchdog Software Update ResetPin"),
        (names(BatteryLevel::ALL), "Unknown Good Low Critical"),
        (names(DriveEnd::ALL), "Arrived Stalled TimedOut Superseded"),
        (names(Part::ALL), "Unknown Good Silent Contradictory"),
        (names(RefusalKind::ALL), "WrongCode LockedOut User Schedule Mode Clock Mechanism Rights"),
        (names(UpdateState::ALL), "None Receiving Ready Trial Failed RolledBack"),
        (names(TestStep::ALL), "MotorOut MotorBack DoorSensor Calibration Radio Clock"),
        (names(TestResult::ALL), "NotRun Passed Failed"),
    ] {
        assert_eq!(is, said);
    }
}

#[test]
fn the_longest_identity_is_as_long_as_it_may_be() {
    let transition = Transition { at: UnixMillis(u64::MAX), offset: UtcOffset(i16::MIN) };
    let zone = Zone { offset: UtcOffset(i16::MIN), transitions: [Some(transition); Zone::TRANSITIONS] };
    let action = Action::Configure { version: u32::MAX, setting: Setting::Zone(zone) };
    assert_eq!(action.identity(&mut [0; Action::MAX_IDENTITY]).len(), Action::MAX_IDENTITY);
}

proptest! {
    #[test]
    fn the_identity_is_the_encoding_without_the_secret(action in strategies::action()) {
        let whole = encoded(&action);
        let secret = if let Action::Configure { setting: Setting::SetCredential { secret, .. }, .. } = &action {
            1 + secret.as_bytes().len()
        } else if let Action::Configure { setting: Setting::RestoreCredential { .. }, .. } = action {
            16
        } else if let Action::AdoptPinKey(_) = action {
            32
        } else {
            0
        };
        let mut buffer = [0; Action::MAX_IDENTITY];
        prop_assert_eq!(action.identity(&mut buffer), &whole[..whole.len() - secret]);
    }

    #[test]
    fn every_pin_survives_the_wire(digits in strategies::digits()) {
        let text = digits.as_ascii().to_vec();
        let bytes = encoded(&Action::Configure { version: 0, setting: Setting::pin(0, digits) });
        prop_assert_eq!(&bytes[9..], &text[..]);
        prop_assert_eq!(usize::from(bytes[8]), text.len());
    }
}
