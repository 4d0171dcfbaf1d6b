//! How a blank chip becomes a lock, and how a lock starts.

use embedded_storage::nor_flash::NorFlash;
use lock_core::claimer::Claimer;
use lock_core::crypto::{LockId, RootKey, RustCrypto};
use lock_core::device::{self, BootError, Device, NotClaimable, RecordTag, Stored};
use lock_core::proto::{BootReason, Profile, Uptime};
use lock_core::state::House;
use lock_store::{AppendError, FormatError, Journal, MountError, ReadError};
use std::collections::VecDeque;

use super::keeping::Newest;
use super::{Controller, LogRegion, Seen};
use crate::hardware::World;
use crate::loader::{Loader, LoaderError, Start};

/// Why a chip did not become a lock.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError<E: std::fmt::Debug> {
    /// The flash could not be formatted.
    #[error(transparent)]
    Format(#[from] FormatError<E>),
    /// One sector does not hold all that a lock may have to remember: one day its codes would leave no room for its commands.
    #[error("a sector of this flash is too small for all records of a lock; use larger sectors")]
    SectorsTooSmall,
    /// The keys could not be written.
    #[error(transparent)]
    Append(#[from] AppendError<E>),
    /// This firmware cannot be claimed.
    #[error(transparent)]
    NotClaimable(#[from] NotClaimable),
}

/// Why a lock does not start. Nothing of what it holds was changed.
#[derive(Debug, thiserror::Error)]
pub enum StartError<E: std::fmt::Debug> {
    /// The flash holds no readable journal.
    #[error(transparent)]
    Mount(#[from] MountError<E>),
    /// A record cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError<E>),
    /// The records do not make a lock.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// The boot loader starts nothing.
    #[error(transparent)]
    Loader(#[from] LoaderError),
}

/// Makes a blank chip a lock of profile S: formats the flash and writes identity, leaf keys and the lock's own PIN key. `entropy`
/// is 32 random bytes. The root key is not kept.
///
/// # Errors
/// [`ProvisionError`].
pub fn provision<F: NorFlash>(
    flash: F,
    root: &RootKey,
    lock_id: LockId,
    entropy: &[u8; 32],
) -> Result<(), ProvisionError<F::Error>> {
    provision_as(Profile::S, flash, root, lock_id, entropy)
}

/// The same for a lock of either profile, with which its cloud must register it.
///
/// # Errors
/// [`ProvisionError`].
pub fn provision_as<F: NorFlash>(
    profile: Profile,
    flash: F,
    root: &RootKey,
    lock_id: LockId,
    entropy: &[u8; 32],
) -> Result<(), ProvisionError<F::Error>> {
    let mut record = match profile {
        Profile::S => device::provision::<RustCrypto>(root, lock_id, entropy),
        Profile::X => device::provision_x::<RustCrypto>(root, lock_id, entropy),
    };
    let written = format(flash, &[(RecordTag::Keys, &record)]);
    record.fill(0);
    written
}

/// Makes a blank chip a lock that may change its owner: of `root` in this profile, or nobody's. The code is not kept, nor the root.
///
/// # Errors
/// [`ProvisionError`].
pub fn provision_claimable<F: NorFlash>(
    owner: Option<(Profile, &RootKey)>,
    flash: F,
    claimer: &Claimer,
    entropy: &[u8; 32],
) -> Result<(), ProvisionError<F::Error>> {
    let (lock_id, key) = (claimer.lock_id(), claimer.key());
    let mut record = match owner {
        Some((Profile::S, root)) => device::provision::<RustCrypto>(root, lock_id, entropy).to_vec(),
        Some((Profile::X, root)) => device::provision_x::<RustCrypto>(root, lock_id, entropy).to_vec(),
        None => device::provision_unowned::<RustCrypto>(key, lock_id, entropy)?.to_vec(),
    };
    let mut claim = device::provision_claim(key)?;
    let written = format(flash, &[(RecordTag::Keys, &record), (RecordTag::Claim, &claim)]);
    record.fill(0);
    claim.fill(0);
    written
}

fn format<F: NorFlash>(flash: F, records: &[(RecordTag, &[u8])]) -> Result<(), ProvisionError<F::Error>> {
    let mut journal = Journal::format(flash)?;
    if !journal.has_room_for(device::record_lengths::<House>()) {
        return Err(ProvisionError::SectorsTooSmall);
    }
    for (tag, record) in records {
        journal.append(tag.number(), record)?;
    }
    Ok(())
}

impl<F: NorFlash> Controller<F> {
    /// Power comes, at the world's moment. `entropy` is 32 random bytes; a constant one repeats no nonce.
    ///
    /// # Errors
    /// [`StartError`]: the flash is as it was; a damaged one is never reset.
    pub fn boot(flash: F, world: World, entropy: [u8; 32]) -> Result<Self, StartError<F::Error>> {
        Self::boot_because(BootReason::PowerOn, flash, None, world, entropy)
    }

    /// The same for a lock that keeps a log. Where its flash went bad, the lock works on without one.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn boot_with_log(
        flash: F,
        log: Box<dyn LogRegion>,
        world: World,
        entropy: [u8; 32],
    ) -> Result<Self, StartError<F::Error>> {
        Self::boot_because(BootReason::PowerOn, flash, Some(log), world, entropy)
    }

    /// The same with a boot loader, which says first what runs.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn boot_with(
        loader: Loader,
        flash: F,
        world: World,
        entropy: [u8; 32],
    ) -> Result<Self, StartError<F::Error>> {
        Self::boot_with_both(loader, None, flash, world, entropy)
    }

    /// The same with a boot loader, and with a log where there is one.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn boot_with_both(
        mut loader: Loader,
        log: Option<Box<dyn LogRegion>>,
        flash: F,
        world: World,
        entropy: [u8; 32],
    ) -> Result<Self, StartError<F::Error>> {
        let (firmware, start) = loader.boot()?;
        let reason = match start {
            Start::Same | Start::Refused(_) => BootReason::PowerOn,
            Start::OnTrial | Start::Reverted => BootReason::Update,
        };
        let booted = Self::boot_because(reason, flash, log, world, entropy)?;
        let device = booted.device.with_firmware(firmware, Uptime::from_millis(0));
        Ok(Self { device, loader: Some(loader), started: Some(start), ..booted })
    }

    /// The power goes, and comes back at once, for this reason: what the flash holds and what the door is remain.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn reboot(mut self, reason: BootReason, entropy: [u8; 32]) -> Result<Self, StartError<F::Error>> {
        self.world.lose_power();
        let (flash, log) = (self.journal.into_flash(), self.log);
        match self.loader {
            Some(loader) => Self::boot_with_both(loader, log, flash, self.world, entropy),
            None => Self::boot_because(reason, flash, log, self.world, entropy),
        }
    }

    /// The power goes and does not come back: what the flash holds and what the door is, for a later boot.
    #[must_use]
    pub fn lose_power(mut self) -> (F, World) {
        self.world.lose_power();
        (self.journal.into_flash(), self.world)
    }

    fn boot_because(
        reason: BootReason,
        flash: F,
        mut log: Option<Box<dyn LogRegion>>,
        world: World,
        entropy: [u8; 32],
    ) -> Result<Self, StartError<F::Error>> {
        let newest = log.as_mut().and_then(|log| Newest::of(&mut **log));
        let mut journal = Journal::mount(flash)?;
        let mut buffers = [[0; RecordTag::MAX_BYTES]; RecordTag::COUNT];
        let mut stored = Stored::default();
        for (tag, buffer) in RecordTag::all().zip(&mut buffers) {
            if let Some(record) = journal.read(tag.number(), buffer)?.and_then(|length| buffer.get(..length))
            {
                stored = stored.with(tag, record);
            }
        }
        if let Some(newest) = &newest {
            stored = stored.with_log(newest.stored());
        }
        // What a cut kept from being forgotten.
        for tag in RecordTag::all().filter(|tag| tag.is_secret()) {
            journal.forget_older(tag.number())?;
        }
        let device = Device::boot(&stored, entropy, reason, Uptime::from_millis(0))?;
        buffers.iter_mut().for_each(|buffer| buffer.fill(0));
        let booted_at = world.now();
        let (seen, arrivals) = (Seen::default(), VecDeque::new());
        let (stopped, loader, started) = (None, None, None);
        Ok(Self { device, journal, log, world, booted_at, seen, arrivals, stopped, loader, started })
    }
}
