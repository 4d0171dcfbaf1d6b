//! The boot loader of the simulated chip, as MCUboot with two slots: it verifies what it starts, tries a pending image once, and
//! brings the one before back with the next reset unless it was confirmed.
//!
//! An image is `"LKFW" ‖ model[4] ‖ version[4] ‖ rollback index[4] ‖ length of the body[4] ‖ body ‖ SHA-256 of all before`, numbers
//! big-endian. The hash stands where a real loader checks a signature. The two slots change roles instead of contents; which one starts,
//! and how, is one small record that is replaced in one step.

mod image;
mod medium;

use std::path::Path;

use lock_core::state::{BootedAs, Firmware, Slot, UpdateAnswer, Work};

pub use image::{Image, ImageError, build};
pub use medium::LoaderError;

use medium::{Medium, Next, State};

/// The spare slot of the simulated chip.
pub const SLOT: Slot = Slot { bytes: 256 * 1024, sector: 4_096 };

/// What a lock runs that was never updated.
pub const AS_MADE: Image = Image { model: 1, version: 1, rollback_index: 1 };

/// What a reset led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// What ran before runs again.
    Same,
    /// A new image runs on trial.
    OnTrial,
    /// The image on trial was not confirmed: the one before it runs again.
    Reverted,
    /// The pending image is not to be started: what ran before runs again.
    Refused(ImageError),
}

/// The loader with its two slots.
#[derive(Debug)]
pub struct Loader {
    medium: Medium,
    state: State,
    runs: Image,
    /// What a driver keeps while it answers a read.
    buffer: Vec<u8>,
}

impl Loader {
    /// Slots in memory, with the firmware of a lock that was never updated.
    #[must_use]
    pub fn in_memory() -> Self {
        let medium = Medium::in_memory(&build(AS_MADE, b"as made"));
        Self { medium, state: State::default(), runs: AS_MADE, buffer: Vec::new() }
    }

    /// Slots in files beside `flash`: `.slot_a`, `.slot_b` and the record `.loader`. Where there are none, they are made.
    ///
    /// # Errors
    /// [`LoaderError::File`].
    pub fn beside(flash: &Path) -> Result<Self, LoaderError> {
        let (medium, state) = Medium::beside(flash, &build(AS_MADE, b"as made"))?;
        Ok(Self { medium, state, runs: AS_MADE, buffer: Vec::new() })
    }

    /// A reset: verifies, swaps or reverts, and says what runs.
    ///
    /// # Errors
    /// [`LoaderError::NothingStarts`] where neither slot holds an image that may start; [`LoaderError::File`].
    pub fn boot(&mut self) -> Result<(Firmware, Start), LoaderError> {
        let start = match self.state.next {
            Next::Nothing => Start::Same,
            Next::Trial => {
                self.enter(State { active: self.state.active.other(), next: Next::Nothing })?;
                Start::Reverted
            }
            Next::Pending => match self.pending()? {
                Ok(_) => {
                    self.enter(State { active: self.state.active.other(), next: Next::Trial })?;
                    Start::OnTrial
                }
                Err(error) => {
                    self.enter(State { next: Next::Nothing, ..self.state })?;
                    Start::Refused(error)
                }
            },
        };
        self.runs =
            Image::parse(&self.medium.read_all(self.state.active)?).map_err(LoaderError::NothingStarts)?;
        Ok((self.firmware(&start), start))
    }

    /// What runs.
    #[must_use]
    pub const fn runs(&self) -> Image {
        self.runs
    }

    /// The image in the spare slot, where it may start: for this model, whole, and not older than what runs.
    fn pending(&mut self) -> Result<Result<Image, ImageError>, LoaderError> {
        let spare = self.medium.read_all(self.state.active.other())?;
        let running = Image::parse(&self.medium.read_all(self.state.active)?);
        Ok(Image::parse(&spare).and_then(|image| match running {
            Ok(running) if image.model != running.model => Err(ImageError::WrongModel),
            Ok(running) if image.rollback_index < running.rollback_index => Err(ImageError::Older),
            Ok(_) | Err(_) => Ok(image),
        }))
    }

    fn firmware(&self, start: &Start) -> Firmware {
        let Image { model, version, rollback_index } = self.runs;
        let booted_as = match start {
            Start::OnTrial => BootedAs::OnTrial,
            Start::Reverted | Start::Refused(_) => BootedAs::Reverted,
            Start::Same => BootedAs::Confirmed,
        };
        Firmware { model, version, rollback_index, booted_as, slot: SLOT }
    }

    fn enter(&mut self, state: State) -> Result<(), LoaderError> {
        self.medium.store(state)?;
        self.state = state;
        Ok(())
    }

    /// Does what the lock asks of it. What cannot be done is told to the lock, which knows what to do.
    pub fn work(&mut self, work: Work, bytes: &[u8]) -> UpdateAnswer<'_> {
        let spare = self.state.active.other();
        let done = match work {
            Work::Erase { offset, length } => self.medium.erase(spare, offset, length),
            Work::Write { offset } => self.medium.write(spare, offset, bytes),
            Work::Read { offset, length } => match self.medium.read(spare, offset, length) {
                Ok(bytes) => {
                    self.buffer = bytes;
                    return UpdateAnswer::Read(&self.buffer);
                }
                Err(error) => Err(error),
            },
            Work::MarkPending => self.enter(State { next: Next::Pending, ..self.state }),
            Work::Confirm => self.enter(State { next: Next::Nothing, ..self.state }),
            Work::Restart => Ok(()),
        };
        if done.is_ok() { UpdateAnswer::Done } else { UpdateAnswer::Failed }
    }
}

#[cfg(test)]
mod tests;
