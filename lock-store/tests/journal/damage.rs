//! Bits that change, and flash that holds anything at all.

use lock_store::host::{MemoryFlash, ProgramDamage};
use lock_store::{AppendError, Damage, Journal, MAX_PAYLOAD, MountError};
use proptest::prelude::*;

use crate::world::{End, Values, append, payload, values};

pub(crate) type Flash = MemoryFlash<8, 1024>;

pub(crate) const WORD: usize = 8;
pub(crate) const RECORDS: usize = 4 * WORD;

/// Three tags in the first sector, one of them written twice: records of 40, 24, 40 and 40 bytes.
pub(crate) fn filled() -> (Flash, Values) {
    let mut flash = Flash::new(2);
    let mut journal = Journal::format(&mut flash).unwrap();
    journal.append(0, &payload(1, 20)).unwrap();
    journal.append(1, &payload(2, 8)).unwrap();
    journal.append(0, &payload(3, 20)).unwrap();
    journal.append(2, &payload(4, 24)).unwrap();
    let values = values(&mut journal);
    (flash, values)
}

#[test]
fn no_single_flipped_bit_ever_shows_an_older_value() {
    let (flash, expected) = filled();
    let mut errors = 0;
    for offset in 0..flash.bytes().len() {
        for bit in 0..8 {
            let mut damaged = flash.clone();
            damaged.flip_bit(offset, bit);
            match Journal::mount(&mut damaged) {
                Ok(mut journal) => assert_eq!(values(&mut journal), expected, "bit {bit} of byte {offset}"),
                Err(MountError::Corrupt(_)) => errors += 1,
                Err(error) => panic!("bit {bit} of byte {offset}: {error}"),
            }
        }
    }
    assert!(errors > 1000, "{errors} flips were noticed");
}

#[test]
fn any_flipped_bit_of_a_committed_header_or_payload_is_an_error() {
    let (flash, _) = filled();
    // Mark, header, payload of each record; what fills it up is not committed data.
    let mut start = RECORDS;
    for payload in [20, 8, 20, 24] {
        for offset in start + WORD..start + WORD + 8 + payload {
            for bit in 0..8 {
                let mut damaged = flash.clone();
                damaged.flip_bit(offset, bit);
                assert!(matches!(Journal::mount(&mut damaged), Err(MountError::Corrupt(_))), "byte {offset}");
            }
        }
        start += WORD + (8 + payload).next_multiple_of(WORD);
    }
}

#[test]
fn a_damaged_mark_of_a_record_that_others_follow_is_an_error() {
    let (mut flash, _) = filled();
    flash.flip_bit(RECORDS, 0);
    let Err(MountError::Corrupt(corruption)) = Journal::mount(&mut flash) else { panic!("mounted") };
    assert_eq!(corruption.damage, Damage::RecordMark);
    assert_eq!((corruption.sector, corruption.offset), (0, RECORDS as u32));
}

#[test]
fn a_mark_that_vanished_from_a_record_that_others_follow_is_an_error() {
    let (flash, _) = filled();
    let mut bytes = flash.bytes().to_vec();
    bytes[RECORDS..RECORDS + WORD].fill(0xFF);
    let mut damaged = Flash::from_bytes(bytes).unwrap();
    assert!(matches!(Journal::mount(&mut damaged), Err(MountError::Corrupt(_))));
}

#[test]
fn a_damaged_head_of_the_newest_sector_never_brings_back_the_sector_before() {
    let (mut flash, _) = filled();
    let mut journal = Journal::mount(&mut flash).unwrap();
    for number in 10..35 {
        journal.append(0, &payload(number, 20)).unwrap(); // 20 of them fit, the others go to the next sector
    }
    let expected = values(&mut journal);
    assert_eq!(&flash.bytes()[3 * WORD..4 * WORD], b"lkCLOSED", "the first sector is closed");
    for offset in 1024..1024 + RECORDS {
        for bit in 0..8 {
            let mut damaged = flash.clone();
            damaged.flip_bit(offset, bit);
            if let Ok(mut journal) = Journal::mount(&mut damaged) {
                assert_eq!(values(&mut journal), expected, "bit {bit} of byte {offset}");
            }
        }
    }
    let mut bytes = flash.bytes().to_vec();
    bytes[1024..].fill(0xFF);
    let Err(MountError::Corrupt(corruption)) = Journal::mount(Flash::from_bytes(bytes).unwrap()) else {
        panic!("mounted the closed sector")
    };
    assert_eq!(corruption.damage, Damage::SuccessorMissing);
}

#[test]
fn a_copied_record_that_vanished_is_an_error() {
    let (mut flash, _) = filled();
    let mut journal = Journal::mount(&mut flash).unwrap();
    while !journal.needs_idle_work() {
        journal.append(0, &payload(1, 20)).unwrap();
    }
    while journal.needs_idle_work() {
        journal.idle_work().unwrap();
    }
    // Tags 0, 1, 2 now stand in the second sector in this order: 40, 24 and 40 bytes.
    let mut bytes = flash.bytes().to_vec();
    let last = 1024 + RECORDS + 40 + 24;
    assert_eq!(&bytes[last..last + WORD], b"lkRECORD");
    bytes[last..last + 40].fill(0xFF);
    let Err(MountError::Corrupt(corruption)) = Journal::mount(Flash::from_bytes(bytes).unwrap()) else {
        panic!("mounted without a record")
    };
    assert_eq!(corruption.damage, Damage::RecordMissing);
}

#[test]
fn damaged_ready_marks_of_the_sector_in_use_and_two_sectors_of_one_number_are_errors() {
    let (flash, _) = filled();
    for offset in [3, 1024 - 3] {
        let mut damaged = flash.clone();
        damaged.flip_bit(offset, 5);
        let Err(MountError::Corrupt(corruption)) = Journal::mount(&mut damaged) else { panic!("mounted") };
        assert_eq!(corruption.damage, Damage::SectorMarks);
    }
    let twice = flash.bytes()[..1024].repeat(2);
    let Err(MountError::Corrupt(corruption)) = Journal::mount(Flash::from_bytes(twice).unwrap()) else {
        panic!("mounted one of two")
    };
    assert_eq!(corruption.damage, Damage::DuplicateSequence);
}

#[test]
fn after_a_cut_in_the_live_word_nothing_is_appended_until_that_sector_is_erased() {
    let (mut base, _) = filled();
    Journal::mount(&mut base).unwrap().append(3, &payload(5, 400)).unwrap();
    let live = 1024 + 2 * WORD..1024 + 3 * WORD;
    let mut cuts_in_it = 0;
    for cut in 0.. {
        let mut flash = base.clone();
        flash.power_cut_after(cut);
        if Journal::mount(&mut flash).unwrap().append(3, &payload(6, 450)).is_ok() {
            break;
        }
        flash.power_on();
        let begun = flash.bytes()[live.clone()] != [0xFF; WORD];
        let closing = flash.bytes()[3 * WORD..4 * WORD] != [0xFF; WORD];
        let mut journal = Journal::mount(&mut flash).unwrap();
        let small = journal.append(1, b"there is room for this");
        let whole = values(&mut journal)[&3].len() == 450;
        assert_eq!(
            matches!(small, Err(AppendError::Busy)),
            begun && !whole,
            "cut after {cut} bytes: {small:?}"
        );
        cuts_in_it += u32::from(begun && !whole && !closing);
    }
    assert!(cuts_in_it >= 6, "{cuts_in_it} cuts in the live word");
}

#[test]
fn after_a_cut_anywhere_in_a_switch_damage_to_a_later_record_is_still_noticed() {
    let (mut base, _) = filled();
    Journal::mount(&mut base).unwrap().append(3, &payload(5, 400)).unwrap();
    for damage in [ProgramDamage::SomeBits, ProgramDamage::NotBegun] {
        base.damage_programs(damage);
        for cut in 0.. {
            let mut flash = base.clone();
            flash.power_cut_after(cut);
            let ended = Journal::mount(&mut flash).unwrap().append(3, &payload(6, 450)).is_ok();
            flash.power_on();
            let later = b"later, and acknowledged";
            assert_eq!(append(&mut Journal::mount(&mut flash).unwrap(), 1, later), End::Done);
            let place = flash.bytes().windows(later.len()).position(|window| window == later).unwrap();
            flash.flip_bit(place, 0);
            assert!(
                matches!(Journal::mount(&mut flash), Err(MountError::Corrupt(_))),
                "cut after {cut} bytes"
            );
            if ended {
                break;
            }
        }
    }
}

/// Uses whatever mounts: nothing panics, and idle work ends.
fn use_anything(mut flash: Flash) {
    let Ok(mut journal) = Journal::mount(&mut flash) else { return };
    let mut buffer = [0; MAX_PAYLOAD];
    for tag in 0..17 {
        let _ = journal.read(tag, &mut buffer);
    }
    for number in 0..40 {
        let _ = journal.append(number as u8 % 16, &payload(number, number * 9));
        let _ = journal.idle_work();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 2048)) {
        use_anything(Flash::from_bytes(bytes).unwrap());
    }

    #[test]
    fn a_journal_with_arbitrary_damage_never_panics(
        damage in proptest::collection::vec((0_usize..2048, any::<u8>()), 0..12),
        blank in (0_usize..2048, 0_usize..400),
    ) {
        let mut bytes = filled().0.bytes().to_vec();
        bytes.iter_mut().skip(blank.0).take(blank.1).for_each(|byte| *byte = 0xFF);
        for (offset, byte) in damage {
            bytes[offset] = byte;
        }
        use_anything(Flash::from_bytes(bytes).unwrap());
    }
}
