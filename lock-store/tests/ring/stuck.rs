//! A bit of a superseded secret that cannot be cleared: the fault is told, and the log goes on.

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use lock_store::host::{HostFlashError, RewritableMemory};
use lock_store::{
    AcknowledgeError, LogAppendError, LogIdleError, LogIdleStep, LogRing, MAX_ENTRY, SECRET, ZeroInPlace,
};

use crate::world::{payload, secret};

type Flash = RewritableMemory<4, 1024>;
type Ring<F> = LogRing<F, ZeroInPlace>;

/// The entry with whose record the secret comes that cannot be cleared.
const BEARER: u64 = 3;

/// Flash with one bit that reads as 1 whatever is programmed: for ever, or until its sector is erased.
struct Sticking {
    inner: Flash,
    stuck: Option<(u32, u8)>,
    heals: bool,
}

impl ErrorType for Sticking {
    type Error = HostFlashError;
}

impl ReadNorFlash for Sticking {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), HostFlashError> {
        self.inner.read(offset, bytes)?;
        if let Some((place, bit)) = self.stuck
            && let Some(byte) = place.checked_sub(offset).and_then(|at| bytes.get_mut(at as usize))
        {
            *byte |= bit;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.inner.capacity()
    }
}

impl NorFlash for Sticking {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 1024;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), HostFlashError> {
        if self.heals && self.stuck.is_some_and(|(place, _)| (from..to).contains(&place)) {
            self.stuck = None;
        }
        self.inner.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), HostFlashError> {
        self.inner.write(offset, bytes)
    }
}

impl MultiwriteNorFlash for Sticking {}

fn add<F: MultiwriteNorFlash<Error = HostFlashError>>(
    ring: &mut Ring<F>,
    index: u64,
) -> Result<u64, LogAppendError<HostFlashError>> {
    ring.append(&secret(index + 1), &payload(index as usize, 40))
}

/// Three sectors; the secret of [`BEARER`] was superseded, and cannot be cleared.
fn ring(heals: bool) -> Ring<Sticking> {
    let mut plain = Ring::format(Flash::new(3), &secret(0)).unwrap();
    for index in 0..=BEARER {
        add(&mut plain, index).unwrap();
    }
    let flash = plain.into_flash();
    let place = flash.bytes().windows(SECRET).position(|bytes| bytes == secret(BEARER + 1)).unwrap();
    let byte = flash.bytes()[place];
    let stuck = Some((place as u32, 1 << byte.trailing_zeros()));
    let flash = Ring::format(Flash::new(3), &secret(0)).unwrap().into_flash();
    let mut ring = Ring::mount(Sticking { inner: flash, stuck, heals }).unwrap();
    for index in 0..=BEARER + 1 {
        assert_eq!(add(&mut ring, index).unwrap(), index);
    }
    ring
}

/// Tries as a device does; returns how many faults it was told of.
fn insist(ring: &mut Ring<Sticking>, index: u64) -> u32 {
    let mut faults = 0;
    for _ in 0..12 {
        match add(ring, index) {
            Ok(found) => {
                assert_eq!(found, index);
                return faults;
            }
            Err(LogAppendError::Busy) => match ring.idle_work() {
                Ok(_) => {}
                Err(LogIdleError::Fault) => faults += 1,
                Err(error) => panic!("{error}"),
            },
            Err(LogAppendError::Fault) => faults += 1,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("entry {index} is never written");
}

fn entry_is_there(ring: &mut Ring<Sticking>, index: u64) {
    let mut buffer = [0; MAX_ENTRY];
    let length = ring.read(index, &mut buffer).unwrap().unwrap();
    assert_eq!(buffer[..length], payload(index as usize, 40), "entry {index}");
}

#[test]
fn the_next_append_tells_of_it_and_the_one_after_it_is_written_in_the_next_sector() {
    let mut ring = ring(false);
    assert!(matches!(add(&mut ring, 5), Err(LogAppendError::Fault)));
    for index in 5..10 {
        assert_eq!(add(&mut ring, index).unwrap(), index);
    }
    let flash = ring.into_flash();
    let place = flash.inner.bytes().windows(SECRET).position(|bytes| bytes == secret(10)).unwrap();
    assert_eq!(place / 1024, 1, "the sector with the bit is left, so that its turn to be erased comes");
    let mut ring = Ring::mount(flash).unwrap();
    assert_eq!((ring.held().first, ring.held().next), (0, 10));
    (0..10).for_each(|index| entry_is_there(&mut ring, index));
}

#[test]
fn an_acknowledgement_tells_of_it_and_the_next_one_counts() {
    let mut ring = ring(false);
    let body = payload(2, 40);
    assert!(matches!(ring.acknowledge(2, &body), Err(AcknowledgeError::Fault)));
    ring.acknowledge(2, &body).unwrap();
    assert_eq!(ring.held().acknowledged, 3);
    assert_eq!(add(&mut ring, 5).unwrap(), 5);
    let mut ring: Ring<_> = Ring::mount(ring.into_flash()).unwrap();
    assert_eq!((ring.held().acknowledged, ring.held().next), (3, 6));
    entry_is_there(&mut ring, 5);
}

#[test]
fn idle_work_tells_of_it_once_and_ends() {
    let mut ring = ring(false);
    assert!(ring.needs_idle_work());
    assert!(matches!(ring.idle_work(), Err(LogIdleError::Fault)));
    assert!(!ring.needs_idle_work());
    assert_eq!(ring.idle_work().unwrap(), LogIdleStep::Nothing);
    assert_eq!(add(&mut ring, 5).unwrap(), 5);
}

#[test]
fn each_mount_tells_of_it_until_its_sector_is_erased() {
    let mut ring = ring(true);
    let mut told = 0;
    for index in 5..60 {
        told += insist(&mut ring, index);
        let flash = ring.into_flash();
        let is_stuck = flash.stuck.is_some();
        ring = Ring::mount(flash).unwrap();
        if !is_stuck {
            assert_eq!(insist(&mut ring, index + 1), 0);
            assert!(told > 1, "by more than one mount");
            return;
        }
    }
    panic!("its sector is never erased");
}

#[test]
fn a_bit_that_is_stuck_for_ever_stops_no_log_and_leaves_no_whole_secret() {
    let mut ring = ring(false);
    let mut told = 0;
    for index in 5..400 {
        told += insist(&mut ring, index);
        entry_is_there(&mut ring, index);
        if index % 3 == 0 {
            let is_done = (0..12).any(|_| {
                let done = ring.acknowledge(index, &payload(index as usize, 40)).is_ok();
                if !done {
                    let _ = ring.idle_work();
                }
                done
            });
            assert!(is_done, "entry {index} is never acknowledged");
        }
        if index % 7 == 0 {
            ring = Ring::mount(ring.into_flash()).unwrap();
        }
    }
    assert!(told > 1);
    told = insist(&mut ring, 400) + insist(&mut ring, 401);
    assert!(told < 8);
    let flash = ring.into_flash();
    for index in 300..402 {
        let is_there = flash.inner.bytes().windows(SECRET).any(|bytes| bytes == secret(index));
        assert!(!is_there, "the secret of entry {index} is still there");
    }
}
