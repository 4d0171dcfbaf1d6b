//! What a flash holds after any cut: which sector counts, which records are in it, what the others are good for.
//!
//! Nothing is written here, so a mount that is cut changes nothing. The rules, in the order in which they are applied:
//!
//! 1. The live sector with the highest sequence number is the newest; its predecessor has the number before.
//! 2. A predecessor that is whole and *not closed* proves that nothing was acknowledged in the newest one. The newest
//!    is then used only if all of it checks out; otherwise the predecessor is used, and the newest is erased before
//!    anything is appended.
//! 3. Without such a predecessor the newest sector is the only truth: damage in it is an error. Likewise a newest
//!    sector that is closed: the one that took over is gone.

use embedded_storage::nor_flash::NorFlash;

use super::error::{Corruption, Damage, MountError};
use super::layout::{CLOSED, MAX_SECTORS, Mark};
use super::medium::Medium;
use super::record::{self, Index, Life};
use super::{SectorState, Tail};

/// All that a mount finds out.
pub(super) struct Recovered {
    pub(super) active: Life,
    pub(super) index: Index,
    pub(super) tail: Tail,
    pub(super) states: [SectorState; MAX_SECTORS],
    /// The predecessor that is still to be closed before the next append.
    pub(super) unclosed: Option<u32>,
}

/// How far the word came that makes a sector live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Live {
    Blank,
    Begun,
    /// Whole: the records copied at the switch end at this offset.
    Until(u32),
}

/// A sector that went live in some life, whole or not.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    life: Life,
    live: Live,
    closed: Mark,
    intact: bool,
}

impl Candidate {
    fn corrupt<E>(&self, offset: u32, damage: Damage) -> MountError<E> {
        MountError::Corrupt(Corruption { sector: self.life.sector, offset, damage })
    }
}

pub(super) fn recover<F: NorFlash>(medium: &mut Medium<F>) -> Result<Recovered, MountError<F::Error>> {
    let newest = newest(medium)?;
    let predecessor = open_predecessor(medium, newest.life.sequence)?;
    let (active, records, unclosed) = match predecessor {
        Some(predecessor) => match records_of_unacknowledged(medium, &newest)? {
            Some(records) => (newest.life, records, Some(predecessor.life.sector)),
            None => (predecessor.life, read_records(medium, &predecessor)?, None),
        },
        None => (newest.life, records_of_only_truth(medium, &newest)?, None),
    };
    let states = sector_states(medium, active)?;
    Ok(Recovered { active, index: records.index, tail: records.tail, states, unclosed })
}

fn candidate<F: NorFlash>(medium: &mut Medium<F>, sector: u32) -> Result<Option<Candidate>, F::Error> {
    let layout = medium.layout();
    let Some(sequence) = layout.sequence(medium.word(layout.address(sector, layout.opened()))?) else {
        return Ok(None);
    };
    let word = medium.word(layout.address(sector, layout.live()))?;
    let live = match (layout.live_end(sequence, word), Mark::of(word, layout.live_word(sequence, 0))) {
        (Some(end), _) => Live::Until(end),
        (None, Mark::Blank) => Live::Blank,
        (None, Mark::Begun | Mark::Set) => Live::Begun,
    };
    if live == Live::Blank {
        return Ok(None);
    }
    let closed = Mark::of(medium.word(layout.address(sector, layout.closed()))?, CLOSED);
    let intact = medium.is_intact(sector)?;
    Ok(Some(Candidate { life: Life { sector, sequence }, live, closed, intact }))
}

fn newest<F: NorFlash>(medium: &mut Medium<F>) -> Result<Candidate, MountError<F::Error>> {
    let layout = medium.layout();
    let mut newest: Option<Candidate> = None;
    for sector in 0..layout.sectors() {
        let Some(found) = candidate(medium, sector).map_err(MountError::Flash)? else { continue };
        match newest {
            Some(best) if best.life.sequence == found.life.sequence => {
                return Err(found.corrupt(layout.opened(), Damage::DuplicateSequence));
            }
            Some(best) if best.life.sequence > found.life.sequence => {}
            Some(_) | None => newest = Some(found),
        }
    }
    if let Some(newest) = newest {
        return Ok(newest);
    }
    if was_never_live(medium).map_err(MountError::Flash)? {
        return Err(MountError::Unformatted);
    }
    Err(MountError::Corrupt(Corruption { sector: 0, offset: 0, damage: Damage::NoLiveSector }))
}

/// Whether all is erased but for what a format writes before its last word: a blank flash, or one whose format was cut.
fn was_never_live<F: NorFlash>(medium: &mut Medium<F>) -> Result<bool, F::Error> {
    let layout = medium.layout();
    for sector in 0..layout.sectors() {
        let (from, to) = (layout.address(sector, layout.live()), layout.address(sector, layout.tail_ready()));
        if !medium.is_blank(from, to)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The sector before the newest, if it is whole and not closed.
fn open_predecessor<F: NorFlash>(
    medium: &mut Medium<F>,
    newest: u32,
) -> Result<Option<Candidate>, MountError<F::Error>> {
    for sector in 0..medium.layout().sectors() {
        let Some(found) = candidate(medium, sector).map_err(MountError::Flash)? else { continue };
        let precedes = found.life.sequence.checked_add(1) == Some(newest);
        if precedes && found.intact && found.closed == Mark::Blank {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The newest sector's records while its predecessor still vouches for everything acknowledged; `None` to use that one.
fn records_of_unacknowledged<F: NorFlash>(
    medium: &mut Medium<F>,
    newest: &Candidate,
) -> Result<Option<Records>, MountError<F::Error>> {
    let whole = newest.intact && newest.closed == Mark::Blank && matches!(newest.live, Live::Until(_));
    if !whole {
        return Ok(None);
    }
    match read_records(medium, newest) {
        Ok(records) => Ok(Some(records)),
        Err(MountError::Corrupt(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn records_of_only_truth<F: NorFlash>(
    medium: &mut Medium<F>,
    newest: &Candidate,
) -> Result<Records, MountError<F::Error>> {
    let layout = medium.layout();
    if newest.closed != Mark::Blank {
        return Err(newest.corrupt(layout.closed(), Damage::SuccessorMissing));
    }
    if !newest.intact {
        return Err(newest.corrupt(layout.head_ready(), Damage::SectorMarks));
    }
    read_records(medium, newest)
}

/// The records of one sector and where the next one goes.
struct Records {
    index: Index,
    tail: Tail,
}

fn read_records<F: NorFlash>(
    medium: &mut Medium<F>,
    from: &Candidate,
) -> Result<Records, MountError<F::Error>> {
    let layout = medium.layout();
    let mut index = Index::default();
    let mut offset = layout.records();
    let mut tail = Tail::Open(offset);
    while offset.saturating_add(layout.record_size(0)) <= layout.tail_ready() {
        let mark = record::mark(medium, from.life, offset).map_err(MountError::Flash)?;
        if mark == Mark::Blank {
            tail = unwritten_tail(medium, from, offset)?;
            break;
        }
        let verdict = record::check(medium, from.life, offset).map_err(MountError::Flash)?;
        let (tag, entry) = verdict.map_err(|damage| from.corrupt(offset, damage))?;
        index.set(tag, entry);
        let next = offset.saturating_add(layout.record_size(entry.length));
        if mark == Mark::Begun {
            // The body was read back before its mark was begun, so the record counts, and it is the last one.
            if !rest_is_blank(medium, from, next)? {
                return Err(from.corrupt(offset, Damage::RecordMark));
            }
            (offset, tail) = (next, Tail::Sealed);
            break;
        }
        (offset, tail) = (next, Tail::Open(next));
    }
    match from.live {
        Live::Until(end) if offset < end => Err(from.corrupt(offset, Damage::RecordMissing)),
        Live::Until(_) | Live::Begun | Live::Blank => Ok(Records { index, tail }),
    }
}

/// Judges what follows the last committed record: nothing, or one torn record, after which nothing is written here.
fn unwritten_tail<F: NorFlash>(
    medium: &mut Medium<F>,
    from: &Candidate,
    offset: u32,
) -> Result<Tail, MountError<F::Error>> {
    if rest_is_blank(medium, from, offset)? {
        return Ok(Tail::Open(offset));
    }
    if let Ok((_, entry)) = record::check(medium, from.life, offset).map_err(MountError::Flash)? {
        // A record without a mark is the last of its sector: if anything follows, the mark was lost.
        let next = offset.saturating_add(medium.layout().record_size(entry.length));
        if !rest_is_blank(medium, from, next)? {
            return Err(from.corrupt(offset, Damage::RecordMark));
        }
    }
    Ok(Tail::Sealed)
}

fn rest_is_blank<F: NorFlash>(
    medium: &mut Medium<F>,
    from: &Candidate,
    offset: u32,
) -> Result<bool, MountError<F::Error>> {
    let layout = medium.layout();
    let (start, end) =
        (layout.address(from.life.sector, offset), layout.address(from.life.sector, layout.tail_ready()));
    medium.is_blank(start, end).map_err(MountError::Flash)
}

fn sector_states<F: NorFlash>(
    medium: &mut Medium<F>,
    active: Life,
) -> Result<[SectorState; MAX_SECTORS], MountError<F::Error>> {
    let mut states = [SectorState::Absent; MAX_SECTORS];
    for (sector, state) in (0..medium.layout().sectors()).zip(&mut states) {
        let rival = candidate(medium, sector).map_err(MountError::Flash)?;
        *state = if sector == active.sector {
            SectorState::Active
        } else if medium.is_ready(sector).map_err(MountError::Flash)? {
            SectorState::Ready
        } else if rival.is_some_and(|rival| rival.life.sequence > active.sequence) {
            SectorState::Rejected
        } else {
            SectorState::Stale
        };
    }
    Ok(states)
}
