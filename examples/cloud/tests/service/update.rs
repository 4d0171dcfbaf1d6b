//! An update on its way, and an owner who changes their mind meanwhile: what was wanted last counts, to the last step.

use cloud::Right;
use cloud::messages::relay::{Doing, ToPhone};
use cloud::messages::{ImageName, Install, NewUpdate, RolloutView};

use crate::loader::{MODEL, image};
use crate::lock::Lock;
use crate::phone::Phone;
use crate::world::{World, lock_hex};

/// Firmware of the versions 5 and 6, an owner, and a lock at which a phone stands: nothing but a carrier.
async fn stage() -> (World, String, Phone, Lock) {
    let world = World::start().await;
    for version in [5, 6] {
        let name = ImageName { model: MODEL, version: version.into(), rollback_index: 2 };
        let upload = move |admin: cloud::client::Client| {
            admin.upload_firmware(&name, image(version, 2_000)).unwrap();
        };
        world.rest(&world.admin, upload).await;
    }
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status]).await;
    let (_, courier) = world.user("carl", &[Right::Relay]).await;
    let phone = Phone::connect(world.address, &courier).await;
    (world, owner, phone, Lock::with_loader())
}

async fn wants(world: &World, owner: &str, version: u32, install: Install) {
    let update = NewUpdate { version, model: None, install, trial_s: 600 };
    world.rest(owner, move |user| user.want_update(&lock_hex(), &update).unwrap()).await;
}

async fn wanted(world: &World, owner: &str) -> RolloutView {
    world.rest(owner, |user| user.update(&lock_hex()).unwrap()).await.wanted.unwrap()
}

/// As far as the lock has the offer; its answer waits in the lock.
async fn offers(phone: &mut Phone, lock: &mut Lock) {
    phone.asks(Doing::Update, None).await;
    assert!(matches!(phone.hears_text().await, ToPhone::NeedHello));
    let hello = lock.hello();
    phone.brings(&hello).await;
    let question = phone.hears_packet().await;
    lock.takes(&question);
    phone.carries_up(lock).await;
    let offer = phone.hears_packet().await;
    lock.takes(&offer);
}

fn ends(said: &ToPhone) -> bool {
    matches!(said, ToPhone::Updated { .. } | ToPhone::Error { .. })
}

fn sends(said: &ToPhone) -> bool {
    matches!(said, ToPhone::Updating { .. })
}

#[tokio::test]
async fn a_version_that_is_wanted_while_another_is_offered_stays_wanted() {
    let (world, owner, mut phone, mut lock) = stage().await;
    wants(&world, &owner, 5, Install::Automatic).await;
    offers(&mut phone, &mut lock).await;
    wants(&world, &owner, 6, Install::Automatic).await;
    let said = phone.relays_until(&mut lock, ends).await;
    assert_eq!(wanted(&world, &owner).await.version, 6, "{said:?}");
    let Some(ToPhone::Error { sentence }) = said.last() else { panic!("{said:?}") };
    assert!(sentence.contains("firmware 6 is wanted of this lock by now"), "{sentence}");
    // The next errand brings it.
    phone.asks(Doing::Update, None).await;
    let said = phone.relays_until(&mut lock, sends).await;
    assert!(matches!(said.last(), Some(ToPhone::Updating { version: 6, .. })), "{said:?}");
}

#[tokio::test]
async fn a_version_that_is_wanted_no_more_is_not_installed_though_the_lock_has_it() {
    let (world, owner, mut phone, mut lock) = stage().await;
    wants(&world, &owner, 5, Install::Automatic).await;
    phone.asks(Doing::Update, None).await;
    let _ = phone.relays_until(&mut lock, sends).await;
    wants(&world, &owner, 6, Install::Confirmed).await;
    let said = phone.relays_until(&mut lock, ends).await;
    assert!(!lock.loader.as_ref().unwrap().is_pending, "{said:?}");
    let wanted = wanted(&world, &owner).await;
    assert_eq!((wanted.version, wanted.install), (6, Install::Confirmed));
}

#[tokio::test]
async fn an_install_that_is_to_be_confirmed_by_now_waits_for_it() {
    let (world, owner, mut phone, mut lock) = stage().await;
    wants(&world, &owner, 5, Install::Automatic).await;
    offers(&mut phone, &mut lock).await;
    wants(&world, &owner, 5, Install::Confirmed).await;
    let said = phone.relays_until(&mut lock, ends).await;
    assert!(!lock.loader.as_ref().unwrap().is_pending, "{said:?}");
    assert_eq!(wanted(&world, &owner).await.install, Install::Confirmed);
    let Some(ToPhone::Updated { sentence, .. }) = said.last() else { panic!("{said:?}") };
    assert!(sentence.contains("confirm its install"), "{sentence}");
    // Confirmed, it goes on.
    world.rest(&owner, |user| user.confirm_install(&lock_hex(), 5).unwrap()).await;
    phone.asks(Doing::Update, None).await;
    let _ = phone.relays_until(&mut lock, sends).await;
    assert!(lock.loader.as_ref().unwrap().is_pending);
}
