//! Section 1: headers and lengths.

use anyhow::Context;
use lock_core::proto::{
    Hello, Kind, MAX_PACKET, Message1, Packet, PacketError, Profile, Record, SealedPacket, Selector, Versions,
};

use crate::case::{Case, Fields, File, refusal};
use crate::world::counted;

pub(crate) fn file() -> anyhow::Result<File> {
    let mut cases = Vec::new();
    for (name, description, packet) in accepted()? {
        let parsed = Packet::parse(&packet)?;
        let fields = Fields::new().hex("packet", &packet).word("kind", &parsed.kind());
        cases.push(Case::new(name, description).with(fields.group("fields", fields_of(&parsed))));
    }
    for (name, description, packet) in refused()? {
        let error = refusal(Packet::parse(&packet))?;
        cases.push(
            Case::new(name, description).with(Fields::new().hex("packet", packet).text("error", error)),
        );
    }
    File::new(
        "packets.json",
        "1",
        "Headers. `packet`, `kind` and `fields`: a packet and what its header says. `packet` and `error`: to be dropped, and why.",
        cases,
    )
}

fn fields_of(packet: &Packet<'_>) -> Fields {
    match packet {
        Packet::HelloRequest => Fields::new(),
        Packet::Hello(hello) => {
            let bytes = hello.encode();
            Fields::new()
                .number("lowest", bytes[2])
                .number("highest", bytes[3])
                .word("profile", &hello.profile)
                .hex("handle", hello.handle)
                .hex("nonce", hello.nonce)
        }
        Packet::Message1(message) => Fields::new()
            .number("version", message.version)
            .word("selector", &message.selector)
            .hex("ticket", message.ticket)
            .hex("handshake", message.handshake),
        Packet::Message2(message) => Fields::new().hex("handshake", message.handshake),
        Packet::Record(Record { counter, header: _, ciphertext }) => {
            Fields::new().number("counter", *counter).hex("ciphertext", ciphertext)
        }
        Packet::SealedDown(sealed) | Packet::SealedUp(sealed) => {
            let SealedPacket { key_epoch, counter, random, header: _, ciphertext } = sealed;
            Fields::new()
                .number("key_epoch", *key_epoch)
                .number("counter", *counter)
                .hex("random", random)
                .hex("ciphertext", ciphertext)
        }
    }
}

/// A packet of this kind: its two bytes, and `length - 2` counted ones.
fn counted_packet(kind: Kind, length: usize) -> Vec<u8> {
    [kind.prefix().to_vec(), counted(0x10, length.saturating_sub(2))].concat()
}

fn message1(selector: Selector, ticket: usize, handshake: usize) -> Result<Vec<u8>, PacketError> {
    let (ticket, handshake) = (counted(0x80, ticket), counted(0x20, handshake));
    let message = Message1 { version: 1, selector, ticket: &ticket, handshake: &handshake };
    message.encode(&mut [0; MAX_PACKET]).map(|packet| packet.to_vec())
}

fn hello(profile: Profile, lowest: u8, highest: u8) -> anyhow::Result<Vec<u8>> {
    let hello = Hello {
        versions: Versions::new(lowest, highest).context("a range of versions is not empty")?,
        profile,
        handle: *b"\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7",
        nonce: *b"\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf",
    };
    Ok(hello.encode().to_vec())
}

type Packets = Vec<(&'static str, &'static str, Vec<u8>)>;

fn accepted() -> anyhow::Result<Packets> {
    Ok(vec![
        ("hello_request", "Asks for a Hello.", Packet::HELLO_REQUEST.to_vec()),
        ("hello_s", "A lock with profile S.", hello(Profile::S, 1, 1)?),
        ("hello_x", "A lock with profile X and a range of versions.", hello(Profile::X, 1, 255)?),
        ("message1_shortest", "Nonce and tag only.", message1(Selector::CloudCurrent, 0, 32)?),
        ("message1_longest_without_ticket", "128 bytes.", message1(Selector::CloudCurrent, 0, 122)?),
        ("message1_pending", "Under a prepared key epoch.", message1(Selector::CloudPending, 0, 48)?),
        ("message1_claim", "Of a claimer.", message1(Selector::Claim, 0, 64)?),
        ("message1_shortest_ticket", "A ticket of one byte.", message1(Selector::Ticket, 1, 40)?),
        ("message1_longest_ticket", "A ticket of 384 bytes.", message1(Selector::Ticket, 384, 40)?),
        ("message1_longest", "A ticket of 384 bytes in 512.", message1(Selector::Ticket, 384, 122)?),
        ("message2_shortest", "Nonce and tag only.", counted_packet(Kind::Message2, 34)),
        ("message2_longest", "512 bytes.", counted_packet(Kind::Message2, 512)),
        ("record_shortest", "An empty body.", counted_packet(Kind::Record, 26)),
        ("record_longest", "512 bytes.", counted_packet(Kind::Record, 512)),
        ("sealed_down_shortest", "An empty body.", counted_packet(Kind::SealedDown, 46)),
        ("sealed_down_longest", "512 bytes.", counted_packet(Kind::SealedDown, 512)),
        ("sealed_up_shortest", "An empty body.", counted_packet(Kind::SealedUp, 46)),
        ("sealed_up_longest", "512 bytes.", counted_packet(Kind::SealedUp, 512)),
    ])
}

fn refused() -> anyhow::Result<Packets> {
    let hello_bytes = hello(Profile::S, 1, 1)?;
    let changed = |packet: &[u8], place: usize, value: u8| {
        let mut packet = packet.to_vec();
        packet[place] = value;
        packet
    };
    let longer = |packet: Vec<u8>| [packet, vec![0]].concat();
    let shorter = |mut packet: Vec<u8>| {
        packet.pop();
        packet
    };
    let without_ticket = message1(Selector::CloudCurrent, 0, 32)?;
    let with_ticket = message1(Selector::Ticket, 384, 32)?;
    let ticket_of_385 = [vec![1, 3, 1, 2, 0x01, 0x81], counted(0, 385 + 32)].concat();
    Ok(vec![
        ("nothing", "An empty packet.", vec![]),
        ("one_byte", "A format without a kind.", vec![1]),
        ("format_0", "Another format.", vec![0, 1]),
        ("format_2", "Another format.", vec![2, 1]),
        ("kind_0", "No such kind.", vec![1, 0]),
        ("kind_8", "No such kind.", vec![1, 8]),
        ("kind_255", "No such kind.", vec![1, 255]),
        ("hello_request_of_3_bytes", "A HelloRequest carries nothing.", vec![1, 1, 0]),
        ("hello_of_28_bytes", "One byte is missing.", shorter(hello_bytes.clone())),
        ("hello_of_30_bytes", "One byte too many.", longer(hello_bytes.clone())),
        ("hello_profile_0", "No such profile.", changed(&hello_bytes, 4, 0)),
        ("hello_profile_3", "No such profile.", changed(&hello_bytes, 4, 3)),
        ("hello_empty_range", "The lowest version is above the highest.", changed(&hello_bytes, 2, 2)),
        ("message1_of_5_bytes", "The header is cut.", vec![1, 3, 1, 0, 0]),
        ("message1_of_37_bytes", "One byte of the tag is missing.", shorter(without_ticket.clone())),
        ("message1_selector_4", "No such selector.", changed(&without_ticket, 3, 4)),
        (
            "message1_of_129_bytes",
            "One byte too many without a ticket.",
            longer(message1(Selector::CloudCurrent, 0, 122)?),
        ),
        (
            "message1_claim_of_129_bytes",
            "One byte too many without a ticket.",
            longer(message1(Selector::Claim, 0, 122)?),
        ),
        ("message1_ticket_of_0_bytes", "The selector wants a ticket.", changed(&without_ticket, 3, 2)),
        ("message1_ticket_of_385_bytes", "The ticket is too long.", ticket_of_385),
        ("message1_ticket_unasked", "A ticket with the cloud's selector.", changed(&with_ticket, 3, 0)),
        ("message1_ticket_cut", "The ticket reaches past the end.", with_ticket[..200].to_vec()),
        ("message1_handshake_cut", "What follows the ticket is too short.", shorter(with_ticket.clone())),
        ("message1_of_513_bytes", "One byte too many.", longer(message1(Selector::Ticket, 384, 122)?)),
        ("message2_of_33_bytes", "One byte is missing.", counted_packet(Kind::Message2, 33)),
        ("message2_of_513_bytes", "One byte too many.", counted_packet(Kind::Message2, 513)),
        ("record_of_25_bytes", "One byte is missing.", counted_packet(Kind::Record, 25)),
        ("record_of_513_bytes", "One byte too many.", counted_packet(Kind::Record, 513)),
        ("sealed_down_of_45_bytes", "One byte is missing.", counted_packet(Kind::SealedDown, 45)),
        ("sealed_down_of_513_bytes", "One byte too many.", counted_packet(Kind::SealedDown, 513)),
        ("sealed_up_of_45_bytes", "One byte is missing.", counted_packet(Kind::SealedUp, 45)),
        ("sealed_up_of_513_bytes", "One byte too many.", counted_packet(Kind::SealedUp, 513)),
    ])
}
