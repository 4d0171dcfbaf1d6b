//! Section 7: one encoding for each value, and what becomes of any other bytes.

use crate::messages::Message;
use crate::strategies;
use lock_proto::{
    Action, Answer, CommandId, DecodeError, Down, Live, LogEntry, Opening, Report, Request, Sealed,
    SealedReport,
};
use proptest::prelude::*;

fn survives<M: Message>(message: &M) -> Result<(), TestCaseError> {
    let bytes = message.bytes();
    prop_assert!(bytes.len() <= M::LONGEST, "{} bytes of at most {}", bytes.len(), M::LONGEST);
    prop_assert_eq!(&M::read(&bytes).unwrap(), message);
    prop_assert!(message.write(&mut vec![0; bytes.len() - 1]).is_err());
    for length in 0..bytes.len() {
        prop_assert!(M::read(&bytes[..length]).is_err(), "cut to {} bytes", length);
    }
    prop_assert_eq!(M::read(&[bytes.as_slice(), &[0]].concat()), Err(DecodeError::Malformed));
    Ok(())
}

fn reads_canonically<M: Message>(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(message) = M::read(bytes) {
        prop_assert_eq!(message.bytes(), bytes);
    }
    Ok(())
}

fn read_canonically_by_all(bytes: &[u8]) -> Result<(), TestCaseError> {
    reads_canonically::<Down<Opening>>(bytes)?;
    reads_canonically::<Down<Live>>(bytes)?;
    reads_canonically::<Down<Sealed>>(bytes)?;
    reads_canonically::<Answer>(bytes)?;
    reads_canonically::<Report>(bytes)?;
    reads_canonically::<SealedReport>(bytes)?;
    reads_canonically::<LogEntry>(bytes)
}

/// `bytes` with the last byte of the varint that ends at `place` written with one byte more than it needs.
fn lengthened(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut long = bytes.to_vec();
    long[place] |= 0x80;
    long.insert(place + 1, 0);
    long
}

proptest! {
    #[test]
    fn every_message_survives_the_wire_and_never_exceeds_its_length(
        opening in strategies::opening(), live in strategies::live(), sealed in strategies::sealed(),
        answer in strategies::answer(), report in strategies::report(), sealed_report in strategies::sealed_report(),
        log_entry in strategies::log_entry(),
    ) {
        survives(&opening)?;
        survives(&live)?;
        survives(&sealed)?;
        survives(&answer)?;
        survives(&report)?;
        survives(&sealed_report)?;
        survives(&log_entry)?;
    }

    #[test]
    fn accepted_noise_encodes_to_itself(bytes in prop::collection::vec(any::<u8>(), 0..=400)) {
        read_canonically_by_all(&bytes)?;
    }

    #[test]
    fn accepted_small_numbers_encode_to_themselves(bytes in prop::collection::vec(0_u8..=4, 0..=60)) {
        read_canonically_by_all(&bytes)?;
    }

    #[test]
    fn an_accepted_message_with_a_changed_byte_encodes_to_itself(
        answer in strategies::answer(), place in any::<prop::sample::Index>(), value in any::<u8>(),
    ) {
        let mut bytes = answer.bytes();
        let place = place.index(bytes.len());
        bytes[place] = value;
        reads_canonically::<Answer>(&bytes)?;
    }

    #[test]
    fn a_number_with_a_needless_byte_is_malformed(
        live in strategies::live(), answer in strategies::answer(), place in any::<prop::sample::Index>(),
    ) {
        let bytes = live.bytes();
        let ends: Vec<_> = (0..bytes.len()).filter(|place| bytes[*place] < 0x80).collect();
        let long = lengthened(&bytes, ends[place.index(ends.len())]);
        prop_assert!(Down::<Live>::read(&long) != Ok(live));
        let bytes = answer.bytes();
        let ends: Vec<_> = (0..bytes.len()).filter(|place| bytes[*place] < 0x80).collect();
        let long = lengthened(&bytes, ends[place.index(ends.len())]);
        prop_assert!(Answer::read(&long) != Ok(answer));
    }

    #[test]
    fn an_unknown_action_is_refused_by_its_id(
        id in any::<u64>(), number in 100_u8..=127, rest in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let known = Request::Command { id: CommandId(id), action: Action::Lock };
        let header = Live { valid_until: lock_proto::Uptime::from_millis(9) };
        let mut bytes = Down { header, request: known }.bytes();
        *bytes.last_mut().unwrap() = number;
        bytes.extend(rest);
        prop_assert_eq!(
            Down::<Live>::read(&bytes),
            Err(DecodeError::UnknownAction { id: CommandId(id) })
        );
    }
}

const UNKNOWN: Result<Down<Opening>, DecodeError> = Err(DecodeError::UnknownAction { id: CommandId(7) });
const MALFORMED: Result<Down<Opening>, DecodeError> = Err(DecodeError::Malformed);

#[test]
fn an_unknown_setting_is_refused_by_the_id_of_its_command() {
    assert!(Down::<Opening>::decode(&[0, 1, 7, 2, 5, 11, 1, 2, 9]).is_ok());
    assert_eq!(Down::<Opening>::decode(&[0, 1, 7, 2, 5, 13]), UNKNOWN);
    assert_eq!(Down::<Opening>::decode(&[0, 1, 7, 2, 5, 13, 9, 9]), UNKNOWN);
    assert_eq!(Down::<Opening>::decode(&[0, 1, 7, 2, 5]), MALFORMED);
}

#[test]
fn an_action_number_may_be_of_several_bytes_in_its_one_encoding() {
    assert_eq!(Down::<Opening>::decode(&[0, 1, 7, 0x80, 1]), UNKNOWN);
    assert_eq!(Down::<Opening>::decode(&[0, 1, 7, 0xff, 0xff, 0xff, 0xff, 0x0f]), UNKNOWN);
    for malformed in [&[0x80][..], &[0x80, 0], &[0x8a, 0], &[0xff, 0xff, 0xff, 0xff, 0x1f]] {
        assert_eq!(Down::<Opening>::decode(&[&[0, 1, 7], malformed].concat()), MALFORMED, "{malformed:?}");
    }
}

#[test]
fn a_command_that_is_malformed_before_its_action_has_no_id() {
    for malformed in [
        &[][..],
        &[0],
        &[0, 1],
        &[0, 1, 7],
        &[0, 1, 0x87, 0, 10],
        &[2, 1, 7, 10],
        &[1, 0x80, 0, 1, 7, 10],
        &[0, 3, 7, 10],
        &[0, 0x81, 0, 7, 10],
    ] {
        assert_eq!(Down::<Opening>::decode(malformed), MALFORMED, "{malformed:?}");
    }
}

#[test]
fn a_known_action_with_bytes_left_over_or_missing_is_malformed() {
    for malformed in [
        &[0, 1, 7, 0, 0][..],
        &[0, 1, 7, 1, 0],
        &[0, 1, 7, 2, 0x85, 0, 0, 9],
        &[0, 1, 7, 2, 5, 0x80, 0, 9],
        &[0, 1, 7, 2, 5, 10, 2, 9, 9],
        &[0, 1, 7, 2, 5, 10, 5, 9],
        &[0, 1, 7, 2, 5, 9, 9, 0, 0, 1, 0, 3, b'1', b'2', b'3'],
        &[0, 1, 7, 2, 5, 9, 9, 0, 0, 1, 0, 4, b'1', b'2', b'3', b'x'],
        &[0, 1, 7, 2, 5, 9, 9, 0, 0, 2, 1, 0],
    ] {
        assert_eq!(Down::<Opening>::decode(malformed), MALFORMED, "{malformed:?}");
    }
}
