//! Bits that change, writes that do not take, and flash that holds anything at all.

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use lock_store::host::{HostFlashError, RewritableMemory};
use lock_store::{LogAppendError, LogMountError, LogReadError, LogRing, MAX_ENTRY, SECRET, ZeroInPlace};
use proptest::prelude::*;

use crate::world::{payload, secret};

type Flash = RewritableMemory<4, 1024>;
type Ring<F> = LogRing<F, ZeroInPlace>;

fn filled(entries: u64) -> Flash {
    let mut flash = Flash::new(3);
    let mut ring = Ring::format(&mut flash, &secret(0)).unwrap();
    for index in 0..entries {
        ring.append(&secret(index + 1), &payload(index as usize, 40)).unwrap();
    }
    flash
}

/// What is read, entry by entry; `None` for one that is said to be damaged.
fn entries<F: MultiwriteNorFlash<Error = HostFlashError>>(ring: &mut Ring<F>) -> Vec<Option<Vec<u8>>> {
    let mut buffer = [0; MAX_ENTRY];
    let held = ring.held();
    (held.first..held.next)
        .map(|index| match ring.read(index, &mut buffer) {
            Ok(length) => Some(buffer[..length.unwrap()].to_vec()),
            Err(LogReadError::Damaged(_)) => None,
            Err(error) => panic!("{error}"),
        })
        .collect()
}

#[test]
fn no_flipped_bit_ever_shows_another_entry_or_an_older_secret() {
    let flash = filled(13);
    let mut damaged_entries = 0;
    let mut refused = 0;
    for offset in 0..flash.bytes().len() {
        let mut damaged = flash.clone();
        damaged.flip_bit(offset, (offset % 8) as u8);
        match Ring::mount(&mut damaged) {
            Err(LogMountError::Damaged(_)) => refused += 1,
            Err(error) => panic!("byte {offset}: {error}"),
            Ok(mut ring) => {
                assert_eq!(ring.held().next, 13, "byte {offset}");
                let first = ring.held().first as usize;
                for (index, found) in (first..).zip(&entries(&mut ring)) {
                    match found {
                        Some(found) => assert_eq!(*found, payload(index, 40), "byte {offset}"),
                        None => damaged_entries += 1,
                    }
                }
                let mut newest = [0; SECRET];
                if ring.newest(&mut newest).is_ok() {
                    assert_eq!(newest, secret(13));
                }
            }
        }
    }
    assert!(damaged_entries > 300 && refused > 50, "{damaged_entries} damaged entries, {refused} refusals");
}

#[test]
fn an_entry_that_went_bad_is_named_and_those_after_it_are_read() {
    let mut flash = filled(6);
    let place = flash.bytes().windows(40).position(|window| window == payload(2, 40)).unwrap();
    flash.flip_bit(place, 3);
    let mut ring = Ring::mount(&mut flash).unwrap();
    let found = entries(&mut ring);
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false, true, true, true]);
    assert_eq!(ring.append(&secret(7), b"on").unwrap(), 6);
}

#[test]
fn a_newest_sector_that_vanished_never_brings_back_the_one_before() {
    let mut bytes = filled(13).bytes().to_vec();
    bytes[1024..2048].fill(0xFF);
    let flash = Flash::from_bytes(bytes).unwrap();
    assert!(matches!(Ring::mount(flash), Err(LogMountError::Damaged(_))), "the first sector is closed");
}

/// A flash on which a write does not take, once.
struct Spoiling {
    inner: Flash,
    spoils_write: Option<u32>,
}

impl ErrorType for Spoiling {
    type Error = HostFlashError;
}

impl ReadNorFlash for Spoiling {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), HostFlashError> {
        self.inner.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.inner.capacity()
    }
}

impl NorFlash for Spoiling {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 1024;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), HostFlashError> {
        self.inner.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), HostFlashError> {
        self.inner.write(offset, bytes)?;
        self.spoils_write = match self.spoils_write {
            Some(0) => {
                self.inner.flip_bit(offset as usize + bytes.len() / 2, 2);
                None
            }
            Some(left) => Some(left - 1),
            None => None,
        };
        Ok(())
    }
}

impl MultiwriteNorFlash for Spoiling {}

#[test]
fn an_entry_whose_write_did_not_take_is_appended_again_with_its_index_and_leaves_no_secret() {
    for spoiled in 0..4 {
        for entries_before in [3, 9, 13] {
            let inner = filled(entries_before);
            let mut ring = Ring::mount(Spoiling { inner, spoils_write: Some(spoiled) }).unwrap();
            let body = payload(entries_before as usize, 40);
            let mut index = ring.append(&secret(entries_before + 1), &body);
            if let Err(error) = &index {
                assert!(matches!(error, LogAppendError::Fault), "{error}");
                while ring.needs_idle_work() {
                    ring.idle_work().unwrap();
                }
                index = ring.append(&secret(entries_before + 1), &body);
            }
            while ring.needs_idle_work() {
                ring.idle_work().unwrap();
            }
            assert_eq!(index.unwrap(), entries_before);
            assert_eq!(entries(&mut ring).last(), Some(&Some(body.clone())));
            let mut flash = ring.into_flash().inner;
            let old =
                |flash: &Flash| flash.bytes().windows(SECRET).any(|bytes| bytes == secret(entries_before));
            let mut ring = Ring::mount(&mut flash).unwrap();
            while ring.needs_idle_work() {
                ring.idle_work().unwrap();
            }
            assert_eq!(ring.held().next, entries_before + 1);
            ring.append(&secret(entries_before + 2), b"on").unwrap();
            assert!(!old(&flash));
            let disowned = secret(entries_before + 1);
            assert!(
                !flash.bytes().windows(SECRET).any(|bytes| bytes == disowned),
                "{spoiled} {entries_before}"
            );
        }
    }
}

/// Uses whatever mounts: nothing panics, and idle work ends.
fn use_anything(mut flash: Flash) {
    let Ok(mut ring) = Ring::mount(&mut flash) else { return };
    let mut buffer = [0; MAX_ENTRY];
    let _ = ring.newest(&mut [0; SECRET]);
    let held = ring.held();
    for index in [0, held.first, held.next.wrapping_sub(1), held.next, u64::MAX] {
        let _ = ring.read(index, &mut buffer);
        let _ = ring.acknowledge(index, &[]);
    }
    for number in 0..40 {
        let _ = ring.append(&secret(number), &payload(number as usize, number as usize * 7));
        let _ = ring.idle_work();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 3072)) {
        use_anything(Flash::from_bytes(bytes).unwrap());
    }

    #[test]
    fn a_ring_with_arbitrary_damage_never_panics(
        damage in proptest::collection::vec((0_usize..3072, any::<u8>()), 0..12),
        blank in (0_usize..3072, 0_usize..400),
    ) {
        let mut bytes = filled(13).bytes().to_vec();
        bytes.iter_mut().skip(blank.0).take(blank.1).for_each(|byte| *byte = 0xFF);
        for (offset, byte) in damage {
            bytes[offset] = byte;
        }
        use_anything(Flash::from_bytes(bytes).unwrap());
    }
}
