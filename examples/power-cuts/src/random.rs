//! Chance that repeats: the same seed, the same cuts.

/// SplitMix64: <https://doi.org/10.1145/2660193.2660195>.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 1 to `last`, which is not 0. The bias is far below what a run could show.
    pub(crate) fn up_to(&mut self, last: u64) -> u64 {
        1 + self.next() % last.max(1)
    }

    /// So many different numbers from 1 to `last`, in the order of the draw; all of them where there are no more.
    pub(crate) fn distinct(&mut self, count: usize, last: u64) -> Vec<u64> {
        let mut left: Vec<u64> = (1..=last).collect();
        let draw = |_| left.swap_remove(self.up_to(left.len() as u64) as usize - 1);
        (0..count.min(last as usize)).map(draw).collect()
    }

    /// So many numbers from 1 to `last`, as evenly as can be: each with how often it comes.
    pub(crate) fn spread(&mut self, count: usize, last: u64) -> Vec<(u64, usize)> {
        let (each, more) = (count / last.max(1) as usize, count % last.max(1) as usize);
        let drawn = self.distinct(last as usize, last).into_iter().enumerate();
        let numbers = drawn.map(|(place, number)| (number, each + usize::from(place < more)));
        numbers.filter(|(_, times)| *times > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_comes_once_and_again_with_the_same_seed() {
        for (count, last) in [(0, 9), (1, 1), (8, 9), (9, 9), (10, 9), (3, 0)] {
            let drawn = Random::from_seed(7).distinct(count, last);
            assert_eq!(drawn, Random::from_seed(7).distinct(count, last));
            assert_eq!(drawn.len(), count.min(last as usize));
            let mut sorted = drawn;
            sorted.sort_unstable();
            assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]), "{sorted:?}");
            assert!(sorted.iter().all(|number| (1..=last).contains(number)), "{sorted:?}");
        }
        assert_ne!(Random::from_seed(7).distinct(9, 9), Random::from_seed(8).distinct(9, 9));
    }

    #[test]
    fn pairs_are_spread_over_all_first_cuts() {
        for (count, last) in [(0, 3), (2, 3), (3, 3), (8, 3), (5, 0)] {
            let spread = Random::from_seed(7).spread(count, last);
            let sum: usize = spread.iter().map(|(_, times)| times).sum();
            assert_eq!(sum, if last == 0 { 0 } else { count });
            let (least, most) = (spread.iter().map(|one| one.1).min(), spread.iter().map(|one| one.1).max());
            assert!(most.unwrap_or(0) - least.unwrap_or(0) <= 1, "{spread:?}");
        }
    }
}
