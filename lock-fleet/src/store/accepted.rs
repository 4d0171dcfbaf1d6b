//! Which sealed-up counters of a lock were accepted: each once, in any order (section 5, "Up").

use std::collections::BTreeSet;

/// The accepted counters of one lock and key epoch, in bounded space.
///
/// Every counter below `floor` counts as seen; from there on, single ones are kept. When more than [`AcceptedUp::KEPT`] gather,
/// the floor moves past the lowest: a packet that so many newer ones have overtaken is refused, and the lock's answer is had by
/// sending the command again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptedUp {
    floor: u64,
    recent: BTreeSet<u64>,
}

/// A counter that was accepted before, or is too old to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenBefore;

impl AcceptedUp {
    /// How many counters from the floor on are kept apart.
    pub const KEPT: usize = 256;

    /// Accepts a counter of a packet that has opened.
    ///
    /// # Errors
    /// [`SeenBefore`]; nothing changed.
    pub fn accept(&mut self, counter: u64) -> Result<(), SeenBefore> {
        // The last number is never used: there is no floor above it.
        if counter < self.floor || counter == u64::MAX || !self.recent.insert(counter) {
            return Err(SeenBefore);
        }
        if self.recent.len() > Self::KEPT
            && let Some(lowest) = self.recent.pop_first()
        {
            self.floor = lowest + 1;
        }
        while self.recent.remove(&self.floor) {
            self.floor += 1;
        }
        Ok(())
    }

    /// As bytes: the floor and the kept counters, 8 bytes each, big-endian.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        std::iter::once(&self.floor).chain(&self.recent).flat_map(|counter| counter.to_be_bytes()).collect()
    }

    /// Reads what [`AcceptedUp::encode`] wrote; `None` for anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (counters, []) = bytes.as_chunks::<8>() else { return None };
        let (floor, recent) = counters.split_first()?;
        let recent: BTreeSet<u64> = recent.iter().map(|counter| u64::from_be_bytes(*counter)).collect();
        Some(Self { floor: u64::from_be_bytes(*floor), recent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counter_is_accepted_once_in_any_order() {
        let mut accepted = AcceptedUp::default();
        for counter in [3, 1, 200, 0, 2, 64] {
            assert_eq!(accepted.accept(counter), Ok(()));
        }
        for counter in [0, 1, 2, 3, 64, 200, u64::MAX] {
            assert_eq!(accepted.accept(counter), Err(SeenBefore));
        }
        assert_eq!(accepted.floor, 4, "a run from the start takes no room");
    }

    #[test]
    fn the_space_is_bounded_and_what_fell_out_stays_refused() {
        let mut accepted = AcceptedUp::default();
        let kept = AcceptedUp::KEPT as u64;
        for counter in (1..=kept + 1).map(|number| number * 2) {
            assert_eq!(accepted.accept(counter), Ok(()));
        }
        assert!(accepted.recent.len() <= AcceptedUp::KEPT);
        assert_eq!(accepted.accept(1), Err(SeenBefore));
        assert_eq!(accepted.accept(2), Err(SeenBefore));
        assert_eq!(accepted.accept(3), Ok(()));
        assert_eq!(accepted.accept(u64::MAX - 1), Ok(()));
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let mut accepted = AcceptedUp::default();
        for counter in [1, 2, 9, 7] {
            accepted.accept(counter).unwrap();
        }
        assert_eq!(AcceptedUp::decode(&accepted.encode()), Some(accepted));
        assert_eq!(AcceptedUp::decode(&[0; 9]), None);
        assert_eq!(AcceptedUp::decode(&[]), None);
    }
}
