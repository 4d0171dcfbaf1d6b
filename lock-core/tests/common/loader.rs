//! A boot loader in memory, as MCUboot: two slots, a swap that is undone unless it is confirmed, flash that is erased before it is
//! written.

use lock_core::crypto::{RustCrypto, Suite};
use lock_core::proto::Manifest;
use lock_core::state::{BootedAs, Firmware, Slot, UpdateAnswer, Work};

pub(crate) const MODEL: u32 = 7;
pub(crate) const SLOT: Slot = Slot { bytes: 8_192, sector: 1_024 };

/// What starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) version: u32,
    pub(crate) rollback_index: u32,
}

/// What the loader does at the next reset, and what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swap {
    Nothing,
    Pending,
    /// Undone by the next reset.
    OnTrial(Version),
}

#[derive(Debug)]
pub(crate) struct Loader {
    pub(crate) runs: Version,
    pub(crate) swap: Swap,
    /// What the last reset has undone.
    pub(crate) reverted: bool,
    pub(crate) spare: Vec<u8>,
    /// So many of the next operations fail.
    pub(crate) failing: usize,
    /// An answer is not given before a test gives it.
    pub(crate) is_slow: bool,
    pub(crate) wants_restart: bool,
    /// How many bytes were written.
    pub(crate) written: usize,
}

/// An image of so many bytes: its version in front, and the rest follows from a seed.
pub(crate) fn image(version: u32, rollback_index: u32, size: usize) -> (Vec<u8>, Manifest) {
    let header = [MODEL, version, rollback_index].into_iter().flat_map(u32::to_be_bytes);
    let body = (0..).map(|place: u32| (place.wrapping_mul(2_654_435_761) >> 13) as u8 ^ version as u8);
    let bytes: Vec<u8> = header.chain(body).take(size).collect();
    let sha256 = RustCrypto::hash(&[&bytes]);
    let manifest = Manifest { model: MODEL, version, rollback_index, size: size as u32, sha256 };
    (bytes, manifest)
}

impl Loader {
    pub(crate) fn new() -> Self {
        Self {
            runs: Version { version: 1, rollback_index: 1 },
            swap: Swap::Nothing,
            reverted: false,
            spare: vec![0x5a; SLOT.bytes as usize],
            failing: 0,
            is_slow: false,
            wants_restart: false,
            written: 0,
        }
    }

    /// A reset: what starts now.
    pub(crate) fn boot(&mut self) -> Firmware {
        self.wants_restart = false;
        self.reverted = matches!(self.swap, Swap::OnTrial(_));
        match self.swap {
            Swap::Pending => {
                let word =
                    |place: usize| u32::from_be_bytes(self.spare[place..place + 4].try_into().unwrap());
                self.swap = Swap::OnTrial(self.runs);
                self.runs = Version { version: word(4), rollback_index: word(8) };
            }
            Swap::OnTrial(before) => (self.runs, self.swap) = (before, Swap::Nothing),
            Swap::Nothing => {}
        }
        self.firmware()
    }

    pub(crate) fn firmware(&self) -> Firmware {
        let Version { version, rollback_index } = self.runs;
        let booted_as = match self.swap {
            Swap::OnTrial(_) => BootedAs::OnTrial,
            Swap::Nothing | Swap::Pending if self.reverted => BootedAs::Reverted,
            Swap::Nothing | Swap::Pending => BootedAs::Confirmed,
        };
        Firmware { model: MODEL, version, rollback_index, booted_as, slot: SLOT }
    }

    /// Does what the lock asks and answers; where the power goes in the midst of it, half of it, without an answer.
    pub(crate) fn work(
        &mut self,
        work: Work,
        bytes: &[u8],
        is_cut: bool,
        answer: impl FnOnce(UpdateAnswer<'_>),
    ) {
        let part = |whole: usize| if is_cut { whole / 2 } else { whole };
        let fails = self.failing > 0;
        self.failing = self.failing.saturating_sub(1);
        let mut read = Vec::new();
        match work {
            Work::Erase { offset, length } => {
                let from = offset as usize;
                assert!(from.is_multiple_of(SLOT.sector as usize) && length == SLOT.sector, "{work:?}");
                self.spare[from..from + part(length as usize)].fill(0xff);
            }
            Work::Write { offset } => {
                let from = offset as usize;
                let place = &mut self.spare[from..from + part(bytes.len())];
                assert!(place.iter().all(|byte| *byte == 0xff), "written without an erase at {offset}");
                place.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                self.written += bytes.len();
            }
            Work::Read { offset, length } => {
                read.extend_from_slice(&self.spare[offset as usize..(offset + length) as usize]);
            }
            Work::MarkPending => self.swap = if fails { self.swap } else { Swap::Pending },
            Work::Confirm => self.swap = if fails { self.swap } else { Swap::Nothing },
            Work::Restart => self.wants_restart = true,
        }
        if is_cut || self.is_slow || work == Work::Restart {
            return;
        }
        answer(match work {
            _ if fails => UpdateAnswer::Failed,
            Work::Read { .. } => UpdateAnswer::Read(&read),
            Work::Erase { .. } | Work::Write { .. } | Work::MarkPending | Work::Confirm | Work::Restart => {
                UpdateAnswer::Done
            }
        });
    }
}
