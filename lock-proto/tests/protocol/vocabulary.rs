//! Numbers on the wire, PIN digits and the identity of actions.

use crate::messages::Message;
use crate::strategies;
use lock_proto::{
    Action, CommandId, Down, Opening, Outcome, PinDigits, PinDigitsError, Reason, Reply, Report, ReportBody,
    Request, SealedReport, Seconds, Setting, Uptime,
};
use proptest::prelude::*;

#[test]
fn every_reason_stands_at_its_number() {
    assert_eq!(Reason::ALL.len(), 18);
    for (number, reason) in (0_u8..).zip(Reason::ALL) {
        assert_eq!(reason.number(), number);
        assert_eq!(Reason::from_number(number), Some(reason));
        let receipt =
            SealedReport::Receipt { id: CommandId(0), outcome: Outcome::Refused(reason), configuration: 0 };
        assert_eq!(receipt.bytes(), [0, 0, 2, number, 0]);
    }
    assert_eq!(Reason::from_number(18), None);
    assert_eq!(Reason::from_number(u8::MAX), None);
    assert!(SealedReport::decode(&[0, 0, 2, 18, 0]).is_err());
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
    let action = Action::Configure { version: 1, setting: Setting::SetPin { slot: 0, digits } };
    assert!(!format!("{action:?}").contains("27"));
}

/// The encoding of an action as it stands at the end of a command.
fn encoded(action: &Action) -> Vec<u8> {
    let request = Request::Command { id: CommandId(0), action: action.clone() };
    Down { header: Opening { time: None }, request }.bytes().split_off(3)
}

#[test]
fn the_digits_of_a_pin_and_their_number_are_not_in_the_identity_of_an_action() {
    let set = |digits| {
        let digits = PinDigits::from_ascii(digits).unwrap();
        Action::Configure { version: 300, setting: Setting::SetPin { slot: 5, digits } }
    };
    for digits in [&b"1234"[..], b"9999", b"0123456789"] {
        assert_eq!(set(digits).identity(&mut [0; Action::MAX_IDENTITY]), [2, 0xac, 2, 1, 5]);
    }
}

#[test]
fn the_longest_identity_is_as_long_as_it_may_be() {
    let setting = Setting::AutoRelock(Seconds(u32::MAX));
    let action = Action::Configure { version: u32::MAX, setting };
    assert_eq!(action.identity(&mut [0; Action::MAX_IDENTITY]).len(), Action::MAX_IDENTITY);
}

proptest! {
    #[test]
    fn the_identity_is_the_encoding_without_the_digits(action in strategies::action()) {
        let whole = encoded(&action);
        let secret = match &action {
            Action::Configure { setting: Setting::SetPin { digits, .. }, .. } => 1 + digits.as_ascii().len(),
            Action::Lock | Action::Unlock | Action::Configure { .. } => 0,
        };
        let mut buffer = [0; Action::MAX_IDENTITY];
        prop_assert_eq!(action.identity(&mut buffer), &whole[..whole.len() - secret]);
    }

    #[test]
    fn every_pin_survives_the_wire(digits in strategies::digits()) {
        let text = digits.as_ascii().to_vec();
        let bytes = encoded(&Action::Configure { version: 0, setting: Setting::SetPin { slot: 0, digits } });
        prop_assert_eq!(&bytes[5..], &text[..]);
        prop_assert_eq!(usize::from(bytes[4]), text.len());
    }
}
