//! Power: it goes in three ways and comes back, sometimes only to go again.

use lock_sim::hardware::{Moment, World};

use super::{Arena, Stranded};
use crate::lock::Lock;
use crate::oracle::Stimulus;

/// How the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// While the lock had nothing to do.
    Clean,
    /// In the middle of a flash program or erase, at a random byte.
    InFlash,
    /// Between two outputs.
    BetweenOutputs,
}

impl Cut {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clean, Self::InFlash, Self::BetweenOutputs];

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::InFlash => "in a flash program",
            Self::BetweenOutputs => "between two outputs",
        }
    }
}

/// Boots by the cut before them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reboots([u64; Cut::ALL.len()]);

impl Reboots {
    /// After cuts of this kind.
    #[must_use]
    pub const fn after(&self, cut: Cut) -> u64 {
        self.0[cut as usize]
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// The longest stretch of flash work that a cut is aimed at, in bytes: a record, or most of a sector switch.
const LONGEST_WORK: u64 = 900;
/// Boundaries that a command passes, and some more.
const MOST_BOUNDARIES: u64 = 14;
/// How often the power fails again while the lock boots, in percent.
const AGAIN_PERCENT: u64 = 15;

impl Arena {
    /// Takes the power away now, and gives it back.
    pub(crate) fn cut_power(&mut self) -> Result<(), Stranded> {
        self.reboot(None)
    }

    /// Sets a cut up that comes while the lock works on what follows.
    pub(crate) fn arm(&mut self, cut: Cut) {
        match cut {
            Cut::Clean => {}
            Cut::InFlash => {
                let bytes = self.random.below(LONGEST_WORK);
                self.flash.cells_mut().power_cut_after(bytes);
            }
            Cut::BetweenOutputs => {
                let boundaries = self.random.between(1, MOST_BOUNDARIES);
                self.lock().light_fuse(boundaries);
            }
        }
    }

    /// Boots after a cut; `interrupted` is what the lock was given when it came.
    pub(super) fn reboot(&mut self, interrupted: Option<&Stimulus>) -> Result<(), Stranded> {
        let cut = if self.flash.cells_mut().is_off() {
            Cut::InFlash
        } else if interrupted.is_some() {
            Cut::BetweenOutputs
        } else {
            Cut::Clean
        };
        self.reboots.0[cut as usize] += 1;
        let lock = self.lock.take().ok_or_else(|| Stranded("there was no lock to cut off".to_owned()))?;
        let mut world = lock.cut_power();
        let cut_at = self.now;
        self.now = self.now.plus(self.random.between(50, 5_000));
        world.advance(self.now);
        self.power_up(world, interrupted, cut_at)
    }

    pub(super) fn power_up(
        &mut self,
        world: World,
        interrupted: Option<&Stimulus>,
        cut_at: Moment,
    ) -> Result<(), Stranded> {
        let entropy = if self.is_lock_entropy_stuck { [0xEE; 32] } else { self.random.bytes() };
        let lock = Lock::boot(self.flash.clone(), world, entropy)
            .map_err(|error| Stranded(format!("the lock does not boot after a cut: {error}")))?;
        self.lock = Some(lock);
        self.boot += 1;
        self.is_up.fill(false);
        self.hellos.fill(None);
        let version = self.status().configuration;
        self.oracle.rebooted(version, interrupted, cut_at);
        if self.boot > 1 && self.random.percent(AGAIN_PERCENT) {
            let cut = self.random.one_of(&[Cut::InFlash, Cut::BetweenOutputs]);
            self.arm(cut);
        }
        self.touch(&Stimulus::Power).map(drop)
    }

    /// Leaves the lock to itself: what was armed and did not come is put away.
    pub(crate) fn disarm(&mut self) {
        self.flash.cells_mut().power_on();
        self.flash.fail_after(None);
        self.lock().light_fuse(u64::MAX);
    }

    /// One program of the flash fails soon, while the power stays.
    pub(crate) fn arm_fault(&mut self) {
        self.flash.fail_after(Some(self.random.below(12)));
    }
}
