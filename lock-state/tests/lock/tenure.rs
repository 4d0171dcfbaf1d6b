//! The end of an ownership: who can ask for it, at the door and from afar, and that it wipes like a reset.

use lock_proto::{BoltPosition, Reason, Uptime};
use lock_state::{
    Barrier, Effects, Indication, RELEASE_OFFER_MS, RESET_HOLD_MS, ResetButton, Tenure, Upkeep, Wiping,
};

use crate::world::World;

fn of(tenure: Tenure) -> World {
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.lock.set_tenure(tenure);
    world
}

fn held(world: &mut World) -> Effects {
    let _ = world.reset(ResetButton::Pressed);
    let _ = world.after(RESET_HOLD_MS);
    world.reset(ResetButton::Released)
}

/// A whole reset at the button.
fn reset(world: &mut World) -> Indication {
    assert_eq!(held(world).barrier, Some(Barrier::Reset));
    let _ = world.lock.wipe(world.now);
    world.lock.reset_finished(world.now).indicate.unwrap()
}

#[test]
fn a_second_hold_within_a_minute_of_a_reset_ends_the_ownership() {
    for (wait, ends) in
        [(RELEASE_OFFER_MS - 1, true), (RELEASE_OFFER_MS, false), (RELEASE_OFFER_MS + 1, false)]
    {
        let mut world = of(Tenure::Owned);
        assert_eq!(reset(&mut world), Indication::ResetDone);
        world.now = Uptime::from_millis(world.now.as_millis() + wait);
        let count_down = if ends { Indication::UnownedIn(10) } else { Indication::ResetIn(10) };
        assert_eq!(world.reset(ResetButton::Pressed).indicate, Some(count_down));
        let _ = world.after(RESET_HOLD_MS);
        assert_eq!(world.reset(ResetButton::Released).barrier, Some(Barrier::Reset));
        let wiping = if ends { Wiping::EndOfOwnership } else { Wiping::Reset };
        assert_eq!(world.saved().wiping, wiping, "{wait}");
        let _ = world.lock.wipe(world.now);
        let done = if ends { Indication::Unowned } else { Indication::ResetDone };
        assert_eq!(world.lock.reset_finished(world.now).indicate, Some(done));
        assert_eq!(world.saved().wiping, Wiping::Nothing);
    }
}

#[test]
fn a_second_hold_that_is_too_short_ends_nothing_and_takes_the_offer_back() {
    let mut world = of(Tenure::Owned);
    let _ = reset(&mut world);
    let _ = world.reset(ResetButton::Pressed);
    let _ = world.after(RESET_HOLD_MS - 1);
    assert_eq!(world.reset(ResetButton::Released).indicate, Some(Indication::ResetCancelled));
    assert_eq!(reset(&mut world), Indication::ResetDone);
}

#[test]
fn the_offer_does_not_outlive_a_power_cut() {
    let mut world = of(Tenure::Owned);
    let _ = reset(&mut world);
    world.reboot();
    world.lock.set_tenure(Tenure::Owned);
    assert_eq!(reset(&mut world), Indication::ResetDone);
}

#[test]
fn a_lock_that_nobody_could_claim_offers_nothing_and_refuses_the_owner() {
    for tenure in [Tenure::Fixed, Tenure::Unowned] {
        let mut world = of(tenure);
        assert_eq!(world.lock.end_ownership(), Err(Reason::Unsupported));
        assert!(!world.lock.is_resetting());
        assert_eq!((reset(&mut world), reset(&mut world)), (Indication::ResetDone, Indication::ResetDone));
    }
}

#[test]
fn an_end_that_could_not_be_stored_leaves_the_lock_to_its_owner() {
    let mut world = of(Tenure::Owned);
    assert_eq!(world.lock.end_ownership(), Ok(()));
    assert_eq!(world.saved().wiping, Wiping::EndOfOwnership);
    assert_eq!(world.lock.end_ownership(), Err(Reason::Busy));
    world.lock.keep_owner();
    assert_eq!(world.saved().wiping, Wiping::Nothing);
}

#[test]
fn an_end_goes_on_after_a_power_cut() {
    let mut world = of(Tenure::Owned);
    world.lock.end_ownership().unwrap();
    let configuration = crate::world::load(&crate::world::pages(world.lock.configuration()));
    let world = World::boot(world.saved(), Upkeep::default(), configuration);
    assert_eq!(world.lock.wiping(), Wiping::EndOfOwnership);
}
