//! Where the bytes of a simulated flash are.

use core::fmt;
use std::{io, vec, vec::Vec};

/// Plain bytes without rules: what [`SimulatedFlash`](super::SimulatedFlash) keeps its contents in.
pub trait Cells {
    /// Number of bytes.
    fn size(&self) -> usize;

    /// Fills `bytes` from `offset` on.
    ///
    /// # Errors
    /// What the host reports; a range beyond the end is `UnexpectedEof`.
    fn load(&mut self, offset: usize, bytes: &mut [u8]) -> io::Result<()>;

    /// Replaces what is at `offset`. When this returns the bytes are where they outlive the process, if they ever do.
    ///
    /// # Errors
    /// What the host reports; a range beyond the end is `UnexpectedEof`.
    fn store(&mut self, offset: usize, bytes: &[u8]) -> io::Result<()>;
}

/// Bytes in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Memory(Vec<u8>);

impl Memory {
    /// `size` erased bytes.
    pub(super) fn erased(size: usize) -> Self {
        Self(vec![0xFF; size])
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn flip_bit(&mut self, offset: usize, bit: u8) {
        if let Some(byte) = self.0.get_mut(offset) {
            *byte ^= 1_u8.rotate_left(u32::from(bit));
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Memory({} bytes)", self.0.len())
    }
}

impl Cells for Memory {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn load(&mut self, offset: usize, bytes: &mut [u8]) -> io::Result<()> {
        let found =
            self.0.get(offset..offset.saturating_add(bytes.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(found);
        Ok(())
    }

    fn store(&mut self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len());
        let place = self.0.get_mut(offset..end).ok_or(io::ErrorKind::UnexpectedEof)?;
        place.copy_from_slice(bytes);
        Ok(())
    }
}
