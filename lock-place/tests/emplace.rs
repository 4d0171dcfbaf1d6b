//! What is made in a place is whole, and what is dropped is dropped once.

use std::cell::Cell;
use std::mem::MaybeUninit;

use lock_place::{Made, Place, emplace, make, make_in};

struct Counted<'c>(&'c Cell<u32>);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

struct Inner<'c, const ROOM: usize> {
    rows: [Option<Counted<'c>>; ROOM],
    name: &'static str,
}

struct Outer<'c, const ROOM: usize> {
    first: u8,
    inner: Inner<'c, ROOM>,
    last: Counted<'c>,
}

fn inner<'p, 'c, const ROOM: usize>(
    place: Place<'p, Inner<'c, ROOM>>,
    drops: &'c Cell<u32>,
) -> Made<'p, Inner<'c, ROOM>> {
    emplace!(place => Inner {
        rows <- |rows| rows.fill(|| Some(Counted(drops))),
        name: "inner",
    })
}

fn outer<'p, 'c, const ROOM: usize>(
    place: Place<'p, Outer<'c, ROOM>>,
    drops: &'c Cell<u32>,
) -> Made<'p, Outer<'c, ROOM>> {
    emplace!(place => Outer {
        first: 1,
        inner <- |place| inner(place, drops),
        last: Counted(drops),
    })
}

#[test]
fn a_value_is_made_field_by_field_and_dropped_once() {
    let drops = Cell::new(0);
    {
        let value = make(|place| outer::<5>(place, &drops));
        assert_eq!((value.first, value.inner.name, drops.get()), (1, "inner", 0));
        assert!(value.inner.rows.iter().all(Option::is_some));
        assert!(std::ptr::eq(value.last.0, &drops));
    }
    assert_eq!(drops.get(), 6);
}

#[test]
fn it_stays_where_its_room_is_and_is_the_callers_to_drop() {
    let drops = Cell::new(0);
    let mut room = MaybeUninit::uninit();
    let address = room.as_ptr();
    let made: &mut Outer<'_, 3> = make_in(&mut room, |place| outer(place, &drops));
    assert!(std::ptr::eq(made, address));
    made.inner.rows[1] = None;
    assert_eq!(drops.get(), 1);
    // SAFETY: it was just made.
    unsafe { room.assume_init_drop() };
    assert_eq!(drops.get(), 4);
}

#[test]
fn what_panics_half_way_drops_nothing_that_was_not_made() {
    let drops = Cell::new(0);
    let mut left = 2;
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        make(|place: Place<'_, [Counted<'_>; 4]>| {
            place.fill(|| {
                assert!(left > 0, "half way");
                left -= 1;
                Counted(&drops)
            })
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(drops.get(), 0, "leaked, which is safe");
}
