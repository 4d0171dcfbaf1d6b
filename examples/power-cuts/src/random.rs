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
}
