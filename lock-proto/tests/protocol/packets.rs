//! Section 1: headers and lengths.

use lock_proto::{
    Hello, Kind, MAX_PACKET, MAX_TICKET, Message1, Packet, PacketError, Profile, Selector, Versions,
};
use proptest::prelude::*;

fn zeros(kind: Kind, length: usize) -> Vec<u8> {
    let mut packet = vec![0; length];
    packet.iter_mut().zip(kind.prefix()).for_each(|(to, from)| *to = from);
    packet
}

fn hello() -> Hello {
    let versions = Versions::new(1, 3).unwrap();
    Hello { versions, profile: Profile::X, handle: [0xAB; 8], nonce: [0xCD; 16] }
}

fn error(packet: &[u8]) -> Option<PacketError> {
    Packet::parse(packet).err()
}

#[test]
fn a_packet_has_two_bytes_at_least_and_512_at_most() {
    assert_eq!(error(&[]), Some(PacketError::TooShort));
    assert_eq!(error(&[1]), Some(PacketError::TooShort));
    assert_eq!(error(&[1, 1]), None);
    for (length, expected) in [(511, None), (512, None), (513, Some(PacketError::TooLong))] {
        for kind in [Kind::Message2, Kind::Record, Kind::SealedDown, Kind::SealedUp] {
            assert_eq!(error(&zeros(kind, length)), expected, "{kind:?} {length}");
        }
    }
}

#[test]
fn another_format_or_kind_is_refused() {
    for format in (0..=u8::MAX).filter(|format| *format != 1) {
        assert_eq!(error(&[format, 1]), Some(PacketError::UnknownFormat));
    }
    for kind in (0..=u8::MAX).filter(|kind| !(1..=7).contains(kind)) {
        assert_eq!(error(&[1, kind]), Some(PacketError::UnknownKind));
    }
}

#[test]
fn a_hello_request_is_two_bytes() {
    assert_eq!(Packet::HELLO_REQUEST, [1, 1]);
    assert_eq!(Packet::parse(&[1, 1]), Ok(Packet::HelloRequest));
    assert_eq!(error(&[1, 1, 0]), Some(PacketError::TooLong));
}

#[test]
fn a_hello_is_29_bytes() {
    let packet = hello().encode();
    assert_eq!(packet.len(), 29);
    assert_eq!(packet[..5], [1, 2, 1, 3, 2]);
    assert_eq!(Packet::parse(&packet), Ok(Packet::Hello(hello())));
    assert_eq!(error(&packet[..28]), Some(PacketError::TooShort));
    assert_eq!(error(&[packet.as_slice(), &[0]].concat()), Some(PacketError::TooLong));
}

#[test]
fn a_hello_with_an_unknown_profile_or_an_empty_range_of_versions_is_refused() {
    for (offset, value, expected) in [
        (2, 3, None),
        (2, 4, Some(PacketError::BadField)),
        (4, 0, Some(PacketError::BadField)),
        (4, 1, None),
        (4, 3, Some(PacketError::BadField)),
    ] {
        let mut packet = hello().encode();
        packet[offset] = value;
        assert_eq!(error(&packet), expected, "byte {offset} is {value}");
    }
}

#[test]
fn the_best_common_version_is_the_highest_that_both_speak() {
    let range = |lowest, highest| Versions::new(lowest, highest).unwrap();
    assert_eq!(range(1, 3).best_with(range(2, 5)), Some(3));
    assert_eq!(range(2, 5).best_with(range(1, 3)), Some(3));
    assert_eq!(range(1, 1).best_with(range(1, 1)), Some(1));
    assert_eq!(range(1, 2).best_with(range(3, 4)), None);
    assert_eq!(range(3, 4).best_with(range(1, 2)), None);
    assert_eq!(Versions::new(2, 1), None);
}

fn message1(selector: Selector, ticket: usize, handshake: usize) -> Result<usize, PacketError> {
    let (ticket, handshake) = (vec![7; ticket], vec![9; handshake]);
    let message = Message1 { version: 1, selector, ticket: &ticket, handshake: &handshake };
    let mut buffer = [0; MAX_PACKET + 8];
    let packet = message.encode(&mut buffer)?;
    assert_eq!(Packet::parse(packet), Ok(Packet::Message1(message)));
    Ok(packet.len())
}

/// The same packet with no regard to the rules, for the reader's side of each bound.
fn raw_message1(selector: u8, ticket: usize, handshake: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(ticket).unwrap().to_be_bytes();
    [vec![1, 3, 1, selector, high, low], vec![7; ticket], vec![9; handshake]].concat()
}

#[test]
fn a_message1_without_a_ticket_is_38_to_128_bytes() {
    for selector in [Selector::CloudCurrent, Selector::CloudPending, Selector::Claim] {
        for (handshake, expected) in [
            (31, Err(PacketError::TooShort)),
            (32, Ok(38)),
            (33, Ok(39)),
            (121, Ok(127)),
            (122, Ok(128)),
            (123, Err(PacketError::TooLong)),
        ] {
            assert_eq!(message1(selector, 0, handshake), expected);
            assert_eq!(error(&raw_message1(selector as u8, 0, handshake)), expected.err());
        }
    }
}

#[test]
fn a_ticket_is_1_to_384_bytes_and_only_with_its_selector() {
    for (ticket, expected) in [
        (0, Err(PacketError::BadField)),
        (1, Ok(39)),
        (MAX_TICKET - 1, Ok(421)),
        (MAX_TICKET, Ok(422)),
        (MAX_TICKET + 1, Err(PacketError::BadField)),
    ] {
        assert_eq!(message1(Selector::Ticket, ticket, 32), expected);
        assert_eq!(error(&raw_message1(Selector::Ticket as u8, ticket, 32)), expected.err());
    }
    for selector in [Selector::CloudCurrent, Selector::CloudPending, Selector::Claim] {
        assert_eq!(message1(selector, 1, 32), Err(PacketError::BadField));
        assert_eq!(error(&raw_message1(selector as u8, 1, 32)), Some(PacketError::BadField));
    }
}

#[test]
fn a_message1_with_a_ticket_is_at_most_512_bytes() {
    for (handshake, expected) in [(121, Ok(511)), (122, Ok(512)), (123, Err(PacketError::TooLong))] {
        assert_eq!(message1(Selector::Ticket, MAX_TICKET, handshake), expected);
        assert_eq!(error(&raw_message1(Selector::Ticket as u8, MAX_TICKET, handshake)), expected.err());
    }
}

#[test]
fn a_message1_with_an_unknown_selector_or_a_ticket_beyond_its_end_is_refused() {
    assert_eq!(error(&raw_message1(4, 0, 32)), Some(PacketError::BadField));
    let mut packet = raw_message1(2, 8, 32);
    packet[5] = 41;
    assert_eq!(error(&packet), Some(PacketError::TooShort));
    for length in 2..6 {
        assert_eq!(error(&packet[..length]), Some(PacketError::TooShort));
    }
}

#[test]
fn a_message1_does_not_fit_a_buffer_that_is_one_byte_short() {
    let message = Message1 { version: 1, selector: Selector::Claim, ticket: &[], handshake: &[9; 32] };
    assert_eq!(message.encode(&mut [0; 37]), Err(PacketError::BufferTooShort));
    assert!(message.encode(&mut [0; 38]).is_ok());
}

#[test]
fn sealed_kinds_hold_their_header_and_a_tag_at_least() {
    for (kind, least) in
        [(Kind::Message2, 34), (Kind::Record, 26), (Kind::SealedDown, 46), (Kind::SealedUp, 46)]
    {
        assert_eq!(error(&zeros(kind, least - 1)), Some(PacketError::TooShort), "{kind:?}");
        assert_eq!(Packet::parse(&zeros(kind, least)).map(|packet| packet.kind()), Ok(kind));
        assert_eq!(Packet::parse(&zeros(kind, least + 1)).map(|packet| packet.kind()), Ok(kind));
    }
}

/// Writes a parsed packet again, from its fields alone.
fn rewritten(packet: Packet<'_>) -> Vec<u8> {
    let prefix = packet.kind().prefix();
    match packet {
        Packet::HelloRequest => Packet::HELLO_REQUEST.to_vec(),
        Packet::Hello(hello) => hello.encode().to_vec(),
        Packet::Message1(message) => message.encode(&mut [0; MAX_PACKET]).unwrap().to_vec(),
        Packet::Message2(message) => [prefix.as_slice(), message.handshake].concat(),
        Packet::Record(record) => {
            let written = [prefix.as_slice(), &record.counter.to_be_bytes(), record.ciphertext].concat();
            assert_eq!(written[..10], *record.header);
            written
        }
        Packet::SealedDown(sealed) | Packet::SealedUp(sealed) => {
            let (epoch, counter) = (sealed.key_epoch.to_be_bytes(), sealed.counter.to_be_bytes());
            let written = [prefix.as_slice(), &epoch, &counter, &sealed.random, sealed.ciphertext].concat();
            assert_eq!(written[..30], *sealed.header);
            written
        }
    }
}

/// Bytes that are a packet more often than noise is.
fn almost_a_packet() -> impl Strategy<Value = Vec<u8>> {
    let ticket = prop_oneof![Just([0, 0]), (0_u8..=1, any::<u8>()).prop_map(|(high, low)| [high, low])];
    let start = (0_u8..=8, 0_u8..=5, 0_u8..=5, ticket)
        .prop_map(|(kind, third, fourth, [high, low])| vec![1, kind, third, fourth, high, low]);
    let rest = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..=60),
        prop::collection::vec(any::<u8>(), 0..=520),
        prop::collection::vec(0_u8..=3, 23),
    ];
    (start, rest).prop_map(|(start, rest)| [start, rest].concat())
}

proptest! {
    #[test]
    fn what_parses_is_written_again_as_the_same_bytes(bytes in almost_a_packet()) {
        if let Ok(packet) = Packet::parse(&bytes) {
            prop_assert_eq!(rewritten(packet), bytes);
        }
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..=600)) {
        if let Ok(packet) = Packet::parse(&bytes) {
            prop_assert_eq!(rewritten(packet), bytes);
        }
    }

    #[test]
    fn a_hello_survives_the_wire(
        versions in any::<(u8, u8)>(), handle in any::<[u8; 8]>(), nonce in any::<[u8; 16]>(), with_x in any::<bool>(),
    ) {
        let versions = Versions::new(versions.0.min(versions.1), versions.0.max(versions.1)).unwrap();
        let profile = if with_x { Profile::X } else { Profile::S };
        let hello = Hello { versions, profile, handle, nonce };
        let packet = hello.encode();
        prop_assert_eq!(Packet::parse(&packet), Ok(Packet::Hello(hello)));
    }

    #[test]
    fn a_message1_survives_the_wire(
        version in any::<u8>(),
        ticket in prop::collection::vec(any::<u8>(), 1..=MAX_TICKET),
        handshake in prop::collection::vec(any::<u8>(), 32..=122),
    ) {
        let mut buffer = [0; MAX_PACKET];
        let message = Message1 { version, selector: Selector::Ticket, ticket: &ticket, handshake: &handshake };
        prop_assert_eq!(Packet::parse(message.encode(&mut buffer).unwrap()), Ok(Packet::Message1(message)));
        let message = Message1 { version, selector: Selector::CloudPending, ticket: &[], handshake: &handshake };
        prop_assert_eq!(Packet::parse(message.encode(&mut buffer).unwrap()), Ok(Packet::Message1(message)));
    }
}
