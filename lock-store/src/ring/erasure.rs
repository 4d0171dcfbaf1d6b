//! How a superseded secret is erased: in place where the flash can, else with its sector.

use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlash};

use super::layout::{RingLayout, SECRET_FIELD};
use super::record::{self, Life, Secret};
use crate::journal::error::WriteError;
use crate::journal::header::HEADER;
use crate::journal::layout::BLANK;
use crate::journal::medium::{CHUNK, Chunk, Medium};

/// How a ring erases a secret that a later one superseded. There are two ways: [`ZeroInPlace`] and [`UntilErase`].
pub trait SecretErasure<F: NorFlash>: sealed::Way<F> {}

/// Zero bytes are programmed over the secret and read back, before the append after it. It needs a flash whose units may be
/// programmed again to clear bits.
///
/// A secret that does not read back as zero is a fault, told once in each mount by the call that comes next. The log then goes on in the
/// next sector, and what is left of the secret goes when its own sector is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZeroInPlace;

/// The secret stays until its sector is erased: for flash with error correction, whose units can be programmed once. Who takes such
/// a lock apart can rewrite what is still in the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UntilErase;

impl<F: MultiwriteNorFlash> SecretErasure<F> for ZeroInPlace {}
impl<F: NorFlash> SecretErasure<F> for UntilErase {}

/// What the ring needs to know of a way; not for others to implement.
pub(super) mod sealed {
    use super::{Life, Medium, NorFlash, RingLayout, WriteError};

    #[allow(unreachable_pub, private_interfaces)]
    pub trait Way<F: NorFlash> {
        /// Whether there is something to do before the sector is erased.
        const IN_PLACE: bool;

        fn erase(
            medium: &mut Medium<F>,
            layout: RingLayout,
            life: Life,
            offset: u32,
        ) -> Result<(), WriteError<F::Error>>;
    }
}

#[allow(private_interfaces)]
impl<F: MultiwriteNorFlash> sealed::Way<F> for ZeroInPlace {
    const IN_PLACE: bool = true;

    /// Clears the secret's bits; `FF` over its neighbours in the same units leaves them.
    fn erase(
        medium: &mut Medium<F>,
        layout: RingLayout,
        life: Life,
        offset: u32,
    ) -> Result<(), WriteError<F::Error>> {
        let (from, to) = (HEADER, HEADER.saturating_add(SECRET_FIELD));
        let body = record::body_address(layout, life, offset);
        let end = layout.round_up(to);
        let mut at = 0;
        while at < end {
            let length = CHUNK.min(end.saturating_sub(at));
            let mut chunk: Chunk = [BLANK; CHUNK as usize];
            for (place, byte) in (at..).zip(&mut chunk) {
                if (from..to).contains(&place) {
                    *byte = 0;
                }
            }
            // Units before the secret are left alone.
            let skip = from.saturating_sub(at).min(length) & !layout.unit().saturating_sub(1);
            let units = chunk.get(skip as usize..length as usize).unwrap_or_default();
            medium
                .program_over(body.saturating_add(at).saturating_add(skip), units)
                .map_err(WriteError::Flash)?;
            at = at.saturating_add(CHUNK);
        }
        match record::secret(medium, layout, life, offset).map_err(WriteError::Flash)? {
            Secret::Erased => Ok(()),
            Secret::Whole(_) | Secret::Broken => Err(WriteError::Fault),
        }
    }
}

#[allow(private_interfaces)]
impl<F: NorFlash> sealed::Way<F> for UntilErase {
    const IN_PLACE: bool = false;

    fn erase(_: &mut Medium<F>, _: RingLayout, _: Life, _: u32) -> Result<(), WriteError<F::Error>> {
        Ok(())
    }
}
