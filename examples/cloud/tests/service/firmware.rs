//! Firmware through the interface: who may upload, want and confirm, and that what is wanted outlives the service.

use cloud::Right;
use cloud::client::ClientError;
use cloud::messages::{ImageName, Install, NewUpdate};

use crate::world::{World, lock_hex};

const NAME: ImageName = ImageName { model: 1, version: 2, rollback_index: 2 };

fn wanting(version: u32, install: Install, trial_s: u32) -> NewUpdate {
    NewUpdate { version, model: None, install, trial_s }
}

fn status<T>(answer: &Result<T, ClientError>) -> Option<u16> {
    match answer {
        Err(ClientError::Refused { status, .. }) => Some(*status),
        Ok(_) | Err(ClientError::Unreachable { .. } | ClientError::NotUnderstood { .. }) => None,
    }
}

#[tokio::test]
async fn the_admin_uploads_the_owner_wants_and_what_is_wanted_outlives_the_service() {
    let world = World::start().await;
    let (_, owner) = world.user("olga", &[Right::Configure, Right::Status]).await;
    let (_, courier) = world.user("carl", &[Right::Relay]).await;
    let admin = world.admin.clone();
    let refused = world.rest(&owner, |user| status(&user.upload_firmware(&NAME, vec![7; 90]))).await;
    assert_eq!(refused, Some(403), "an owner uploads nothing");
    // Longer than other bodies may be.
    let image = world.rest(&admin, |user| user.upload_firmware(&NAME, vec![7; 90_000]).unwrap()).await;
    assert_eq!((image.version, image.size), (2, 90_000));
    assert_eq!(world.rest(&admin, |user| user.firmware().unwrap()).await, [image]);
    let empty = world.rest(&admin, |user| status(&user.upload_firmware(&NAME, Vec::new()))).await;
    assert_eq!(empty, Some(422));

    let want = |version, trial_s| {
        let update = wanting(version, Install::Confirmed, trial_s);
        move |user: &cloud::client::Client| user.want_update(&lock_hex(), &update)
    };
    for (who, version, trial_s, expected) in [
        (&courier, 2, 600, Some(403)),
        (&owner, 3, 600, Some(404)),
        (&owner, 2, 9, Some(422)),
        (&owner, 2, 86_401, Some(422)),
        (&owner, 2, 10, None),
    ] {
        let ask = want(version, trial_s);
        assert_eq!(world.rest(who, move |user| status(&ask(&user))).await, expected, "{version} {trial_s}");
    }
    let world = world.restart().await;
    let view = world.rest(&owner, |user| user.update(&lock_hex()).unwrap()).await;
    let wanted = view.wanted.unwrap();
    assert_eq!((wanted.version, wanted.install, wanted.by.as_str()), (2, Install::Confirmed, "olga"));
    assert_eq!(view.lock_said, None);
    let confirmed = world.rest(&courier, |user| status(&user.confirm_install(&lock_hex()))).await;
    assert_eq!(confirmed, Some(403));
    let view = world.rest(&owner, |user| user.confirm_install(&lock_hex()).unwrap()).await;
    assert_eq!(view.wanted.map(|wanted| wanted.install), Some(Install::Automatic));
}
