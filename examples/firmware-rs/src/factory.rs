//! What the production line leaves in the flash for the first boot.

use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::flash::Region;
use crate::stop::Stop;

const MARK: [u8; 8] = *b"lkmade1\0";

/// `mark[8] ‖ root[32] ‖ lock_id[16] ‖ entropy[32]`. Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct FactoryPage {
    pub(crate) root: [u8; 32],
    pub(crate) lock_id: [u8; 16],
    pub(crate) entropy: [u8; 32],
}

impl FactoryPage {
    /// What lies there; `None` in a lock that has its keys already.
    pub(crate) fn read() -> Result<Option<Self>, Stop> {
        let mut page = Self { root: [0; 32], lock_id: [0; 16], entropy: [0; 32] };
        let mut mark = [0; MARK.len()];
        let parts: [&mut [u8]; 4] = [&mut mark, &mut page.root, &mut page.lock_id, &mut page.entropy];
        let (mut flash, mut offset) = (Region::factory(), 0);
        for part in parts {
            flash.read(offset, part).map_err(|_| Stop::Flash)?;
            offset += part.len() as u32;
        }
        Ok((mark == MARK).then_some(page))
    }

    /// Erases it, once the lock has its keys.
    pub(crate) fn erase() -> Result<(), Stop> {
        let mut page = Region::factory();
        page.erase(0, page.capacity() as u32).map_err(|_| Stop::Flash)
    }
}
