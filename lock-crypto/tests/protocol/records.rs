//! Records of a session: order, replay, limits.

use crate::common::{RECORD, seal, sessions};
use lock_crypto::record::{MAX_FAILURES, MAX_RECORDS};
use lock_crypto::{Channel, Delivery, RecordError, SealError, Session, StaleCommand};

/// Opens a packet, and checks that a failure leaves no trace in it.
fn open(session: &mut Session, packet: &[u8]) -> Result<Vec<u8>, RecordError> {
    let mut buffer = packet.to_vec();
    match session.open_record(&mut buffer) {
        Ok(body) => Ok(body.into_inner().to_vec()),
        Err(error) => {
            assert_eq!(buffer, packet, "a failed open changed the packet");
            Err(error)
        }
    }
}

#[test]
fn a_session_is_small() {
    let size = size_of::<Session>();
    println!("a session has {size} bytes");
    assert!(size <= 200, "{size} bytes");
}

#[test]
fn records_flow_both_ways_and_name_their_sender() {
    let (mut cloud, mut lock) = sessions(Delivery::Ordered);
    for round in 0..3_u8 {
        assert_eq!(open(&mut lock, &seal(&mut cloud, &[round; 7])).unwrap(), [round; 7]);
        assert_eq!(open(&mut cloud, &seal(&mut lock, &[round; 200])).unwrap(), [round; 200]);
    }
    let mut packet = seal(&mut cloud, b"");
    assert_eq!(lock.open_record(&mut packet).unwrap().channel(), Channel::LiveCloud);
    let mut packet = seal(&mut lock, b"");
    assert_eq!(cloud.open_record(&mut packet).unwrap().channel(), Channel::LiveLock);
}

#[test]
fn an_ordered_link_takes_exactly_the_next_record() {
    let (mut cloud, mut lock) = sessions(Delivery::Ordered);
    let packets: Vec<_> = (0..4_u8).map(|body| seal(&mut cloud, &[body])).collect();
    assert_eq!(open(&mut lock, &packets[1]), Err(RecordError::UnexpectedCounter));
    assert_eq!(open(&mut lock, &packets[0]), Ok(vec![0]));
    assert_eq!(open(&mut lock, &packets[0]), Err(RecordError::UnexpectedCounter));
    assert_eq!(open(&mut lock, &packets[2]), Err(RecordError::UnexpectedCounter));
    assert_eq!(open(&mut lock, &packets[1]), Ok(vec![1]));
    assert_eq!(open(&mut lock, &packets[2]), Ok(vec![2]));
}

#[test]
fn a_datagram_link_takes_each_record_once_in_any_order_within_the_window() {
    let (mut cloud, mut lock) = sessions(Delivery::Datagram);
    let packets: Vec<_> = (0..130_u8).map(|body| seal(&mut cloud, &[body])).collect();
    assert_eq!(open(&mut lock, &packets[128]), Ok(vec![128]));
    assert_eq!(open(&mut lock, &packets[0]), Err(RecordError::UnexpectedCounter), "128 below the newest");
    assert_eq!(open(&mut lock, &packets[1]), Ok(vec![1]), "127 below the newest");
    assert_eq!(open(&mut lock, &packets[1]), Err(RecordError::UnexpectedCounter));
    assert_eq!(open(&mut lock, &packets[129]), Ok(vec![129]));
    assert_eq!(open(&mut lock, &packets[127]), Ok(vec![127]));
}

#[test]
fn a_record_with_any_bit_flipped_is_refused_and_the_true_one_still_opens() {
    let (mut cloud, _) = sessions(Delivery::Ordered);
    let packet = seal(&mut cloud, b"unlock");
    for bit in 0..packet.len() * 8 {
        for delivery in [Delivery::Ordered, Delivery::Datagram] {
            let (_, mut lock) = sessions(delivery);
            let mut altered = packet.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&mut lock, &altered).is_err(), "bit {bit}, {delivery:?}");
            assert_eq!((lock.failures(), lock.has_ended()), (1, false));
            assert_eq!(open(&mut lock, &packet).unwrap(), b"unlock");
        }
    }
}

#[test]
fn a_truncated_or_extended_record_is_refused() {
    let (mut cloud, _) = sessions(Delivery::Ordered);
    let packet = seal(&mut cloud, b"unlock");
    for length in 0..packet.len() {
        let (_, mut lock) = sessions(Delivery::Ordered);
        let expected = if length < 26 { RecordError::TooShort } else { RecordError::Forged };
        assert_eq!(open(&mut lock, &packet[..length]), Err(expected), "{length} bytes");
        assert_eq!(lock.failures(), u8::from(length >= 26), "what is no record is no failure");
    }
    let (_, mut lock) = sessions(Delivery::Ordered);
    assert_eq!(open(&mut lock, &[packet.as_slice(), &[0]].concat()), Err(RecordError::Forged));
}

#[test]
fn a_record_reflected_to_its_sender_is_refused() {
    let (mut cloud, mut lock) = sessions(Delivery::Ordered);
    let down = seal(&mut cloud, b"unlock");
    assert_eq!(open(&mut cloud, &down), Err(RecordError::Forged));
    let up = seal(&mut lock, b"unlocked");
    assert_eq!(open(&mut lock, &up), Err(RecordError::Forged));
}

#[test]
fn the_eighth_failure_ends_the_session_for_both_directions() {
    let (mut cloud, mut lock) = sessions(Delivery::Ordered);
    let mut forged = seal(&mut cloud, b"unlock");
    let genuine = forged.clone();
    forged[25] ^= 1;
    for failure in 1..MAX_FAILURES {
        assert_eq!(open(&mut lock, &forged), Err(RecordError::Forged));
        assert_eq!((lock.failures(), lock.has_ended()), (failure, false));
    }
    assert_eq!(open(&mut lock, &forged), Err(RecordError::Forged), "the eighth");
    assert!(lock.has_ended());
    assert_eq!(open(&mut lock, &genuine), Err(RecordError::SessionEnded));
    assert_eq!(lock.seal_record(RECORD, &mut [0; 26], 0), Err(SealError::SessionEnded));
}

#[test]
fn a_session_with_seven_failures_still_serves() {
    let (mut cloud, mut lock) = sessions(Delivery::Ordered);
    let genuine = seal(&mut cloud, b"unlock");
    let mut forged = genuine.clone();
    forged[25] ^= 1;
    (1..MAX_FAILURES).for_each(|_| assert_eq!(open(&mut lock, &forged), Err(RecordError::Forged)));
    assert_eq!(open(&mut lock, &genuine).unwrap(), b"unlock");
    assert_eq!(lock.failures(), MAX_FAILURES - 1, "a record that opens takes no failure back");
}

#[test]
fn record_65_536_is_the_last_of_its_direction_and_ends_the_session() {
    for delivery in [Delivery::Ordered, Delivery::Datagram] {
        let (mut cloud, mut lock) = sessions(delivery);
        for _ in 0..MAX_RECORDS - 1 {
            let mut packet = [0; 27];
            cloud.seal_record(RECORD, &mut packet, 1).unwrap();
            let _ = lock.open_record(&mut packet).unwrap();
        }
        assert_eq!((cloud.has_ended(), lock.has_ended()), (false, false));
        let last = seal(&mut cloud, b"last");
        assert!(cloud.has_ended(), "its keys are used up");
        assert_eq!(open(&mut lock, &last).unwrap(), b"last");
        assert!(lock.has_ended());

        let mut packet = [0xEE; 26];
        assert_eq!(cloud.seal_record(RECORD, &mut packet, 0), Err(SealError::SessionEnded));
        assert_eq!(packet, [0xEE; 26]);
        assert_eq!(open(&mut lock, &last), Err(RecordError::SessionEnded));
    }
}

#[test]
fn a_counter_past_the_limit_is_refused_without_being_opened() {
    for counter in [MAX_RECORDS, u64::MAX - 1, u64::MAX] {
        let (mut cloud, mut lock) = sessions(Delivery::Datagram);
        let mut packet = seal(&mut cloud, b"unlock");
        packet[2..10].copy_from_slice(&counter.to_be_bytes());
        assert_eq!(open(&mut lock, &packet), Err(RecordError::UnexpectedCounter));
        packet[2..10].copy_from_slice(&(MAX_RECORDS - 1).to_be_bytes());
        assert_eq!(open(&mut lock, &packet), Err(RecordError::Forged));
    }
}

#[test]
fn a_buffer_that_is_one_byte_short_is_refused_and_burns_no_counter() {
    let (mut cloud, mut lock) = sessions(Delivery::Ordered);
    let mut packet = [0xEE; 28];
    let needed = 29;
    assert_eq!(cloud.seal_record(RECORD, &mut packet, 3), Err(SealError::BufferTooSmall { needed }));
    assert_eq!(packet, [0xEE; 28]);
    let needed = usize::MAX;
    assert_eq!(cloud.seal_record(RECORD, &mut packet, usize::MAX), Err(SealError::BufferTooSmall { needed }));
    assert_eq!(cloud.seal_record(RECORD, &mut packet, 2), Ok(28));
    assert_eq!(open(&mut lock, &packet).unwrap(), [0xEE; 2]);
}

#[test]
fn a_command_is_newer_than_the_last_command_on_every_link() {
    let (mut cloud, mut lock) = sessions(Delivery::Datagram);
    assert_eq!(lock.accept_command(), Err(StaleCommand), "nothing has opened");
    let packets: Vec<_> = (0..4_u8).map(|body| seal(&mut cloud, &[body])).collect();
    open(&mut lock, &packets[2]).unwrap();
    assert_eq!(lock.accept_command(), Ok(()));
    assert_eq!(lock.accept_command(), Err(StaleCommand), "two commands in one record");
    open(&mut lock, &packets[1]).unwrap();
    assert_eq!(lock.accept_command(), Err(StaleCommand), "held back by the relay");
    open(&mut lock, &packets[3]).unwrap();
    assert_eq!(lock.accept_command(), Ok(()));
}

#[test]
fn an_ended_session_neither_seals_nor_opens() {
    let (mut cloud, mut lock) = sessions(Delivery::Ordered);
    let packet = seal(&mut cloud, b"unlock");
    lock.end();
    assert_eq!(open(&mut lock, &packet), Err(RecordError::SessionEnded));
    assert_eq!(lock.seal_record(RECORD, &mut [0; 64], 1), Err(SealError::SessionEnded));
    assert_eq!(lock.accept_command(), Err(StaleCommand));
}
