//! The ledger in storage. Integers are big-endian.
//!
//! | offset | bytes | field |
//! | --- | --- | --- |
//! | 0 | 1 | layout, `0x01` |
//! | 1 | 8 | highest id begun; 0 for none |
//! | 9 | 8 | map: bit n stands for the id `highest - n` |
//! | 17 | 8 x 18 | the commands kept, newest first; all zero where there is none |
//!
//! A kept command is `id[8] ‖ digest[8] ‖ state[1] ‖ outcome code[1]`; states are 1 started, 2 finished, 3 interrupted.

use super::{CommandLedger, Entry, KEPT, MAP_BITS, State};
use crate::digest::CommandDigest;

const LAYOUT: u8 = 1;
const ENTRY: usize = 18;

const STARTED: u8 = 1;
const FINISHED: u8 = 2;
const INTERRUPTED: u8 = 3;

/// Bytes that no ledger encodes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the stored bytes are not a command ledger; refuse remote commands and have the lock serviced")]
pub struct LedgerError;

impl CommandLedger {
    /// Length of an encoded ledger, in bytes.
    pub const BYTES: usize = 17 + KEPT * ENTRY;

    /// The ledger for storage. Equal ledgers have equal bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let head = [LAYOUT].into_iter().chain(self.highest.to_be_bytes()).chain(self.map.to_be_bytes());
        let kept = self.kept.iter().flat_map(|entry| entry.as_ref().map_or([0; ENTRY], Entry::encode));
        bytes.iter_mut().zip(head.chain(kept)).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Reads what [`CommandLedger::encode`] wrote. After a boot, call [`CommandLedger::after_boot`] next.
    ///
    /// # Errors
    /// [`LedgerError`] for any other bytes. It is never taken for an empty ledger: that would execute old commands again.
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerError> {
        let bytes: &[u8; Self::BYTES] = bytes.try_into().map_err(|_| LedgerError)?;
        let (&[layout], rest) = bytes.split_first_chunk().ok_or(LedgerError)?;
        let (&highest, rest) = rest.split_first_chunk().ok_or(LedgerError)?;
        let (&map, rest) = rest.split_first_chunk().ok_or(LedgerError)?;
        if layout != LAYOUT {
            return Err(LedgerError);
        }
        let (highest, map) = (u64::from_be_bytes(highest), u64::from_be_bytes(map));
        let mut ledger = Self { highest, map, kept: [None; KEPT] };
        let (entries, _) = rest.as_chunks::<ENTRY>();
        for (place, entry) in ledger.kept.iter_mut().zip(entries) {
            *place = Entry::decode(entry)?;
        }
        if ledger.is_consistent() { Ok(ledger) } else { Err(LedgerError) }
    }

    /// The rules that hold for every ledger that was ever built.
    fn is_consistent(&self) -> bool {
        let map_is_whole = self.map & 1 == 1 && self.highest < u64::MAX;
        // Ids below 0 do not exist, and id 0 stands for none: it counts as begun.
        let map_stays_above_zero = match u32::try_from(self.highest) {
            Ok(zero) if u64::from(zero) < MAP_BITS => self.map.checked_shr(zero) == Some(1),
            _ => true,
        };
        let filled = self.kept.iter().take_while(|entry| entry.is_some()).count();
        let kept_is_filled_from_the_front = self.kept.iter().flatten().count() == filled;
        let every_kept_was_begun = self
            .kept
            .iter()
            .flatten()
            .all(|entry| entry.id > 0 && entry.id <= self.highest && self.was_begun_or_passed(entry.id));
        let mut rest = self.kept.iter().flatten();
        let ids_differ = core::iter::from_fn(|| rest.next().map(|entry| (entry.id, rest.clone())))
            .all(|(id, mut others)| others.all(|other| other.id != id));
        map_is_whole
            && map_stays_above_zero
            && kept_is_filled_from_the_front
            && every_kept_was_begun
            && ids_differ
    }
}

impl Entry {
    fn encode(&self) -> [u8; ENTRY] {
        let (state, code) = match self.state {
            State::Started => (STARTED, 0),
            State::Finished(code) => (FINISHED, code),
            State::Interrupted => (INTERRUPTED, 0),
        };
        let mut bytes = [0; ENTRY];
        let fields = self.id.to_be_bytes().into_iter().chain(self.digest.0).chain([state, code]);
        bytes.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        bytes
    }

    fn decode(bytes: &[u8; ENTRY]) -> Result<Option<Self>, LedgerError> {
        let [a, b, c, d, e, f, g, h, digest @ .., state, code] = *bytes;
        let id = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let state = match (state, code) {
            (0, 0) if *bytes == [0; ENTRY] => return Ok(None),
            (STARTED, 0) => State::Started,
            (FINISHED, code) => State::Finished(code),
            (INTERRUPTED, 0) => State::Interrupted,
            _ => return Err(LedgerError),
        };
        Ok(Some(Self { id, digest: CommandDigest(digest), state }))
    }
}
