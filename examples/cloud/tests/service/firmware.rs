//! Firmware through the interface: who may upload, want and confirm, and that what is wanted outlives the service.

use std::time::Duration;

use cloud::Right;
use cloud::client::ClientError;
use cloud::messages::{ImageName, Install, NewUpdate};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{World, lock_hex};

/// The longest image.
const MAX_IMAGE: usize = 4 * 1024 * 1024;
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
    let confirmed = world.rest(&courier, |user| status(&user.confirm_install(&lock_hex(), 2))).await;
    assert_eq!(confirmed, Some(403));
    let another = world.rest(&owner, |user| status(&user.confirm_install(&lock_hex(), 3))).await;
    assert_eq!(another, Some(409), "what was not read is not confirmed");
    let view = world.rest(&owner, |user| user.confirm_install(&lock_hex(), 2).unwrap()).await;
    assert_eq!(view.wanted.map(|wanted| wanted.install), Some(Install::Automatic));
}

#[tokio::test]
async fn an_upload_that_has_not_the_right_form_is_refused_with_a_sentence() {
    let world = World::start().await;
    let admin = world.admin.clone();
    for query in [
        "",
        "?model=1&version=2",
        "?model=1&version=two&rollback_index=2",
        "?model=1&version=2&rollback_index=2&x=1",
    ] {
        let (status, answer) =
            world.raw("POST", &format!("/v1/firmware{query}"), Some(&admin), "image").await;
        assert_eq!(status, 422, "{query}");
        assert!(answer["error"].as_str().unwrap().contains("rollback_index"), "{answer}");
    }
    for (length, expected) in [(MAX_IMAGE, None), (MAX_IMAGE + 1, Some(422))] {
        let answer = world.rest(&admin, move |user| user.upload_firmware(&NAME, vec![7; length])).await;
        assert_eq!(status(&answer), expected, "{length} {answer:?}");
        assert_eq!(answer.is_ok(), expected.is_none(), "{length}");
    }
}

#[tokio::test]
async fn an_image_on_a_slow_line_may_take_longer_than_other_requests() {
    let world = World::start().await;
    let mut line = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /v1/firmware?model=1&version=2&rollback_index=2 HTTP/1.1\r\nhost: cloud\r\nauthorization: Bearer {}\r\n\
         content-length: 4\r\nconnection: close\r\n\r\n",
        world.admin
    );
    line.write_all(head.as_bytes()).await.unwrap();
    for byte in b"slow" {
        // Longer altogether than any other request may take.
        tokio::time::sleep(Duration::from_millis(2_600)).await;
        line.write_all(&[*byte]).await.unwrap();
    }
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}
