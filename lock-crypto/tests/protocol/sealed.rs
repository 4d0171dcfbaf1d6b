//! Sealed messages under a relay that alters, cuts, extends and reflects.

use crate::common::leaves;
use lock_crypto::{
    BufferTooSmall, Channel, Direction, KeyEpoch, OpenError, RustCrypto, SealedHeader, open_sealed,
    seal_sealed,
};

fn header(counter: u64) -> SealedHeader {
    SealedHeader { prefix: [1, 6], key_epoch: KeyEpoch::FIRST, counter, random: [9; 16] }
}

fn seal(direction: Direction, header: &SealedHeader, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; 30 + body.len() + 16];
    packet[30..30 + body.len()].copy_from_slice(body);
    assert_eq!(
        seal_sealed::<RustCrypto>(&leaves(1), direction, header, &mut packet, body.len()),
        Ok(packet.len())
    );
    packet
}

/// Opens a packet, and checks that a failure leaves no trace in it.
fn open(seed: u8, direction: Direction, packet: &[u8]) -> Result<(u64, Vec<u8>, Channel), OpenError> {
    let mut buffer = packet.to_vec();
    match open_sealed::<RustCrypto>(&leaves(seed), direction, &mut buffer) {
        Ok(message) => Ok((message.get().counter, message.get().body.to_vec(), message.channel())),
        Err(error) => {
            assert_eq!(buffer, packet, "a failed open changed the packet");
            Err(error)
        }
    }
}

#[test]
fn a_sealed_message_carries_counter_body_and_origin() {
    for counter in [1, u64::MAX] {
        let down = seal(Direction::Down, &header(counter), b"later");
        assert_eq!(open(1, Direction::Down, &down), Ok((counter, b"later".to_vec(), Channel::SealedCloud)));
        let up = seal(Direction::Up, &header(counter), b"");
        assert_eq!(open(1, Direction::Up, &up), Ok((counter, vec![], Channel::SealedLock)));
    }
}

#[test]
fn a_sealed_message_with_any_bit_flipped_does_not_open() {
    let packet = seal(Direction::Down, &header(5), b"later");
    for bit in 0..packet.len() * 8 {
        let mut altered = packet.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(1, Direction::Down, &altered), Err(OpenError), "bit {bit}");
    }
}

#[test]
fn a_truncated_or_extended_sealed_message_does_not_open() {
    let packet = seal(Direction::Down, &header(5), b"later");
    for length in 0..packet.len() {
        assert_eq!(open(1, Direction::Down, &packet[..length]), Err(OpenError), "{length} bytes");
    }
    assert_eq!(open(1, Direction::Down, &[packet.as_slice(), &[0]].concat()), Err(OpenError));
}

#[test]
fn a_sealed_message_does_not_open_on_the_side_that_sealed_it_or_at_another_lock() {
    let packet = seal(Direction::Down, &header(5), b"later");
    assert_eq!(open(1, Direction::Up, &packet), Err(OpenError));
    assert_eq!(open(2, Direction::Down, &packet), Err(OpenError));
    let packet = seal(Direction::Up, &header(5), b"later");
    assert_eq!(open(1, Direction::Down, &packet), Err(OpenError));
}

#[test]
fn either_the_counter_or_the_random_field_makes_another_ciphertext() {
    let body = |header| seal(Direction::Down, &header, b"the same words")[30..].to_vec();
    let first = body(header(5));
    assert_eq!(first, body(header(5)));
    assert_ne!(first, body(header(6)));
    for byte in 0..16 {
        let mut random = [9; 16];
        random[byte] ^= 1;
        assert_ne!(first, body(SealedHeader { random, ..header(5) }), "byte {byte} of the random field");
    }
}

#[test]
fn a_buffer_that_is_one_byte_short_is_refused_and_left_alone() {
    let mut packet = [0xEE; 50];
    let mut seal = |body_length| {
        seal_sealed::<RustCrypto>(&leaves(1), Direction::Up, &header(1), &mut packet, body_length)
    };
    assert_eq!(seal(5), Err(BufferTooSmall { needed: 51 }));
    assert_eq!(seal(usize::MAX), Err(BufferTooSmall { needed: usize::MAX }));
    assert_eq!(seal(4), Ok(50));
    assert_eq!(open(1, Direction::Up, &packet).unwrap().1, [0xEE; 4]);
}
