//! The simulated flash refuses what a strict chip refuses, and keeps what it was told to keep.

use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use lock_store::Journal;
use lock_store::host::{
    Durability, EraseDamage, FileFlash, HostFlashError, MemoryFlash, OpenError, ProgramDamage,
};

type Memory = MemoryFlash<4, 1024>;
type InFile = FileFlash<4, 1024>;

#[test]
fn a_unit_is_programmed_once_even_with_erased_bytes_until_its_sector_is_erased() {
    let mut flash = Memory::new(2);
    flash.write(8, &[0xFF; 4]).unwrap();
    assert!(matches!(flash.write(8, &[0; 4]), Err(HostFlashError::NotErased { offset: 8 })));
    flash.write(12, &[0x0F; 4]).unwrap();
    assert!(matches!(flash.write(12, &[0; 4]), Err(HostFlashError::NotErased { offset: 12 })));
    flash.erase(0, 1024).unwrap();
    flash.write(8, &[0; 8]).unwrap();
    assert_eq!(&flash.bytes()[..16], &[255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn ranges_off_the_grid_or_beyond_the_end_are_refused() {
    let mut flash = Memory::new(2);
    assert!(matches!(flash.write(2, &[0; 4]), Err(HostFlashError::NotAligned)));
    assert!(matches!(flash.write(4, &[0; 3]), Err(HostFlashError::NotAligned)));
    assert!(matches!(flash.write(2048, &[0; 4]), Err(HostFlashError::OutOfBounds)));
    assert!(matches!(flash.erase(0, 1000), Err(HostFlashError::NotAligned)));
    assert!(matches!(flash.erase(1024, 3072), Err(HostFlashError::OutOfBounds)));
    assert!(matches!(flash.read(2047, &mut [0; 2]), Err(HostFlashError::OutOfBounds)));
    flash.read(2047, &mut [0; 1]).unwrap();
}

#[test]
fn a_cut_write_stops_in_the_crossing_byte_and_everything_after_is_refused() {
    let mut flash = Memory::new(2);
    flash.power_cut_after(5);
    flash.write(0, &[1, 2, 3, 4]).unwrap();
    assert!(matches!(flash.write(4, &[0; 4]), Err(HostFlashError::PowerOff)));
    assert!(flash.is_off());
    assert!(matches!(flash.read(0, &mut [0; 4]), Err(HostFlashError::PowerOff)));
    assert!(matches!(flash.erase(0, 1024), Err(HostFlashError::PowerOff)));
    flash.power_on();
    assert_eq!(flash.bytes()[..5], [1, 2, 3, 4, 0]);
    assert_eq!(flash.bytes()[6..], [0xFF; 2048 - 6]);
    assert_eq!(flash.counters().programs, 1);
}

#[test]
fn a_cut_erase_leaves_a_sector_that_must_be_erased_again() {
    for (damage, blank) in [
        (EraseDamage::Scattered, None),
        (EraseDamage::FromStart, Some(0..96)),
        (EraseDamage::FromEnd, Some(928..1024)),
        (EraseDamage::LooksErased, Some(0..1024)),
    ] {
        let mut flash = Memory::new(2);
        flash.write(0, &[0; 1024]).unwrap();
        flash.damage_erases(damage);
        flash.power_cut_after(6); // of the 64 that an erase of 1024 bytes takes
        assert!(matches!(flash.erase(0, 1024), Err(HostFlashError::PowerOff)));
        flash.power_on();
        if let Some(blank) = blank {
            let count = flash.bytes()[..1024].iter().filter(|byte| **byte == 0xFF).count();
            assert_eq!(count, blank.len());
            assert!(flash.bytes()[blank].iter().all(|byte| *byte == 0xFF));
        }
        assert!(matches!(flash.write(0, &[0; 4]), Err(HostFlashError::HalfErased { sector: 0 })));
        flash.write(1024, &[0; 4]).unwrap();
        flash.erase(0, 1024).unwrap();
        flash.write(0, &[0; 4]).unwrap();
    }
}

#[test]
fn the_byte_in_which_the_power_fails_has_some_of_its_bits_or_none() {
    for (damage, crossing) in [(ProgramDamage::SomeBits, 49), (ProgramDamage::NotBegun, 0xFF)] {
        let mut flash = Memory::new(2);
        flash.damage_programs(damage);
        flash.power_cut_after(2);
        assert!(matches!(flash.write(0, &[0; 4]), Err(HostFlashError::PowerOff)));
        flash.power_on();
        assert_eq!(flash.bytes()[..4], [0, 0, crossing, 0xFF], "{damage:?}");
    }
}

#[test]
fn a_scattered_erase_leaves_old_bytes_erased_ones_and_some_between_always_the_same() {
    let left = || {
        let mut flash = Memory::new(2);
        flash.write(0, &[0; 1024]).unwrap();
        flash.damage_erases(EraseDamage::Scattered);
        flash.power_cut_after(6);
        assert!(matches!(flash.erase(0, 1024), Err(HostFlashError::PowerOff)));
        flash.power_on();
        flash.bytes()[..1024].to_vec()
    };
    let bytes = left();
    assert_eq!(bytes, left());
    assert_eq!(
        bytes[..8],
        [0, 141, 255, 0, 255, 157, 255, 214],
        "a cut that was seen before leaves the same bytes in each version"
    );
    let old = bytes.iter().filter(|byte| **byte == 0).count();
    let erased = bytes.iter().filter(|byte| **byte == 0xFF).count();
    for (what, count) in [("old", old), ("erased", erased), ("between", 1024 - old - erased)] {
        assert!((256..432).contains(&count), "{count} of 1024 are {what}");
    }
}

#[test]
fn a_flash_in_memory_prints_its_size_and_none_of_its_bytes() {
    let printed = format!("{:?}", Memory::new(2));
    assert!(printed.contains("Memory(2048 bytes)") && !printed.contains("255, 255"), "{printed}");
}

#[test]
fn memory_and_file_follow_one_set_of_rules() {
    let folder = tempfile::tempdir().unwrap();
    let mut memory = Memory::new(3);
    let mut file =
        InFile::create(folder.path().join("flash"), 3).unwrap().surviving(Durability::ProcessDeath);
    for cut in [40, 70, 3, 200, 900] {
        memory.power_cut_after(cut);
        file.power_cut_after(cut);
        let _ = Journal::format(&mut memory).map(drop);
        let _ = Journal::format(&mut file).map(drop);
        memory.power_on();
        file.power_on();
        let mut bytes = vec![0; 3 * 1024];
        file.read(0, &mut bytes).unwrap();
        assert_eq!(memory.bytes(), bytes, "cut after {cut} bytes");
    }
}

#[test]
fn a_file_keeps_the_journal_and_is_opened_only_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flash");
    assert!(matches!(InFile::open(&path, 2), Err(OpenError::Missing)));
    assert!(!path.exists(), "opening makes no file");

    let mut flash = InFile::create(&path, 2).unwrap();
    Journal::format(&mut flash).unwrap().append(3, b"kept").unwrap();
    drop(flash);
    assert!(matches!(InFile::create(&path, 2), Err(OpenError::Exists)));
    assert!(matches!(InFile::open(&path, 3), Err(OpenError::WrongSize { found: 2048, expected: 3072 })));

    let mut buffer = [0; 4];
    let mut journal = Journal::mount(InFile::open(&path, 2).unwrap()).unwrap();
    assert_eq!(journal.read(3, &mut buffer).unwrap(), Some(4));
    assert_eq!(&buffer, b"kept");
}

#[test]
fn a_second_opener_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flash");
    let first = InFile::create(&path, 2).unwrap();
    let refusal = InFile::open(&path, 2).unwrap_err();
    assert_eq!(refusal.to_string(), "the flash file is in use: stop the other process first");
    drop(first);
    InFile::open(&path, 2).unwrap();
}
