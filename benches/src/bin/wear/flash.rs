//! Flash that counts what is done to each of its sectors, where the caller can read it while a lock uses the flash.

use std::sync::{Arc, Mutex};

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};

/// What was asked of a flash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Bytes programmed.
    pub(crate) bytes: u64,
    /// Erases of each sector.
    pub(crate) erases: Vec<u64>,
}

impl Tally {
    /// Erases of the sector that was erased most.
    pub(crate) fn worst(&self) -> u64 {
        self.erases.iter().copied().max().unwrap_or(0)
    }
}

#[derive(Debug)]
pub(crate) struct Counted<F> {
    flash: F,
    tally: Arc<Mutex<Tally>>,
}

impl<F: NorFlash> Counted<F> {
    pub(crate) fn new(flash: F) -> (Self, Arc<Mutex<Tally>>) {
        let tally = Tally { bytes: 0, erases: vec![0; flash.capacity() / F::ERASE_SIZE] };
        let tally = Arc::new(Mutex::new(tally));
        (Self { flash, tally: Arc::clone(&tally) }, tally)
    }
}

impl<F: ErrorType> ErrorType for Counted<F> {
    type Error = F::Error;
}

impl<F: ReadNorFlash> ReadNorFlash for Counted<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        self.flash.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.flash.capacity()
    }
}

impl<F: NorFlash> NorFlash for Counted<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), F::Error> {
        self.flash.erase(from, to)?;
        let sectors = from as usize / F::ERASE_SIZE..to as usize / F::ERASE_SIZE;
        self.tally.lock().expect("nobody has panicked").erases[sectors]
            .iter_mut()
            .for_each(|times| *times += 1);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), F::Error> {
        self.flash.write(offset, bytes)?;
        self.tally.lock().expect("nobody has panicked").bytes += bytes.len() as u64;
        Ok(())
    }
}

impl<F: MultiwriteNorFlash> MultiwriteNorFlash for Counted<F> {}
