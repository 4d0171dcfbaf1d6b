//! Makes a large value where it stays.
//!
//! A function that returns a value makes it in a place that its caller gives; but a caller that then stores it behind a reference makes
//! it on its own stack and copies it, since a compiler must not write to the reference before the value is whole. A lock is 15 KB large,
//! and the stack of the chip that it runs on often is not. With [`emplace!`] each field is written where it stays, and a large field by
//! a function that does the same.
//!
//! ```
//! use core::mem::MaybeUninit;
//! use lock_place::{Made, Place, emplace};
//!
//! struct Table {
//!     rows: [Option<u64>; 512],
//! }
//!
//! struct House {
//!     number: u32,
//!     table: Table,
//! }
//!
//! fn table(place: Place<'_, Table>) -> Made<'_, Table> {
//!     emplace!(place => Table { rows <- |rows| rows.fill(|| None) })
//! }
//!
//! let mut room = MaybeUninit::<House>::uninit();
//! let house: &mut House = emplace!(Place::of(&mut room) => House { number: 7, table <- table }).get();
//! assert_eq!((house.number, house.table.rows[511]), (7, None));
//! ```
//!
//! All that is unsafe about it is in this crate. That a field was made is known by its type: a [`Made`] comes from its [`Place`] alone,
//! and the lifetime in both, which no two places of one [`emplace!`] share, tells whose it is. A field that is left out, or one of a packed
//! structure, does not compile:
//!
//! ```compile_fail,E0027
//! # use lock_place::{Made, Place, emplace};
//! struct Pair { one: u32, two: u32 }
//! fn half(place: Place<'_, Pair>) -> Made<'_, Pair> {
//!     emplace!(place => Pair { one: 1 })
//! }
//! ```
//!
//! ```compile_fail,E0793
//! # use lock_place::{Made, Place, emplace};
//! #[repr(C, packed)]
//! struct Packed { one: u8, two: u32 }
//! fn packed(place: Place<'_, Packed>) -> Made<'_, Packed> {
//!     emplace!(place => Packed { one: 1, two: 2 })
//! }
//! ```
//!
//! Neither does a field that stands for another, nor one that is named twice:
//!
//! ```compile_fail
//! # use lock_place::{Made, Place, emplace};
//! struct Pair { one: u32, two: u32 }
//! fn swapped<'p>(place: Place<'p, Pair>, other: Place<'p, u32>) -> Made<'p, Pair> {
//!     emplace!(place => Pair { one: 1, two <- |_| other.write(2) })
//! }
//! ```
//!
//! ```compile_fail,E0025
//! # use lock_place::{Made, Place, emplace};
//! struct Pair { one: u32, two: u32 }
//! fn twice(place: Place<'_, Pair>) -> Made<'_, Pair> {
//!     emplace!(place => Pair { one: 1, one: 1, two: 2 })
//! }
//! ```
//!
//! Where something panics half way, what was made is not dropped: nothing is read that was not written.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// Neither longer nor shorter: no other lifetime passes for it.
type Brand<'p> = PhantomData<fn(&'p ()) -> &'p ()>;

/// Room for a value that is not there yet.
pub struct Place<'p, V>(&'p mut MaybeUninit<V>, Brand<'p>);

/// A value in its place.
pub struct Made<'p, V>(&'p mut V, Brand<'p>);

impl<'p, V> Place<'p, V> {
    /// The room that somebody has.
    pub const fn of(room: &'p mut MaybeUninit<V>) -> Self {
        Self(room, PhantomData)
    }

    /// Writes a value that is small, or there already.
    pub const fn write(self, value: V) -> Made<'p, V> {
        Made(self.0.write(value), PhantomData)
    }

    /// For [`emplace!`].
    #[doc(hidden)]
    pub const fn as_mut_ptr(&mut self) -> *mut V {
        self.0.as_mut_ptr()
    }

    /// For [`emplace!`].
    ///
    /// # Safety
    /// The value was written.
    #[doc(hidden)]
    pub const unsafe fn made(self) -> Made<'p, V> {
        // SAFETY: as the caller says.
        Made(unsafe { self.0.assume_init_mut() }, PhantomData)
    }
}

impl<'p, V, const COUNT: usize> Place<'p, [V; COUNT]> {
    /// Writes each element.
    pub fn fill(mut self, mut element: impl FnMut() -> V) -> Made<'p, [V; COUNT]> {
        let first = self.as_mut_ptr().cast::<V>();
        for index in 0..COUNT {
            // SAFETY: an array has room for this element at this place.
            unsafe { first.wrapping_add(index).write(element()) };
        }
        // SAFETY: every element was written.
        unsafe { self.made() }
    }
}

impl<'p, V> Made<'p, V> {
    /// The value.
    #[must_use]
    pub const fn get(self) -> &'p mut V {
        self.0
    }
}

impl<V> fmt::Debug for Place<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(..)")
    }
}

impl<V: fmt::Debug> fmt::Debug for Made<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Made").field(&self.0).finish()
    }
}

/// The value that `make` makes in a place, by value: where a stack has room for it.
pub fn make<V>(make: impl for<'p> FnOnce(Place<'p, V>) -> Made<'p, V>) -> V {
    let mut room = MaybeUninit::uninit();
    let _ = make(Place::of(&mut room));
    // SAFETY: what `make` returned is of this very room, as its lifetime says.
    unsafe { room.assume_init() }
}

/// The place of a field; for [`emplace!`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Field<V>(*mut V);

impl<V> Field<V> {
    /// # Safety
    /// `at` is a field of a place that nobody else writes to before [`make`](Self::make) has returned, and aligned.
    #[doc(hidden)]
    pub const unsafe fn at(at: *mut V) -> Self {
        Self(at)
    }

    #[doc(hidden)]
    pub fn make(self, make: impl for<'p> FnOnce(Place<'p, V>) -> Made<'p, V>) {
        // SAFETY: as who made this says; what may be uninitialised has the layout of what is not.
        let _ = make(Place::of(unsafe { &mut *self.0.cast::<MaybeUninit<V>>() }));
    }
}

/// Makes a structure in a [`Place`], field by field and in the order in which they are written here, and returns it as [`Made`].
///
/// `field: value` writes a value; `field <- make` calls `make` with the [`Place`] of the field, and gets its [`Made`].
#[macro_export]
macro_rules! emplace {
    ($place:expr => $name:ident { $($fields:tt)* }) => {{
        let mut place = $place;
        let at = place.as_mut_ptr();
        $crate::emplace!(@write at, $($fields)*);
        $crate::emplace!(@check at, $name, [], $($fields)*);
        // SAFETY: every field was written, which is all that there is.
        unsafe { place.made() }
    }};
    (@write $at:ident, $field:ident : $value:expr $(, $($rest:tt)*)?) => {
        let value = $value;
        // SAFETY: a field of the place, which is borrowed until all are written.
        unsafe { ::core::ptr::addr_of_mut!((*$at).$field).write(value) };
        $($crate::emplace!(@write $at, $($rest)*);)?
    };
    (@write $at:ident, $field:ident <- $make:expr $(, $($rest:tt)*)?) => {
        // SAFETY: a field of the place, which is borrowed until all are written, and no packed one, as is checked below.
        let field = unsafe { $crate::Field::at(::core::ptr::addr_of_mut!((*$at).$field)) };
        field.make($make);
        $($crate::emplace!(@write $at, $($rest)*);)?
    };
    (@write $at:ident, ) => {};
    (@check $at:ident, $name:ident, [$($seen:ident)*], $field:ident : $value:expr $(, $($rest:tt)*)?) => {
        $crate::emplace!(@check $at, $name, [$($seen)* $field], $($($rest)*)?);
    };
    (@check $at:ident, $name:ident, [$($seen:ident)*], $field:ident <- $make:expr $(, $($rest:tt)*)?) => {
        $crate::emplace!(@check $at, $name, [$($seen)* $field], $($($rest)*)?);
    };
    (@check $at:ident, $name:ident, [$($seen:ident)*], ) => {
        // Never run: all fields are there and each once, and a reference to each is an aligned one.
        #[allow(unused_unsafe, clippy::undocumented_unsafe_blocks)]
        let _ = || unsafe {
            let $name { $($seen: _),* } = &*$at;
            $(let _ = &(*$at).$seen;)*
        };
    };
}
