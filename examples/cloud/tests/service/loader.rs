//! A boot loader in memory: a spare slot, and whether what is in it is to start next.

use lock_core::state::{BootedAs, Firmware, Slot, UpdateAnswer, Work};

pub(crate) const MODEL: u32 = 7;
const SLOT: Slot = Slot { bytes: 4_096, sector: 1_024 };

pub(crate) struct Loader {
    spare: Vec<u8>,
    /// Whether an image was ever to be installed.
    pub(crate) is_pending: bool,
}

/// An image: what it says of itself, and then this version again and again.
pub(crate) fn image(version: u8, size: usize) -> Vec<u8> {
    let header = [MODEL, version.into(), 2].into_iter().flat_map(u32::to_be_bytes);
    header.chain(std::iter::repeat(version)).take(size).collect()
}

impl Loader {
    pub(crate) fn new() -> Self {
        Self { spare: vec![0x5a; SLOT.bytes as usize], is_pending: false }
    }

    pub(crate) fn firmware(&self) -> Firmware {
        let booted_as = BootedAs::Confirmed;
        Firmware { model: MODEL, version: 1, rollback_index: 1, booted_as, slot: SLOT }
    }

    pub(crate) fn work(&mut self, work: Work, bytes: &[u8], answer: impl FnOnce(UpdateAnswer<'_>)) {
        match work {
            Work::Erase { offset, length } => self.spare[offset as usize..][..length as usize].fill(0xff),
            Work::Write { offset } => self.spare[offset as usize..][..bytes.len()].copy_from_slice(bytes),
            Work::Read { offset, length } => {
                return answer(UpdateAnswer::Read(&self.spare[offset as usize..][..length as usize]));
            }
            Work::MarkPending => self.is_pending = true,
            Work::Confirm => {}
            // The lock stays as it is: no test waits for what starts then.
            Work::Restart => return,
        }
        answer(UpdateAnswer::Done);
    }
}
