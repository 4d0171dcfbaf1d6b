//! What an append costs, and what is left for quiet times.

use embedded_storage::nor_flash::NorFlash;
use lock_store::host::MemoryFlash;
use lock_store::{AppendError, IdleStep, Journal, MAX_PAYLOAD};

use crate::world::payload;

fn formatted<const ERASE: usize>(sectors: usize) -> MemoryFlash<8, ERASE> {
    let mut flash = MemoryFlash::new(sectors);
    Journal::format(&mut flash).unwrap();
    flash
}

#[test]
fn an_append_with_room_programs_one_record_and_erases_nothing() {
    let mut flash = formatted::<4096>(2);
    for (length, programs, bytes) in [(0, 2, 16), (48, 2, 64), (56, 2, 72), (57, 3, 80), (512, 10, 528)] {
        let before = flash.counters();
        Journal::mount(&mut flash).unwrap().append(4, &payload(length, length)).unwrap();
        let after = flash.counters();
        assert_eq!(after.programs - before.programs, programs, "program calls for {length} bytes");
        assert_eq!(after.bytes_programmed - before.bytes_programmed, bytes, "bytes for {length} bytes");
        assert_eq!(after.erases, before.erases);
    }
}

#[test]
fn no_append_ever_erases_and_two_sectors_without_idle_work_end_in_busy() {
    let mut flash = formatted::<1024>(2);
    let erases = flash.counters().erases;
    let mut journal = Journal::mount(&mut flash).unwrap();
    let mut appended = 0;
    let refusal = loop {
        match journal.append(1, &payload(appended, 40)) {
            Ok(()) => appended += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refusal, AppendError::Busy), "{refusal}");
    // A sector has 1024 - 5 words of 8 bytes; a record takes 8 + 48: 17 fit, in each of two sectors.
    assert_eq!(appended, 34);
    assert!(journal.needs_idle_work());
    assert_eq!(journal.idle_work().unwrap(), IdleStep::ErasedSector);
    journal.append(1, &payload(appended, 40)).unwrap();
    assert_eq!(flash.counters().erases, erases + 1);
}

#[test]
fn idle_work_moves_the_records_before_the_sector_is_full_so_that_an_append_stays_one_record() {
    let mut flash = formatted::<1024>(2);
    let mut journal = Journal::mount(&mut flash).unwrap();
    for number in 0..200 {
        while journal.needs_idle_work() {
            journal.idle_work().unwrap();
        }
        let before = journal.into_flash().counters().programs;
        journal = Journal::mount(&mut flash).unwrap();
        journal.append((number % 3) as u8, &payload(number, 40)).unwrap();
        let flash_again = journal.into_flash();
        assert_eq!(flash_again.counters().programs - before, 2, "append {number}");
        journal = Journal::mount(&mut flash).unwrap();
    }
}

#[test]
fn idle_work_without_need_does_nothing() {
    let mut flash = formatted::<1024>(2);
    let mut journal = Journal::mount(&mut flash).unwrap();
    assert!(!journal.needs_idle_work());
    assert_eq!(journal.idle_work().unwrap(), IdleStep::Nothing);
}

#[test]
fn all_sectors_take_turns() {
    let mut flash = formatted::<1024>(4);
    let mut last_used = [0; 4];
    for number in 0..1700 {
        let mut journal = Journal::mount(&mut flash).unwrap();
        journal.append(0, &payload(number, 40)).unwrap();
        while journal.needs_idle_work() {
            journal.idle_work().unwrap();
        }
        for (sector, last_used) in flash.bytes().chunks(1024).zip(&mut last_used) {
            if sector[8..16] != [0xFF; 8] {
                *last_used = number;
            }
        }
    }
    // 16 or 17 appends a sector: about 100 switches, one erase each, beside the 4 of the format.
    let erases = flash.counters().erases;
    assert!((104..=120).contains(&erases), "{erases} erases");
    assert!(
        last_used.iter().all(|number| *number > 1600),
        "each was used in the last 100 appends: {last_used:?}"
    );
}

#[test]
fn a_sector_of_every_size_from_one_to_128_kibibytes_holds_a_journal() {
    fn try_size<const WRITE: usize, const ERASE: usize>() {
        let mut flash = MemoryFlash::<WRITE, ERASE>::new(2);
        Journal::format(&mut flash).unwrap();
        let mut journal = Journal::mount(&mut flash).unwrap();
        let appends = 2 * ERASE / 500;
        for number in 0..appends {
            journal.append((number % 2) as u8, &payload(number, [3, 300][number % 2])).unwrap();
            while journal.needs_idle_work() {
                journal.idle_work().unwrap();
            }
        }
        let mut buffer = [0; MAX_PAYLOAD];
        let length =
            Journal::mount(&mut flash).unwrap().read(((appends - 1) % 2) as u8, &mut buffer).unwrap();
        assert_eq!(&buffer[..length.unwrap()], payload(appends - 1, [3, 300][(appends - 1) % 2]));
        assert_eq!(<MemoryFlash<WRITE, ERASE> as NorFlash>::ERASE_SIZE, ERASE);
    }
    try_size::<1, 1024>();
    try_size::<4, 2048>();
    try_size::<8, 4096>();
    try_size::<8, { 32 * 1024 }>();
    try_size::<4, { 128 * 1024 }>();
}
