//! Writes, erases and reads that do not take.

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use lock_store::host::HostFlashError;
use lock_store::{AppendError, IdleError, IdleStep, Journal, ReadError};

use crate::damage::{Flash, RECORDS, WORD, filled};
use crate::world::{payload, values};

#[test]
fn a_record_that_goes_bad_after_mount_is_an_error_and_leaves_no_plain_bytes() {
    let (flash, _) = filled();
    let mut journal = Journal::mount(Spoiling::new(flash)).unwrap();
    journal.append(3, &payload(5, 30)).unwrap();
    let mut spoiling = journal.into_flash();
    spoiling.decays_at = Some(RECORDS + 40 + 24 + WORD + 8); // first payload byte of tag 0's newest record
    let mut journal = Journal::mount(spoiling).unwrap();
    let mut buffer = [9; 24];
    assert!(matches!(journal.append(4, b"decay"), Ok(())));
    assert!(matches!(journal.read(0, &mut buffer), Err(ReadError::Corrupt(_))));
    assert_eq!(buffer[..20], [0; 20]);
    assert_eq!(buffer[20..], [9; 4]);
    while let Ok(()) = journal.append(4, b"until the sector is full") {}
    let refused = journal.append(4, b"until the sector is full");
    assert!(matches!(refused, Err(AppendError::Corrupt(_) | AppendError::Busy)), "{refused:?}");
}

#[test]
fn a_record_that_does_not_read_back_is_a_fault_and_the_next_append_goes_elsewhere() {
    for spoiled in 0..2 {
        let (flash, mut expected) = filled();
        let mut spoiling = Spoiling::new(flash);
        spoiling.spoils_write = Some(spoiled); // the body, then the mark
        let mut journal = Journal::mount(spoiling).unwrap();
        assert!(matches!(journal.append(3, &payload(5, 30)), Err(AppendError::Fault)));
        journal.append(3, &payload(6, 30)).unwrap();
        expected.insert(3, payload(6, 30));
        let mut flash = journal.into_flash().inner;
        assert_eq!(&flash.bytes()[3 * WORD..4 * WORD], b"lkCLOSED");
        assert_eq!(values(&mut Journal::mount(&mut flash).unwrap()), expected);
    }
}

#[test]
fn an_erase_that_leaves_a_bit_is_a_fault_and_is_done_again() {
    let (flash, expected) = filled();
    let mut journal = Journal::mount(Spoiling::new(flash)).unwrap();
    while !journal.needs_idle_work() {
        journal.append(2, &payload(4, 24)).unwrap();
    }
    let mut spoiling = journal.into_flash();
    spoiling.spoils_erase = true;
    let mut journal = Journal::mount(spoiling).unwrap();
    let mut faults = 0;
    while journal.needs_idle_work() {
        match journal.idle_work() {
            Ok(_) => {}
            Err(IdleError::Fault) => faults += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(faults, 1);
    let mut flash = journal.into_flash().inner;
    assert_eq!(values(&mut Journal::mount(&mut flash).unwrap()), expected);
}

#[test]
fn a_sector_whose_live_word_only_seemed_to_fail_never_takes_back_a_later_append() {
    let (flash, mut expected) = filled();
    let mut spoiling = Spoiling::new(flash);
    spoiling.misreads_after_write_at = Some(1024 + 2 * WORD as u32); // the live word of the second sector
    let mut journal = Journal::mount(spoiling).unwrap();
    journal.append(3, &payload(5, 400)).unwrap();
    assert!(
        matches!(journal.append(3, &payload(6, 450)), Err(AppendError::Fault)),
        "there is no room in the sector"
    );
    // There is room for this one, but the second sector is whole and a mount would believe it.
    assert!(matches!(journal.append(1, b"later"), Err(AppendError::Busy)));
    assert_eq!(journal.idle_work().unwrap(), IdleStep::ErasedSector);
    journal.append(1, b"later").unwrap();
    expected.insert(1, b"later".to_vec());
    expected.insert(3, payload(5, 400));
    let mut flash = journal.into_flash().inner;
    assert_eq!(values(&mut Journal::mount(&mut flash).unwrap()), expected);
}

/// A flash on which a write or an erase does not take, once, or a byte decays at the next write, or one read errs.
struct Spoiling {
    inner: Flash,
    spoils_write: Option<u32>,
    spoils_erase: bool,
    decays_at: Option<usize>,
    misreads_after_write_at: Option<u32>,
    misreads: bool,
}

impl Spoiling {
    fn new(inner: Flash) -> Self {
        Self {
            inner,
            spoils_write: None,
            spoils_erase: false,
            decays_at: None,
            misreads_after_write_at: None,
            misreads: false,
        }
    }
}

impl ErrorType for Spoiling {
    type Error = HostFlashError;
}

impl ReadNorFlash for Spoiling {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), HostFlashError> {
        self.inner.read(offset, bytes)?;
        if std::mem::take(&mut self.misreads) {
            bytes[0] ^= 1;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.inner.capacity()
    }
}

impl NorFlash for Spoiling {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 1024;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), HostFlashError> {
        self.inner.erase(from, to)?;
        if std::mem::take(&mut self.spoils_erase) {
            self.inner.flip_bit(from as usize + 700, 1);
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), HostFlashError> {
        self.inner.write(offset, bytes)?;
        self.misreads = self.misreads_after_write_at.take_if(|place| *place == offset).is_some();
        if let Some(place) = self.decays_at.take() {
            self.inner.flip_bit(place, 4);
        }
        self.spoils_write = match self.spoils_write {
            Some(0) => {
                self.inner.flip_bit(offset as usize + 3, 2);
                None
            }
            Some(left) => Some(left - 1),
            None => None,
        };
        Ok(())
    }
}
