//! What a flash holds after any cut. Nothing is written here.
//!
//! 1. A sector counts when its erase ended (both its marks stand) and the secret behind its head is committed. The one with the highest number is the
//!    newest; those before it, as far as their numbers go down one by one, are held.
//! 2. A newest sector that is closed is damage: the one that took over is gone.
//! 3. The newest secret is the last committed one of the newest sector, and must be whole. An entry at or above the first of a later
//!    sector was never acknowledged to the caller, and does not count.

use embedded_storage::nor_flash::NorFlash;

use super::error::{LogDamage, LogIdleError};
use super::layout::RingLayout;
use super::record::{self, HEAD, Kind, Life, Place, Secret};
use super::scan::{note, scan};
use super::{BEGINNING, LogMountError, LogRing, SecretErasure, Tail};
use crate::journal::error::WriteError;
use crate::journal::layout::{BLANK_WORD, CLOSED, Mark};
use crate::journal::medium::Medium;

/// All that a mount finds out.
pub(super) struct Recovered {
    newest: Life,
    tail: Tail,
    next: u64,
    acknowledged: u64,
    oldest: Life,
    first: u64,
    oldest_end: u64,
    key: Place,
    spent: [Option<Place>; 3],
    unclosed: Option<u32>,
}

/// A sector that counts, with what its head says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Born {
    pub(super) life: Life,
    pub(super) first: u64,
    pub(super) acknowledged: u64,
}

impl Recovered {
    pub(super) fn into_ring<F: NorFlash, E: SecretErasure<F>>(
        self,
        medium: Medium<F>,
        layout: RingLayout,
    ) -> Result<LogRing<F, E>, LogMountError<F::Error>> {
        let mut ring = LogRing {
            tail: self.tail,
            next: self.next,
            acknowledged: self.acknowledged,
            oldest: self.oldest,
            first: self.first,
            oldest_end: self.oldest_end,
            key: self.key,
            spent: if E::IN_PLACE { self.spent } else { [None; 3] },
            unclosed: self.unclosed,
            ..LogRing::opened(medium, layout, self.newest)
        };
        ring.ahead = ring.look_ahead().map_err(|error| match error {
            WriteError::Flash(error) => LogMountError::Flash(error),
            WriteError::Fault => LogDamage { sector: 0, offset: 0 }.into(),
        })?;
        Ok(ring)
    }
}

pub(super) fn recover<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
) -> Result<Recovered, LogMountError<F::Error>> {
    let mut newest: Option<Born> = None;
    for sector in 0..layout.sectors() {
        if let Some(found) = born(medium, layout, sector)?
            && newest.is_none_or(|best| found.life.sequence > best.life.sequence)
        {
            newest = Some(found);
        }
    }
    let Some(newest) = newest else {
        let end = layout.address(layout.sectors(), 0);
        let is_blank = medium.is_blank(0, end).map_err(LogMountError::Flash)?;
        return Err(if is_blank {
            LogMountError::Unformatted
        } else {
            LogDamage { sector: 0, offset: 0 }.into()
        });
    };
    let life = newest.life;
    let closed = closed_mark(medium, layout, life).map_err(LogMountError::Flash)?;
    if closed != Mark::Blank {
        return Err(LogDamage { sector: life.sector, offset: layout.closed() }.into());
    }
    let scan = scan(medium, layout, newest)?;
    let mut found = Recovered {
        newest: life,
        tail: scan.tail,
        next: scan.next,
        acknowledged: scan.acknowledged,
        oldest: life,
        first: newest.first,
        oldest_end: scan.next,
        key: Place { life, offset: 0 },
        spent: scan.spent,
        unclosed: None,
    };
    let key = scan.key.ok_or(LogDamage { sector: life.sector, offset: layout.first_key() })?;
    let damage = LogDamage { sector: life.sector, offset: key.offset };
    match record::secret(medium, layout, key.life, key.offset).map_err(LogMountError::Flash)? {
        Secret::Whole(_) => found.key = key,
        Secret::Erased | Secret::Broken => return Err(damage.into()),
    }
    found.go_back(medium, layout)?;
    Ok(found)
}

impl Recovered {
    /// Through the sectors before the newest: which are held, and which secrets are still to be erased.
    fn go_back<F: NorFlash>(
        &mut self,
        medium: &mut Medium<F>,
        layout: RingLayout,
    ) -> Result<(), LogMountError<F::Error>> {
        for back in 1..layout.sectors() {
            let Some(sequence) = self.newest.sequence.checked_sub(back).filter(|sequence| *sequence > 0)
            else {
                break;
            };
            let life = layout.life(sequence);
            let Some(found) = born(medium, layout, life.sector)?.filter(|found| found.life == life) else {
                break;
            };
            if back == 1 {
                if closed_mark(medium, layout, life).map_err(LogMountError::Flash)? == Mark::Blank {
                    self.unclosed = Some(life.sector);
                }
                // Damage in there costs what it hides: the newest secret is not in it.
                match scan(medium, layout, found) {
                    Ok(scan) => {
                        for place in scan.spent.into_iter().flatten().chain(scan.key) {
                            note(medium, layout, &mut self.spent, place)?;
                        }
                    }
                    Err(LogMountError::Damaged(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            (self.oldest, self.oldest_end) = (life, self.first);
            self.first = found.first;
        }
        Ok(())
    }
}

/// A sector whose erase ended and whose head is committed, with what the head says. One that is not may hold nothing else.
fn born<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    sector: u32,
) -> Result<Option<Born>, LogMountError<F::Error>> {
    if !medium.is_intact(sector).map_err(LogMountError::Flash)? {
        return Ok(None);
    }
    let word = medium.word(layout.address(sector, layout.opened())).map_err(LogMountError::Flash)?;
    let damage = LogDamage { sector, offset: layout.opened() };
    let sequence = layout.sequence(word).filter(|sequence| *sequence > 0);
    let life = sequence.map(|sequence| layout.life(sequence));
    if let Some(life) = life {
        if life.sector != sector {
            return Err(damage.into());
        }
        // Its secret is committed last: with that it counts.
        let mark = record::mark(medium, layout, life, layout.first_key()).map_err(LogMountError::Flash)?;
        if mark != Mark::Blank {
            let head = head(medium, layout, life).map_err(LogMountError::Flash)?;
            let Head { first, acknowledged, .. } = head.ok_or(damage)?;
            return Ok(Some(Born { life, first, acknowledged }));
        }
    }
    let behind = if life.is_some() { layout.first_entry() } else { layout.closed() };
    let (from, to) = (layout.address(sector, behind), layout.address(sector, layout.end()));
    if medium.is_blank(from, to).map_err(LogMountError::Flash)? { Ok(None) } else { Err(damage.into()) }
}

/// What the head of a sector says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// The index of its first entry.
    pub(super) first: u64,
    /// How many entries were acknowledged when it was written.
    pub(super) acknowledged: u64,
    /// How the payload of the entry before its first begins.
    pub(super) before: [u8; BEGINNING],
}

/// Reads the head of a sector; `None` where it is damaged.
pub(super) fn head<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    life: Life,
) -> Result<Option<Head>, F::Error> {
    let at = (life, layout.records());
    let Some((Kind::Head, header)) = record::header(medium, layout, at.0, at.1)? else { return Ok(None) };
    let mut bytes = [0; HEAD];
    let mut slots = bytes.iter_mut();
    let is_whole = record::payload(medium, layout, at, (Kind::Head, header), |piece| {
        piece.iter().zip(&mut slots).for_each(|(byte, slot)| *slot = *byte);
    })?;
    let parts = bytes.split_first_chunk().and_then(|(first, rest)| {
        let (acknowledged, before) = rest.split_first_chunk()?;
        let (first, acknowledged) = (u64::from_le_bytes(*first), u64::from_le_bytes(*acknowledged));
        Some(Head { first, acknowledged, before: before.try_into().ok()? })
    });
    Ok(parts.filter(|_| is_whole && usize::from(header.length) == HEAD))
}

/// The first sector behind `life` whose head is whole, and the index of its first entry.
pub(super) fn first_behind<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    life: Life,
    newest: Life,
) -> Result<(Life, u64), LogIdleError<F::Error>> {
    let mut behind = life;
    while behind.sequence < newest.sequence {
        behind = layout.life(behind.sequence.saturating_add(1));
        if let Some(head) = head(medium, layout, behind).map_err(LogIdleError::Flash)? {
            return Ok((behind, head.first));
        }
    }
    Err(LogDamage { sector: behind.sector, offset: layout.records() }.into())
}

fn closed_mark<F: NorFlash>(
    medium: &mut Medium<F>,
    layout: RingLayout,
    life: Life,
) -> Result<Mark, F::Error> {
    let word = medium.word(layout.address(life.sector, layout.closed()))?;
    Ok(if word == BLANK_WORD { Mark::Blank } else { Mark::of(word, CLOSED) })
}
