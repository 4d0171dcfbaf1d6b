//! The boot loader of this chip, as far as the lock meets one: two slots that take turns, tried once, and brought back unless confirmed. In
//! a product this is MCUboot, which verifies the maker's signature and starts other code. Here the code stays the same, an image is a header
//! with whatever follows, and what the loader says that runs is the header in the active slot. The lock has compared the image's digest
//! before.
//!
//! ```text
//! sector 0 | sector 1 | slot 0 | slot 1        in sectors: 1, 1, 4, 4
//! unit     word, complement                    what is active and what comes next: number << 4 ‖ active << 2 ‖ next
//! header   "LKFW" ‖ model ‖ version ‖ rollback index ‖ length of the body, each of four bytes, the highest first
//! ```
//!
//! A unit that a cut has torn is none, and the newest whole one counts. It is the format of the loader in `firmware-c`.

use cortex_m::peripheral::SCB;
use embedded_storage::nor_flash::{NorFlash, NorFlashErrorKind, ReadNorFlash};
use lock_core::state::{BootedAs, Firmware, Slot, UpdateAnswer, Work};

use crate::flash::{Region, SMALL_SECTOR};

const SECTOR: u32 = SMALL_SECTOR as u32;
const UNIT: u32 = 8;
const UNITS_IN_SECTOR: u32 = SECTOR / UNIT;
const SLOTS_AT: u32 = 2 * SECTOR;
const SLOT: u32 = 4 * SECTOR;
/// Of a piece of an image.
const LONGEST_PIECE: usize = 512;

type Flash = Region<SMALL_SECTOR>;

/// What the next reset does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Nothing = 0,
    /// Tries the spare slot.
    Pending = 1,
    /// Brings the other slot back, since nobody confirmed this one.
    Trial = 2,
}

/// A unit of the loader's sectors.
#[derive(Clone, Copy, Debug)]
struct State {
    /// Grows; 0 where nothing was ever entered.
    number: u32,
    place: u32,
    /// The slot that runs, 0 or 1.
    active: u32,
    next: Next,
}

impl State {
    const NEW: Self = Self { number: 0, place: 0, active: 0, next: Next::Nothing };

    fn read(flash: &mut Flash, place: u32) -> Option<Self> {
        let [word, complement] = unit(flash, place).ok()?;
        let next = match word & 3 {
            0 => Next::Nothing,
            1 => Next::Pending,
            2 => Next::Trial,
            _ => return None,
        };
        (complement == !word).then_some(Self { number: word >> 4, place, active: word >> 2 & 1, next })
    }

    /// The newest whole one.
    fn newest(flash: &mut Flash) -> Self {
        let found = (0..2 * UNITS_IN_SECTOR).filter_map(|place| Self::read(flash, place));
        found.fold(Self::NEW, |newest, state| if state.number > newest.number { state } else { newest })
    }

    const fn spare(self) -> u32 {
        1 - self.active
    }
}

fn unit(flash: &mut Flash, place: u32) -> Result<[u32; 2], NorFlashErrorKind> {
    let mut words = [[0; 4]; 2];
    flash.read(place * UNIT, words.as_flattened_mut())?;
    Ok(words.map(u32::from_le_bytes))
}

const fn slot_at(slot: u32) -> u32 {
    SLOTS_AT + slot * SLOT
}

/// The loader, after a reset.
pub(crate) struct Loader {
    flash: Flash,
    state: State,
}

impl Loader {
    /// Starts what is to be started, and says what that is.
    pub(crate) fn boot() -> (Self, Firmware) {
        let mut flash = Region::loader();
        let state = State::newest(&mut flash);
        let mut loader = Self { flash, state };
        let booted_as = loader.start_next();
        let firmware = Firmware { booted_as, ..loader.running() };
        (loader, firmware)
    }

    /// Does what the lock wants of the spare slot, or of the loader.
    pub(crate) fn work<'r>(
        &mut self,
        work: Work,
        bytes: &[u8],
        read: &'r mut [u8; LONGEST_PIECE],
    ) -> UpdateAnswer<'r> {
        match self.try_work(work, bytes, read) {
            Ok([]) => UpdateAnswer::Done,
            Ok(read) => UpdateAnswer::Read(read),
            Err(_) => UpdateAnswer::Failed,
        }
    }

    fn try_work<'r>(
        &mut self,
        work: Work,
        bytes: &[u8],
        read: &'r mut [u8; LONGEST_PIECE],
    ) -> Result<&'r [u8], NorFlashErrorKind> {
        let spare = slot_at(self.state.spare());
        match work {
            Work::Erase { offset, length } => self.flash.erase(spare + offset, spare + offset + length)?,
            Work::Write { offset } => {
                // Only the last piece of an image may end within a unit.
                let mut padded = [0xFF; LONGEST_PIECE];
                let whole = padded.get_mut(..bytes.len().next_multiple_of(UNIT as usize));
                let whole = whole.ok_or(NorFlashErrorKind::OutOfBounds)?;
                whole.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
                self.flash.write(spare + offset, whole)?;
            }
            Work::Read { offset, length } => {
                let wanted = read.get_mut(..length as usize).ok_or(NorFlashErrorKind::OutOfBounds)?;
                self.flash.read(spare + offset, wanted)?;
                return Ok(wanted);
            }
            Work::MarkPending => self.enter(self.state.active, Next::Pending)?,
            Work::Confirm => self.enter(self.state.active, Next::Nothing)?,
            Work::Restart => SCB::sys_reset(),
        }
        Ok(&[])
    }

    fn start_next(&mut self) -> BootedAs {
        let (active, spare) = (self.state.active, self.state.spare());
        match self.state.next {
            Next::Nothing => BootedAs::Confirmed,
            Next::Trial => match self.enter(spare, Next::Nothing) {
                Ok(()) => BootedAs::Reverted,
                // The way back could not be entered: what is on trial goes on being so.
                Err(_) => BootedAs::OnTrial,
            },
            Next::Pending => {
                if self.may_start() && self.enter(spare, Next::Trial).is_ok() {
                    return BootedAs::OnTrial;
                }
                // Where this fails, the next reset comes here again.
                let _ = self.enter(active, Next::Nothing);
                BootedAs::Reverted
            }
        }
    }

    /// Whether the image in the spare slot may start: for this model, and not older than what runs.
    fn may_start(&mut self) -> bool {
        let now = self.running();
        let then = self.image_in(self.state.spare());
        then.is_some_and(|then| then.model == now.model && then.rollback_index >= now.rollback_index)
    }

    /// The image in the active slot, or what the chip was made with.
    fn running(&mut self) -> Firmware {
        self.image_in(self.state.active).unwrap_or(Firmware {
            model: 1,
            version: 1,
            rollback_index: 1,
            booted_as: BootedAs::Confirmed,
            slot: Slot { bytes: SLOT, sector: SECTOR },
        })
    }

    fn image_in(&mut self, slot: u32) -> Option<Firmware> {
        let mut header = [[0; 4]; 5];
        self.flash.read(slot_at(slot), header.as_flattened_mut()).ok()?;
        let [mark, model, version, rollback_index, length] = header;
        let fits = u32::from_be_bytes(length) <= SLOT - header.as_flattened().len() as u32;
        (mark == *b"LKFW" && fits).then_some(Firmware {
            model: u32::from_be_bytes(model),
            version: u32::from_be_bytes(version),
            rollback_index: u32::from_be_bytes(rollback_index),
            booted_as: BootedAs::Confirmed,
            slot: Slot { bytes: SLOT, sector: SECTOR },
        })
    }

    fn enter(&mut self, active: u32, next: Next) -> Result<(), NorFlashErrorKind> {
        let word = (self.state.number + 1) << 4 | active << 2 | next as u32;
        let place = self.free_place()?;
        let bytes = [word, !word].map(u32::to_le_bytes);
        self.flash.write(place * UNIT, bytes.as_flattened())?;
        self.state = State::newest(&mut self.flash);
        let is_entered = self.state.active == active && self.state.next == next;
        is_entered.then_some(()).ok_or(NorFlashErrorKind::Other)
    }

    /// The next unit that is blank, which a torn one is not; where a sector is full, the other one is erased.
    fn free_place(&mut self) -> Result<u32, NorFlashErrorKind> {
        let sector = self.state.place / UNITS_IN_SECTOR;
        let first = if self.state.number == 0 { 0 } else { self.state.place + 1 };
        for place in first..(sector + 1) * UNITS_IN_SECTOR {
            if unit(&mut self.flash, place)? == [u32::MAX; 2] {
                return Ok(place);
            }
        }
        let other = 1 - sector;
        self.flash.erase(other * SECTOR, (other + 1) * SECTOR)?;
        Ok(other * UNITS_IN_SECTOR)
    }
}
