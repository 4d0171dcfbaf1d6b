//! Numbers with a unit.

use crate::wire;
use crate::wire::{Malformed, Reader, Wire, Writer};

/// Milliseconds since the lock's last boot, by its own monotonic clock. A lock keeps many: aligned as a 32-bit chip needs it, no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(Rust, packed(4))]
pub struct Uptime(u64);

impl Uptime {
    /// The moment `millis` milliseconds after boot.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since boot.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This moment, `millis` later; stays at the end of time instead of wrapping.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. Aligned as [`Uptime`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(Rust, packed(4))]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// This moment, `millis` later; stays at the end of time instead of wrapping.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A span of whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Seconds(pub u32);

impl Seconds {
    /// Whole seconds in `millis`, rounded down; the largest value where there are more.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        let seconds = millis / 1_000;
        Self(if seconds > u32::MAX as u64 { u32::MAX } else { seconds as u32 })
    }

    /// Whole seconds in `millis`, rounded up: for what remains of a deadline, which is 0 only when it has passed.
    #[must_use]
    pub const fn from_millis_ceiling(millis: u64) -> Self {
        Self::from_millis(millis.saturating_add(999))
    }

    /// The span in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 as u64 * 1_000
    }
}

/// Thousandths of a volt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Millivolts(pub u16);

wire! {
    struct Seconds(seconds);
    struct Millivolts(millivolts);
}

/// Fields of packed structures are copied, never borrowed.
macro_rules! moment {
    ($name:ident) => {
        impl Wire for $name {
            fn write(&self, out: &mut Writer<'_>) {
                out.number(self.0);
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                input.number().map(Self)
            }
        }
    };
}
moment!(Uptime);
moment!(UnixMillis);
