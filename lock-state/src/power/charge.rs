//! How full a battery is.

use lock_proto::wire;

/// Charge left, in tenths of a percent: 0 to 1,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Charge(u16);

impl Charge {
    /// All of it.
    pub const FULL: Self = Self(1_000);

    /// A charge in tenths of a percent; full where it is more.
    #[must_use]
    pub const fn from_tenths(tenths: u16) -> Self {
        if tenths > Self::FULL.0 { Self::FULL } else { Self(tenths) }
    }

    /// Tenths of a percent, 0 to 1,000; also where storage held more.
    #[must_use]
    pub const fn tenths(self) -> u16 {
        Self::from_tenths(self.0).0
    }

    /// Whole percent, 0 to 100, rounded down.
    #[must_use]
    pub const fn percent(self) -> u8 {
        (self.tenths() / 10) as u8
    }

    /// What is missing since it was `earlier`; 0 where there is more now.
    #[must_use]
    pub(super) const fn drop_since(self, earlier: Self) -> u16 {
        earlier.tenths().saturating_sub(self.tenths())
    }
}

wire! {
    struct Charge(tenths);
}
