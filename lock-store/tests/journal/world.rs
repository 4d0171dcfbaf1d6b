//! A flash and what must be on it: every acknowledged value, and at most one append in the balance.

use std::collections::BTreeMap;

use lock_store::host::{EraseDamage, HostFlashError, MemoryFlash, ProgramDamage};
use lock_store::{AppendError, IdleError, Journal, MAX_PAYLOAD, TAGS};

pub(crate) type Values = BTreeMap<u8, Vec<u8>>;

pub(crate) const DAMAGES: [EraseDamage; 4] =
    [EraseDamage::Scattered, EraseDamage::FromStart, EraseDamage::FromEnd, EraseDamage::LooksErased];

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Append(u8, Vec<u8>),
    Idle,
}

/// How a run of steps ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Cut,
}

#[derive(Debug, Clone)]
pub(crate) struct World<const WRITE: usize, const ERASE: usize> {
    pub(crate) flash: MemoryFlash<WRITE, ERASE>,
    pub(crate) acknowledged: Values,
    pub(crate) in_flight: Option<(u8, Vec<u8>)>,
}

impl<const WRITE: usize, const ERASE: usize> World<WRITE, ERASE> {
    pub(crate) fn formatted(sectors: usize, damage: EraseDamage) -> Self {
        let mut flash = MemoryFlash::new(sectors);
        flash.damage_erases(damage);
        flash.damage_programs(match damage {
            EraseDamage::Scattered | EraseDamage::FromStart => ProgramDamage::SomeBits,
            EraseDamage::FromEnd | EraseDamage::LooksErased => ProgramDamage::NotBegun,
        });
        Journal::format(&mut flash).expect("a blank flash can be formatted");
        Self { flash, acknowledged: Values::new(), in_flight: None }
    }

    /// Boots, and runs the steps on one mounted journal until they end or the power does.
    pub(crate) fn run(&mut self, steps: &[Step]) -> End {
        let mut journal = Journal::mount(&mut self.flash).expect("a cut never makes the journal unmountable");
        for step in steps {
            let end = match step {
                Step::Idle => idle(&mut journal),
                Step::Append(tag, payload) => {
                    self.in_flight = Some((*tag, payload.clone()));
                    let end = append(&mut journal, *tag, payload);
                    if end == End::Done {
                        self.acknowledged.insert(*tag, payload.clone());
                        self.in_flight = None;
                    }
                    end
                }
            };
            if end == End::Cut {
                return End::Cut;
            }
        }
        assert_eq!(values(&mut journal), self.acknowledged, "what was acknowledged is read back");
        End::Done
    }

    /// Boots after a cut: each tag has what was acknowledged, or for the append in the balance the new value. What this
    /// boot saw becomes the truth, so that a later boot must not take it back.
    pub(crate) fn recover(&mut self) {
        self.flash.power_on();
        let before = self.flash.bytes().to_vec();
        let found =
            values(&mut Journal::mount(&mut self.flash).expect("a cut never makes the journal unmountable"));
        assert_eq!(self.flash.bytes(), before, "a mount writes nothing");
        if found != self.acknowledged {
            let (tag, payload) = self.in_flight.take().expect("nothing acknowledged changes");
            self.acknowledged.insert(tag, payload);
            assert_eq!(
                found, self.acknowledged,
                "the append that was cut is there or not, and nothing else changed"
            );
        }
        self.in_flight = None;
    }
}

pub(crate) fn values<const WRITE: usize, const ERASE: usize>(
    journal: &mut Journal<&mut MemoryFlash<WRITE, ERASE>>,
) -> Values {
    let mut buffer = [0; MAX_PAYLOAD];
    let mut values = Values::new();
    for tag in 0..TAGS as u8 {
        if let Some(length) = journal.read(tag, &mut buffer).expect("a mounted journal is readable") {
            values.insert(tag, buffer[..length].to_vec());
        }
    }
    values
}

/// Idle work until there is none; it ends within a bounded number of steps.
pub(crate) fn idle<const WRITE: usize, const ERASE: usize>(
    journal: &mut Journal<&mut MemoryFlash<WRITE, ERASE>>,
) -> End {
    for _ in 0..10 {
        if !journal.needs_idle_work() {
            return End::Done;
        }
        match journal.idle_work() {
            Ok(_) => {}
            Err(IdleError::Flash(HostFlashError::PowerOff)) => return End::Cut,
            Err(error) => panic!("idle work on a good flash: {error}"),
        }
    }
    panic!("idle work goes on for ever");
}

/// An append as a device does it: where the journal is busy, idle work first.
pub(crate) fn append<const WRITE: usize, const ERASE: usize>(
    journal: &mut Journal<&mut MemoryFlash<WRITE, ERASE>>,
    tag: u8,
    payload: &[u8],
) -> End {
    let first = match journal.append(tag, payload) {
        Err(AppendError::Busy) => match idle(journal) {
            End::Done => journal.append(tag, payload),
            End::Cut => return End::Cut,
        },
        other => other,
    };
    match first {
        Ok(()) => End::Done,
        Err(AppendError::Flash(HostFlashError::PowerOff)) => End::Cut,
        Err(error) => panic!("append on a good flash: {error}"),
    }
}

/// Bytes that tell every append from every other.
pub(crate) fn payload(seed: usize, length: usize) -> Vec<u8> {
    (0..length).map(|place| (seed * 37 + place * 11 + 5) as u8).collect()
}
