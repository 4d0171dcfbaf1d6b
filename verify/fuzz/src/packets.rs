//! Packets, and the parts of tickets: what is taken is made of its parts again, byte for byte.

use lock_proto::{
    Caveat, Caveats, Kind, MAX_PACKET, Packet, RECORD_HEADER, Record, SEALED_HEADER, SealedPacket, Ticket,
    encode_caveats,
};

pub(crate) fn take(bytes: &[u8]) {
    if let Ok(packet) = Packet::parse(bytes) {
        assert!(bytes.len() <= MAX_PACKET);
        assert_eq!(written(&packet), bytes, "{packet:?}");
    }
    if let Ok(ticket) = Ticket::parse(bytes) {
        ticket_again(&ticket, bytes);
    }
    caveats_again(bytes);
}

fn written(packet: &Packet<'_>) -> Vec<u8> {
    match packet {
        Packet::HelloRequest => Packet::HELLO_REQUEST.to_vec(),
        Packet::Hello(hello) => hello.encode().to_vec(),
        Packet::Message1(message) => {
            message.encode(&mut [0; MAX_PACKET]).expect("what was parsed can be written").to_vec()
        }
        Packet::Message2(message) => [&Kind::Message2.prefix(), message.handshake].concat(),
        Packet::Record(record) => record_again(record),
        Packet::SealedDown(sealed) => sealed_again(Kind::SealedDown, sealed),
        Packet::SealedUp(sealed) => sealed_again(Kind::SealedUp, sealed),
    }
}

fn record_again(record: &Record<'_>) -> Vec<u8> {
    let header = [&Kind::Record.prefix()[..], &record.counter.to_be_bytes()].concat();
    assert_eq!((header.len(), header.as_slice()), (RECORD_HEADER, record.header));
    [&header, record.ciphertext].concat()
}

fn sealed_again(kind: Kind, sealed: &SealedPacket<'_>) -> Vec<u8> {
    let SealedPacket { key_epoch, counter, random, header, ciphertext } = sealed;
    let again =
        [&kind.prefix()[..], &key_epoch.to_be_bytes(), &counter.to_be_bytes(), random.as_slice()].concat();
    assert_eq!((again.len(), again.as_slice()), (SEALED_HEADER, *header));
    [&again, *ciphertext].concat()
}

fn ticket_again(ticket: &Ticket<'_>, bytes: &[u8]) {
    let length = u8::try_from(ticket.root.len()).expect("a root has at most 255 bytes");
    let mut again = [&[Ticket::FORMAT, length][..], ticket.iv, ticket.root, ticket.tag].concat();
    let blocks: Vec<_> = ticket.blocks().collect();
    assert!(blocks.len() <= Ticket::MAX_BLOCKS && bytes.len() <= Ticket::MAX_BYTES);
    for block in blocks {
        again.push(u8::try_from(block.len()).expect("a block has at most 255 bytes"));
        again.extend(block);
        caveats_again(block);
    }
    assert_eq!(again, bytes);
}

/// The caveats of a block come in order, none twice, and make the same block again.
fn caveats_again(block: &[u8]) {
    let Ok(caveats) = Caveats::of(block).collect::<Result<Vec<Caveat>, _>>() else { return };
    assert!(caveats.is_sorted_by(|before, behind| before.number() < behind.number()));
    let mut again = vec![0; block.len()];
    assert_eq!(encode_caveats(caveats, &mut again).as_deref(), Ok(block));
}
