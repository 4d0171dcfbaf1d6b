//! The lock under test: the real controller on flash that loses power where it is told to.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::io;
use std::rc::Rc;

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use lock_core::crypto::{LockId, RootKey};
use lock_core::device::{LinkId, RecordTag};
use lock_core::state::Drive;
use lock_sim::controller::{
    Boundary, Controller, Fact, Harness, ProvisionError, StartError, StepError, Verdict, provision,
};
use lock_sim::hardware::{Moment, World};
use lock_store::host::{HostFlashError, MemoryFlash};

type Cells = MemoryFlash<4, 8192>;
const SECTORS: usize = 4;

/// Flash that the test can reach while the lock uses it.
#[derive(Clone, Debug)]
pub(crate) struct SharedFlash {
    cells: Rc<RefCell<Cells>>,
    /// Programs until one fails while the power stays.
    until_fault: Rc<Cell<Option<u64>>>,
}

impl SharedFlash {
    fn new() -> Self {
        Self { cells: Rc::new(RefCell::new(Cells::new(SECTORS))), until_fault: Rc::default() }
    }

    fn cells(&self) -> Ref<'_, Cells> {
        self.cells.borrow()
    }

    pub(crate) fn cells_mut(&self) -> RefMut<'_, Cells> {
        self.cells.borrow_mut()
    }

    /// Lets one program fail, after so many that do not.
    pub(crate) fn fail_after(&self, programs: Option<u64>) {
        self.until_fault.set(programs);
    }
}

impl ErrorType for SharedFlash {
    type Error = HostFlashError;
}

impl ReadNorFlash for SharedFlash {
    const READ_SIZE: usize = Cells::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), HostFlashError> {
        self.cells_mut().read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.cells().capacity()
    }
}

impl NorFlash for SharedFlash {
    const WRITE_SIZE: usize = Cells::WRITE_SIZE;
    const ERASE_SIZE: usize = Cells::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), HostFlashError> {
        self.cells_mut().erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), HostFlashError> {
        let left = self.until_fault.get();
        self.until_fault.set(left.and_then(|left| left.checked_sub(1)));
        if left == Some(0) {
            return Err(HostFlashError::Io(io::ErrorKind::Other.into()));
        }
        self.cells_mut().write(offset, bytes)
    }
}

/// What the lock did in one step.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    /// Packets, in order.
    pub(crate) sent: Vec<(LinkId, Vec<u8>)>,
    /// Links hung up.
    pub(crate) closed: Vec<LinkId>,
    /// Orders to the motor.
    pub(crate) drives: Vec<Drive>,
    /// Records of mark and ledger that became durable.
    pub(crate) memories: u32,
    /// Those of them that came before the motor was first set going.
    pub(crate) memories_before_motor: u32,
}

/// Watches the lock, and cuts its power.
#[derive(Debug)]
struct Witness {
    flash: SharedFlash,
    deeds: Deeds,
    /// Boundaries left until the power goes.
    fuse: Option<u64>,
}

impl Harness for Witness {
    fn transmit(&mut self, link: LinkId, packet: &[u8]) {
        self.deeds.sent.push((link, packet.to_vec()));
    }

    fn close(&mut self, link: LinkId) {
        self.deeds.closed.push(link);
    }

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Motor(drive) => {
                if !self.deeds.drives.iter().any(|drive| *drive != Drive::Stop) {
                    self.deeds.memories_before_motor = self.deeds.memories;
                }
                self.deeds.drives.push(*drive);
            }
            Fact::Persisted { tag: RecordTag::Memory, .. } => self.deeds.memories += 1,
            Fact::Persisted { .. }
            | Fact::NotPersisted { .. }
            | Fact::Stalled
            | Fact::Bolt(_)
            | Fact::Door(_)
            | Fact::Battery(_)
            | Fact::Indicated(_)
            | Fact::Alarm(_)
            | Fact::Tidied(_)
            | Fact::NotTidied(_)
            | Fact::Firmware(..)
            | Fact::Update(_) => {}
        }
    }

    fn boundary(&mut self, _boundary: Boundary) -> Verdict {
        let burnt = match &mut self.fuse {
            Some(left) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
            None => false,
        };
        // A chip whose flash has no power has none itself.
        if burnt || self.flash.cells().is_off() { Verdict::CutPower } else { Verdict::GoOn }
    }
}

/// The lock, with power.
#[derive(Debug)]
pub(crate) struct Lock {
    controller: Controller<SharedFlash>,
    witness: Witness,
}

impl Lock {
    /// Makes a new lock on blank flash.
    pub(crate) fn provision(
        root: &RootKey,
        lock_id: LockId,
    ) -> Result<SharedFlash, ProvisionError<HostFlashError>> {
        let flash = SharedFlash::new();
        provision(flash.clone(), root, lock_id, &[0x51; 32])?;
        Ok(flash)
    }

    pub(crate) fn boot(
        flash: SharedFlash,
        world: World,
        entropy: [u8; 32],
    ) -> Result<Self, StartError<HostFlashError>> {
        let controller = Controller::boot(flash.clone(), world, entropy)?;
        Ok(Self { controller, witness: Witness { flash, deeds: Deeds::default(), fuse: None } })
    }

    pub(crate) fn controller(&self) -> &Controller<SharedFlash> {
        &self.controller
    }

    pub(crate) fn controller_mut(&mut self) -> &mut Controller<SharedFlash> {
        &mut self.controller
    }

    /// Cuts the power after so many boundaries from now, from 1.
    pub(crate) fn light_fuse(&mut self, boundaries: u64) {
        self.witness.fuse = Some(boundaries);
    }

    /// Lets the lock run up to `now`.
    pub(crate) fn step(&mut self, now: Moment) -> (Deeds, Result<(), StepError>) {
        let stepped = self.controller.step(now, &mut self.witness);
        (std::mem::take(&mut self.witness.deeds), stepped)
    }

    /// Takes the power away; the flash has power again when the lock boots.
    pub(crate) fn cut_power(self) -> World {
        let Self { controller, witness } = self;
        witness.flash.cells_mut().power_on();
        controller.cut_power()
    }
}
