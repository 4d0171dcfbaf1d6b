//! Before each bound, on it, past it.

use lock_store::host::MemoryFlash;
use lock_store::{AppendError, FormatError, Journal, MAX_PAYLOAD, MountError, ReadError};

use crate::world::payload;

fn formatted() -> MemoryFlash<4, 4096> {
    let mut flash = MemoryFlash::new(2);
    Journal::format(&mut flash).unwrap();
    flash
}

#[test]
fn a_payload_of_511_or_512_bytes_is_kept_and_one_of_513_is_refused() {
    let mut flash = formatted();
    let mut journal = Journal::mount(&mut flash).unwrap();
    let mut buffer = [0; MAX_PAYLOAD];
    for length in [511, 512] {
        journal.append(0, &payload(length, length)).unwrap();
        assert_eq!(journal.read(0, &mut buffer).unwrap(), Some(length));
        assert_eq!(&buffer[..length], payload(length, length));
    }
    let refusal = journal.append(0, &payload(513, 513)).unwrap_err();
    assert!(matches!(refusal, AppendError::TooLong { length: 513 }));
    let refusal = journal.append(0, &vec![0; 70_000]).unwrap_err();
    assert!(matches!(refusal, AppendError::TooLong { length: 70_000 }));
    assert_eq!(journal.read(0, &mut buffer).unwrap(), Some(512));
}

#[test]
fn values_that_a_journal_has_room_for_fit_together_and_one_byte_more_is_full() {
    let mut flash = formatted();
    let mut journal = Journal::mount(&mut flash).unwrap();
    // 4,096 bytes without five marks of 8; a record is its payload and 16 bytes.
    let mut lengths = [512; 8];
    lengths[7] = 4096 - 40 - 7 * (512 + 16) - 16;
    assert!(journal.has_room_for(lengths));
    for round in 0..3 {
        for (tag, length) in (0..).zip(lengths) {
            journal.append(tag, &payload(round, length)).unwrap();
            while journal.needs_idle_work() {
                journal.idle_work().unwrap();
            }
        }
    }
    lengths[7] += 1;
    assert!(!journal.has_room_for(lengths));
    assert!(matches!(journal.append(7, &payload(0, lengths[7])), Err(AppendError::Full)));
    assert!(!journal.has_room_for([513]));
}

#[test]
fn an_empty_payload_is_a_value() {
    let mut flash = formatted();
    let mut journal = Journal::mount(&mut flash).unwrap();
    assert_eq!(journal.read(5, &mut []).unwrap(), None);
    journal.append(5, &[]).unwrap();
    assert_eq!(journal.read(5, &mut []).unwrap(), Some(0));
    assert_eq!(Journal::mount(&mut flash).unwrap().read(5, &mut []).unwrap(), Some(0));
}

#[test]
fn the_last_tag_exists_and_the_next_does_not() {
    const LAST: u8 = lock_store::TAGS as u8 - 1;
    let mut flash = formatted();
    let mut journal = Journal::mount(&mut flash).unwrap();
    journal.append(LAST, b"last").unwrap();
    assert_eq!(journal.read(LAST, &mut [0; 4]).unwrap(), Some(4));
    assert_eq!(journal.read(LAST - 1, &mut [0; 4]).unwrap(), None);
    assert!(
        matches!(journal.append(LAST + 1, b"none"), Err(AppendError::UnknownTag { tag }) if tag == LAST + 1)
    );
    assert!(
        matches!(journal.read(LAST + 1, &mut [0; 4]), Err(ReadError::UnknownTag { tag }) if tag == LAST + 1)
    );
}

#[test]
fn a_buffer_one_byte_too_short_is_refused_untouched_and_one_byte_too_long_keeps_that_byte() {
    let mut flash = formatted();
    let mut journal = Journal::mount(&mut flash).unwrap();
    journal.append(1, b"four").unwrap();
    let mut short = [7; 3];
    assert!(matches!(journal.read(1, &mut short), Err(ReadError::BufferTooSmall { needed: 4 })));
    assert_eq!(short, [7; 3]);
    let mut long = [7; 5];
    assert_eq!(journal.read(1, &mut long).unwrap(), Some(4));
    assert_eq!(&long, b"four\x07");
}

#[test]
fn a_blank_flash_is_unformatted_and_one_sector_is_not_enough() {
    let mut flash = MemoryFlash::<4, 4096>::new(2);
    assert!(matches!(Journal::mount(&mut flash), Err(MountError::Unformatted)));
    let mut small = MemoryFlash::<4, 4096>::new(1);
    assert!(matches!(Journal::format(&mut small), Err(FormatError::Geometry(_))));
    assert!(matches!(Journal::mount(&mut small), Err(MountError::Geometry(_))));
    let mut large = MemoryFlash::<4, 4096>::new(33);
    assert!(matches!(Journal::format(&mut large), Err(FormatError::Geometry(_))));
}

#[test]
fn a_format_that_is_cut_in_any_byte_can_be_told_from_damage() {
    let mut cuts = 0;
    for bytes in 0.. {
        let mut flash = MemoryFlash::<4, 4096>::new(3);
        flash.power_cut_after(bytes);
        let is_done = Journal::format(&mut flash).is_ok();
        flash.power_on();
        match Journal::mount(&mut flash) {
            Ok(mut journal) => assert_eq!(journal.read(0, &mut [0; 512]).unwrap(), None),
            Err(error) => {
                assert!(matches!(error, MountError::Unformatted), "cut after {bytes} bytes: {error}");
            }
        }
        if is_done {
            break;
        }
        cuts += 1;
        Journal::format(&mut flash).unwrap();
        assert!(Journal::mount(&mut flash).is_ok(), "cut after {bytes} bytes");
    }
    assert!(cuts > 64, "{cuts} cuts");
}

#[test]
fn a_journal_that_lost_the_number_of_its_sector_is_corrupt_with_and_without_records() {
    for records in [0, 1] {
        let mut flash = MemoryFlash::<4, 4096>::new(3);
        let mut journal = Journal::format(&mut flash).unwrap();
        for tag in 0..records {
            journal.append(tag, b"a value").unwrap();
        }
        flash.flip_bit(9, 0);
        let mounted = Journal::mount(&mut flash);
        assert!(matches!(mounted, Err(MountError::Corrupt(_))), "{records} records");
    }
}

#[test]
fn a_flash_that_holds_something_else_is_corrupt_not_unformatted() {
    let mut flash = MemoryFlash::<4, 4096>::new(2);
    flash.flip_bit(5000, 3);
    assert!(matches!(Journal::mount(&mut flash), Err(MountError::Corrupt(_))));
}

#[test]
fn records_that_exceed_a_sector_together_are_refused_and_nothing_is_written() {
    // 1024 bytes: 984 for records, of which one with 512 bytes takes 528 and one with 440 bytes takes 456.
    let mut flash = MemoryFlash::<8, 1024>::new(2);
    let mut journal = Journal::format(&mut flash).unwrap();
    journal.append(0, &payload(0, 512)).unwrap();
    assert!(matches!(journal.append(1, &payload(1, 441)), Err(AppendError::Full)));
    journal.append(1, &payload(1, 440)).unwrap();
    assert!(matches!(journal.append(2, &[]), Err(AppendError::Full)));
    let programmed = journal.into_flash().counters().bytes_programmed;
    let mut journal = Journal::mount(&mut flash).unwrap();
    assert!(matches!(journal.append(2, &[]), Err(AppendError::Full)));
    assert_eq!(journal.read(2, &mut []).unwrap(), None);
    assert_eq!(flash.counters().bytes_programmed, programmed);
}

#[test]
fn a_journal_of_another_layout_is_not_taken_for_ones_own() {
    let mut flash = formatted();
    let mut other = MemoryFlash::<8, 4096>::from_bytes(flash.bytes().to_vec()).unwrap();
    assert!(Journal::mount(&mut flash).is_ok());
    assert!(matches!(Journal::mount(&mut other), Err(MountError::Corrupt(_))));
}

#[test]
fn formatting_again_forgets_everything() {
    let mut flash = formatted();
    Journal::mount(&mut flash).unwrap().append(0, b"old").unwrap();
    Journal::format(&mut flash).unwrap();
    assert_eq!(Journal::mount(&mut flash).unwrap().read(0, &mut [0; 3]).unwrap(), None);
}
