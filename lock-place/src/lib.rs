//! Makes a large value where it stays.
//!
//! A function that returns a value makes it in a place that its caller gives; but a caller that then stores it behind a reference makes
//! it on its own stack and copies it, since a compiler must not write to the reference before the value is whole. A lock is 10 KB large,
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
//! fn house(place: Place<'_, House>) -> Made<'_, House> {
//!     emplace!(place => House { number: 7, table <- table })
//! }
//!
//! let mut room = MaybeUninit::uninit();
//! let made: &mut House = lock_place::make_in(&mut room, house);
//! assert_eq!((made.number, made.table.rows[511]), (7, None));
//! ```
//!
//! # Why it is sound
//! All that is unsafe about it is in this crate; what a caller writes is safe code, and must be so whatever it is.
//!
//! - A [`Place`] comes from here alone: from [`make`], [`make_in`] and [`emplace!`], each of which hands it to a function that must take it with
//!   *any* lifetime. So no two places have the same one, and a [`Made`], which carries the lifetime of its place and comes from nothing
//!   else, says that this place was written. One of another place does not pass for it:
//!
//! ```compile_fail
//! # use lock_place::{Made, Place, emplace};
//! struct Pair { one: u32, two: u32 }
//! fn swapped<'p>(place: Place<'p, Pair>, other: Place<'p, u32>) -> Made<'p, Pair> {
//!     emplace!(place => Pair { one: 1, two <- |_| other.write(2) })
//! }
//! ```
//!
//! - Of a structure, every field is written, each once, and none that a reference could not point to:
//!
//! ```compile_fail,E0027
//! # use lock_place::{Made, Place, emplace};
//! struct Pair { one: u32, two: u32 }
//! fn half(place: Place<'_, Pair>) -> Made<'_, Pair> {
//!     emplace!(place => Pair { one: 1 })
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
//! ```compile_fail,E0793
//! # use lock_place::{Made, Place, emplace};
//! #[repr(C, packed)]
//! struct Packed { one: u8, two: u32 }
//! fn packed(place: Place<'_, Packed>) -> Made<'_, Packed> {
//!     emplace!(place => Packed { one: 1, two: 2 })
//! }
//! ```
//!
//! - The macro writes through nothing but a [`Place`], neither through what looks like one nor, by its inner rules, through a pointer:
//!
//! ```compile_fail,E0308
//! # use lock_place::emplace;
//! struct Pair { one: u32, two: u32 }
//! struct Looks(*mut Pair);
//! impl Looks {
//!     fn fields(&mut self) -> *mut Pair { self.0 }
//!     fn made(self) {}
//! }
//! emplace!(Looks(core::ptr::null_mut()) => Pair { one: 1, two: 2 });
//! ```
//!
//! ```compile_fail,E0308
//! # use lock_place::emplace;
//! struct Pair { one: u32, two: u32 }
//! let at: *mut Pair = core::ptr::null_mut();
//! emplace!(@write at, one: 1);
//! ```
//!
//! - Where something panics or returns half way, there is no [`Made`], and what was made is not dropped: nothing is read that was not written.
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
    const fn of(room: &'p mut MaybeUninit<V>) -> Self {
        Self(room, PhantomData)
    }

    /// Writes a value that is small, or there already.
    pub const fn write(self, value: V) -> Made<'p, V> {
        Made(self.0.write(value), PhantomData)
    }

    /// For [`emplace!`].
    ///
    /// # Safety
    /// The fields are of use only as long as this place is neither used otherwise nor gone.
    #[doc(hidden)]
    pub const unsafe fn fields(&mut self) -> Fields<V> {
        Fields(self.0.as_mut_ptr())
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
    pub fn fill(self, mut element: impl FnMut() -> V) -> Made<'p, [V; COUNT]> {
        let first = self.0.as_mut_ptr().cast::<V>();
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

/// The same in the room that the caller has: the value is never anywhere else.
pub fn make_in<V>(
    room: &mut MaybeUninit<V>,
    make: impl for<'p> FnOnce(Place<'p, V>) -> Made<'p, V>,
) -> &mut V {
    let _ = make(Place::of(room));
    // SAFETY: what `make` returned is of this very room, as its lifetime says.
    unsafe { room.assume_init_mut() }
}

/// The fields of a place; for [`emplace!`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Fields<V>(*mut V);

impl<V> Fields<V> {
    #[doc(hidden)]
    #[must_use]
    pub const fn at(&self) -> *mut V {
        self.0
    }
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
        let mut place: $crate::Place<'_, _> = $place;
        // SAFETY: the place is used for nothing else until all its fields are written.
        let fields = unsafe { place.fields() };
        $crate::emplace!(@write fields, $($fields)*);
        $crate::emplace!(@check fields, $name, [], $($fields)*);
        // SAFETY: every field was written, which is all that there is.
        unsafe { place.made() }
    }};
    (@write $of:ident, $field:ident : $value:expr $(, $($rest:tt)*)?) => {
        let value = $value;
        let fields: &$crate::Fields<_> = &$of;
        // SAFETY: a field of a place, since `Fields` is of one.
        unsafe { ::core::ptr::addr_of_mut!((*fields.at()).$field).write(value) };
        $($crate::emplace!(@write $of, $($rest)*);)?
    };
    (@write $of:ident, $field:ident <- $make:expr $(, $($rest:tt)*)?) => {
        let fields: &$crate::Fields<_> = &$of;
        // SAFETY: a field of a place, since `Fields` is of one, and no packed one, as is checked below.
        let field = unsafe { $crate::Field::at(::core::ptr::addr_of_mut!((*fields.at()).$field)) };
        field.make($make);
        $($crate::emplace!(@write $of, $($rest)*);)?
    };
    (@write $of:ident, ) => {};
    (@check $of:ident, $name:ident, [$($seen:ident)*], $field:ident : $value:expr $(, $($rest:tt)*)?) => {
        $crate::emplace!(@check $of, $name, [$($seen)* $field], $($($rest)*)?);
    };
    (@check $of:ident, $name:ident, [$($seen:ident)*], $field:ident <- $make:expr $(, $($rest:tt)*)?) => {
        $crate::emplace!(@check $of, $name, [$($seen)* $field], $($($rest)*)?);
    };
    (@check $of:ident, $name:ident, [$($seen:ident)*], ) => {
        // Never run: all fields are there and each once, and a reference to each is an aligned one.
        #[allow(unused_unsafe, clippy::undocumented_unsafe_blocks)]
        let _ = || unsafe {
            let $name { $($seen: _),* } = &*$of.at();
            $(let _ = &(*$of.at()).$seen;)*
        };
    };
}
