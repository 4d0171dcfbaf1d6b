//! Tickets and their blocks: each bound of the format, before it, on it and past it.

use lock_proto::{Caveat, CaveatError, Caveats, Ticket, TicketError, encode_caveats};

/// A ticket with so long a root and such blocks.
fn ticket(root: usize, blocks: &[usize]) -> Vec<u8> {
    let mut bytes = vec![Ticket::FORMAT, root as u8];
    bytes.extend([0x11; 16]);
    bytes.extend(vec![0x22; root]);
    bytes.extend([0x33; 16]);
    for (number, length) in blocks.iter().enumerate() {
        bytes.push(*length as u8);
        bytes.extend(vec![0x40 + number as u8; *length]);
    }
    bytes
}

fn is_taken(bytes: &[u8]) -> bool {
    let taken = Ticket::parse(bytes);
    assert!(taken.is_ok() || taken == Err(TicketError));
    taken.is_ok()
}

#[test]
fn a_ticket_is_cut_into_its_parts() {
    let bytes = ticket(5, &[3, 1]);
    let parsed = Ticket::parse(&bytes).unwrap();
    assert_eq!((parsed.iv, parsed.root, parsed.tag), (&[0x11; 16], [0x22; 5].as_slice(), &[0x33; 16]));
    assert_eq!(parsed.blocks().collect::<Vec<_>>(), [[0x40; 3].as_slice(), &[0x41]]);
    assert_eq!(Ticket::parse(&ticket(5, &[])).unwrap().blocks().count(), 0);
}

#[test]
fn a_ticket_of_another_format_is_none() {
    for format in (0..=u8::MAX).filter(|format| *format != Ticket::FORMAT) {
        let mut bytes = ticket(5, &[]);
        bytes[0] = format;
        assert!(!is_taken(&bytes), "{format}");
    }
}

#[test]
fn a_root_is_neither_empty_nor_longer_than_the_longest() {
    for (length, taken) in [
        (0, false),
        (1, true),
        (Ticket::MAX_ROOT - 1, true),
        (Ticket::MAX_ROOT, true),
        (Ticket::MAX_ROOT + 1, false),
    ] {
        assert_eq!(is_taken(&ticket(length, &[])), taken, "{length} bytes");
    }
}

#[test]
fn a_block_is_neither_empty_nor_longer_than_the_longest() {
    for (length, taken) in [
        (0, false),
        (1, true),
        (Ticket::MAX_BLOCK - 1, true),
        (Ticket::MAX_BLOCK, true),
        (Ticket::MAX_BLOCK + 1, false),
    ] {
        assert_eq!(is_taken(&ticket(5, &[2, length])), taken, "{length} bytes");
    }
}

#[test]
fn four_blocks_are_taken_and_a_fifth_is_not() {
    for count in 0..=6 {
        assert_eq!(is_taken(&ticket(5, &vec![1; count])), count <= Ticket::MAX_BLOCKS, "{count} blocks");
    }
}

#[test]
fn a_ticket_that_ends_too_early_is_none() {
    let bytes = ticket(5, &[3]);
    let whole = [ticket(5, &[]).len(), bytes.len()];
    for length in 0..=bytes.len() {
        assert_eq!(is_taken(&bytes[..length]), whole.contains(&length), "{length} bytes");
    }
    assert!(!is_taken(&vec![Ticket::FORMAT; Ticket::MAX_BYTES + 1]));
}

#[test]
fn caveats_are_written_and_read_in_their_order_and_in_no_other() {
    let (once, depth) = (Caveat::SingleUse, Caveat::Depth(2));
    let mut block = [0; 8];
    let written = encode_caveats([once, depth], &mut block).unwrap().to_vec();
    assert_eq!(written, [8, 9, 2]);
    assert_eq!(Caveats::of(&written).collect::<Result<Vec<_>, _>>(), Ok(vec![once, depth]));
    for wrong in [[depth, once], [once, once]] {
        assert_eq!(encode_caveats(wrong, &mut block).err(), Some(CaveatError::OutOfOrder));
    }
    for wrong in [[9, 2, 8].as_slice(), &[8, 8]] {
        let read: Vec<_> = Caveats::of(wrong).collect();
        assert_eq!((read.len(), read[1]), (2, Err(CaveatError::OutOfOrder)));
    }
    assert_eq!(Caveats::of(&[8, 200, 8]).collect::<Vec<_>>(), [Ok(once), Err(CaveatError::Unknown)]);
}

#[test]
fn caveats_fill_a_block_to_its_last_byte_and_no_further() {
    for (room, fits) in [(2, false), (3, true), (4, true)] {
        let written = encode_caveats([Caveat::SingleUse, Caveat::Depth(2)], &mut vec![0; room])
            .map(|block| block.to_vec());
        assert_eq!(written, if fits { Ok(vec![8, 9, 2]) } else { Err(CaveatError::TooLong) }, "{room} bytes");
    }
}
