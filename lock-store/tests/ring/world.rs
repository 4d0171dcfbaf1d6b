//! A flash and what must be on it: every entry that was appended and not given up, one secret, and at most one step in the balance.

use embedded_storage::nor_flash::NorFlash;
use lock_store::host::{EraseDamage, HostFlashError, Memory, ProgramDamage, SimulatedFlash};
use lock_store::{
    AcknowledgeError, BEGINNING, LogAppendError, LogIdleError, LogReadError, LogRing, MAX_ENTRY, SECRET,
    SecretErasure, UntilErase, ZeroInPlace,
};

pub(crate) const DAMAGES: [EraseDamage; 4] =
    [EraseDamage::Scattered, EraseDamage::FromStart, EraseDamage::FromEnd, EraseDamage::LooksErased];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Append(Vec<u8>),
    /// Of the entry so many before the last.
    Acknowledge(u64),
    Idle,
}

/// How a run of steps ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Cut,
}

/// A flash with its way of erasing secrets.
pub(crate) trait Chip: Clone {
    type Flash: NorFlash<Error = HostFlashError>;
    type Way;
    fn new(sectors: usize) -> Self;
    fn ring(&mut self) -> &mut Self::Flash;
    fn control(&mut self) -> &mut dyn Control;
    /// Whether superseded secrets are gone at once.
    const IN_PLACE: bool;
}

/// What a test does to a flash.
pub(crate) trait Control {
    fn cut_after(&mut self, bytes: u64);
    fn power_on(&mut self);
    fn damage(&mut self, erases: EraseDamage, programs: ProgramDamage);
    fn contents(&self) -> &[u8];
    fn erases(&self) -> u64;
}

impl<const WRITE: usize, const ERASE: usize, const REWRITES: bool> Control
    for SimulatedFlash<Memory, WRITE, ERASE, REWRITES>
{
    fn cut_after(&mut self, bytes: u64) {
        self.power_cut_after(bytes);
    }
    fn power_on(&mut self) {
        self.power_on();
    }
    fn damage(&mut self, erases: EraseDamage, programs: ProgramDamage) {
        self.damage_erases(erases);
        self.damage_programs(programs);
    }
    fn contents(&self) -> &[u8] {
        self.bytes()
    }
    fn erases(&self) -> u64 {
        self.counters().erases
    }
}

#[derive(Clone)]
pub(crate) struct Rewritable<const WRITE: usize, const ERASE: usize>(
    pub(crate) SimulatedFlash<Memory, WRITE, ERASE, true>,
);

#[derive(Clone)]
pub(crate) struct Strict<const WRITE: usize, const ERASE: usize>(
    pub(crate) SimulatedFlash<Memory, WRITE, ERASE, false>,
);

macro_rules! chip {
    ($name:ident, $rewrites:literal, $way:ty) => {
        impl<const WRITE: usize, const ERASE: usize> Chip for $name<WRITE, ERASE> {
            type Flash = SimulatedFlash<Memory, WRITE, ERASE, $rewrites>;
            type Way = $way;
            fn new(sectors: usize) -> Self {
                Self(SimulatedFlash::new(sectors))
            }
            fn ring(&mut self) -> &mut Self::Flash {
                &mut self.0
            }
            fn control(&mut self) -> &mut dyn Control {
                &mut self.0
            }
            const IN_PLACE: bool = $rewrites;
        }
    };
}
chip!(Rewritable, true, ZeroInPlace);
chip!(Strict, false, UntilErase);

pub(crate) type Ring<'c, C> = LogRing<&'c mut <C as Chip>::Flash, <C as Chip>::Way>;

#[derive(Clone)]
pub(crate) struct World<C> {
    pub(crate) chip: C,
    /// Every payload that was ever appended, by index.
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) first: u64,
    pub(crate) acknowledged: u64,
    in_flight: Option<Step>,
}

impl<C: Chip> World<C>
where
    for<'c> C::Way: SecretErasure<&'c mut C::Flash>,
{
    pub(crate) fn formatted(sectors: usize, damage: EraseDamage) -> Self {
        let mut chip = C::new(sectors);
        let programs = match damage {
            EraseDamage::Scattered | EraseDamage::FromStart => ProgramDamage::SomeBits,
            EraseDamage::FromEnd | EraseDamage::LooksErased => ProgramDamage::NotBegun,
        };
        chip.control().damage(damage, programs);
        let _: Ring<'_, C> =
            LogRing::format(chip.ring(), &secret(0)).expect("a blank flash can be formatted");
        Self { chip, entries: Vec::new(), first: 0, acknowledged: 0, in_flight: None }
    }

    pub(crate) fn mount(&mut self) -> Ring<'_, C> {
        LogRing::mount(self.chip.ring()).expect("a cut never makes the log unmountable")
    }

    /// Boots, and runs the steps on one mounted ring until they end or the power does.
    pub(crate) fn run(&mut self, steps: &[Step]) -> End {
        let Self { chip, entries, first, acknowledged, in_flight } = self;
        let mut ring: Ring<'_, C> =
            LogRing::mount(chip.ring()).expect("a cut never makes the log unmountable");
        for step in steps {
            *in_flight = Some(step.clone());
            let end = match step {
                Step::Idle => idle(&mut ring, first),
                Step::Append(payload) => append(&mut ring, entries, first, payload),
                Step::Acknowledge(back) => acknowledge(&mut ring, entries, (first, acknowledged), *back),
            };
            if end == End::Cut {
                return End::Cut;
            }
            *in_flight = None;
        }
        // An entry that is committed is acknowledged, also where the power goes while the ring tidies up behind it.
        if let Err(LogReadError::Flash(HostFlashError::PowerOff)) = ring.read(*first, &mut [0; MAX_ENTRY]) {
            return End::Cut;
        }
        check(&mut ring, entries, *first, *acknowledged);
        End::Done
    }

    /// Boots after a cut: all is there but for the step in the balance, which is there or not. What this boot saw becomes the truth.
    pub(crate) fn recover(&mut self) {
        self.chip.control().power_on();
        let before = self.chip.control().contents().to_vec();
        let held = self.mount().held();
        assert_eq!(self.chip.control().contents(), before, "a mount writes nothing");
        let next = self.entries.len() as u64;
        match (held.next - next, self.in_flight.take()) {
            (0, _) => {}
            (1, Some(Step::Append(payload))) => self.entries.push(payload),
            (more, step) => panic!("{more} entries more, and {step:?} in the balance"),
        }
        assert!(held.acknowledged >= self.acknowledged && held.first >= self.first);
        (self.first, self.acknowledged) = (held.first, held.acknowledged);
        let (entries, first, acknowledged) = (self.entries.clone(), self.first, self.acknowledged);
        check(&mut self.mount(), &entries, first, acknowledged);
    }

    /// No secret but the newest is on the flash.
    pub(crate) fn no_secret_is_left(&mut self) {
        let next = self.entries.len() as u64;
        let contents = self.chip.control().contents();
        for old in next.saturating_sub(4)..next {
            let spent = secret(old);
            let left = contents.windows(SECRET).any(|window| window == spent);
            assert!(!left, "the secret of entry {old} is still there, {next} is the next");
        }
        let newest = secret(next);
        assert!(contents.windows(SECRET).any(|window| window == newest), "the newest secret");
    }
}

/// The ring holds exactly what it says, and the one secret that comes next.
fn check<F: NorFlash, E: SecretErasure<F>>(
    ring: &mut LogRing<F, E>,
    entries: &[Vec<u8>],
    first: u64,
    acknowledged: u64,
) {
    let held = ring.held();
    assert_eq!((held.first, held.next, held.acknowledged), (first, entries.len() as u64, acknowledged));
    let mut buffer = [0; MAX_ENTRY];
    for (index, payload) in entries.iter().enumerate() {
        let read = ring.read(index as u64, &mut buffer).expect("a mounted log is readable");
        let is_held = index as u64 >= first;
        assert_eq!(read.map(|length| &buffer[..length]), is_held.then_some(payload.as_slice()), "{index}");
    }
    let before = |index: u64| index.checked_sub(1).map_or(vec![], |before| entries[before as usize].clone());
    for index in [held.first, held.next.saturating_sub(1)] {
        let mut beginning = before(index);
        beginning.resize(BEGINNING, 0);
        let expected = (held.first..held.next).contains(&index).then_some(beginning);
        assert_eq!(ring.before(index).expect("readable").map(Vec::from), expected);
    }
    assert_eq!(ring.read(held.next, &mut buffer).expect("readable"), None);
    let mut newest = [0; SECRET];
    let found = ring.newest(&mut newest).expect("the newest secret is whole");
    assert_eq!(newest, secret(held.next));
    let mut last = entries.last().cloned().unwrap_or_default();
    last.resize(BEGINNING, 0);
    assert_eq!(found.as_slice(), last);
}

/// Idle work until there is none; it ends within a bounded number of steps.
pub(crate) fn idle<F: NorFlash<Error = HostFlashError>, E: SecretErasure<F>>(
    ring: &mut LogRing<F, E>,
    first: &mut u64,
) -> End {
    for _ in 0..10 {
        if !ring.needs_idle_work() {
            return End::Done;
        }
        match ring.idle_work() {
            Ok(_) => *first = ring.held().first,
            Err(LogIdleError::Flash(HostFlashError::PowerOff)) => return End::Cut,
            Err(error) => panic!("idle work on a good flash: {error}"),
        }
    }
    panic!("idle work goes on for ever");
}

/// An append as a device does it: where the ring is busy, idle work first.
fn append<F: NorFlash<Error = HostFlashError>, E: SecretErasure<F>>(
    ring: &mut LogRing<F, E>,
    entries: &mut Vec<Vec<u8>>,
    first: &mut u64,
    payload: &[u8],
) -> End {
    let index = entries.len() as u64;
    for _ in 0..8 {
        match ring.append(&secret(index + 1), payload) {
            Ok(found) => {
                assert_eq!(found, index);
                entries.push(payload.to_vec());
                return End::Done;
            }
            Err(LogAppendError::Busy) => {
                if idle(ring, first) == End::Cut {
                    return End::Cut;
                }
            }
            Err(LogAppendError::Flash(HostFlashError::PowerOff)) => return End::Cut,
            Err(error) => panic!("append on a good flash: {error}"),
        }
    }
    panic!("idle work makes no room");
}

fn acknowledge<F: NorFlash<Error = HostFlashError>, E: SecretErasure<F>>(
    ring: &mut LogRing<F, E>,
    entries: &[Vec<u8>],
    (first, acknowledged): (&mut u64, &mut u64),
    back: u64,
) -> End {
    let Some(index) = (entries.len() as u64).checked_sub(1 + back) else { return End::Done };
    for _ in 0..8 {
        match ring.acknowledge(index, &entries[index as usize]) {
            Ok(()) => {
                *acknowledged = (*acknowledged).max(index + 1);
                return End::Done;
            }
            Err(AcknowledgeError::Busy) => {
                if idle(ring, first) == End::Cut {
                    return End::Cut;
                }
            }
            Err(AcknowledgeError::Mismatch) => {
                assert!(index < *first, "an entry that is held can be acknowledged");
                return End::Done;
            }
            Err(AcknowledgeError::Flash(HostFlashError::PowerOff)) => return End::Cut,
            Err(error) => panic!("acknowledgement on a good flash: {error}"),
        }
    }
    panic!("idle work makes no room");
}

/// The secret of an entry, like no other's.
pub(crate) fn secret(index: u64) -> [u8; SECRET] {
    let mark = (index + 1).to_le_bytes();
    core::array::from_fn(|place| mark[place % 2] ^ (place as u8).wrapping_mul(37) ^ 0x5A)
}

/// Bytes that tell every entry from every other.
pub(crate) fn payload(seed: usize, length: usize) -> Vec<u8> {
    (0..length).map(|place| (seed * 37 + place * 11 + 5) as u8).collect()
}
