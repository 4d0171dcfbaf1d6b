//! Whose a lock is: ended or given up by the admin, and shown.

use cloud::Right;
use cloud::messages::{CommandStage, CommandView, LockStanding, LockView};

use crate::world::{World, lock_hex};

#[tokio::test]
async fn the_admin_and_whoever_owns_it_end_an_ownership_and_a_lock_that_was_given_up_is_shown_as_lost() {
    let world = World::start().await;
    let all_but_own: Vec<Right> = Right::ALL.into_iter().filter(|right| *right != Right::Own).collect();
    let (_, tenant) = world.user("tom", &all_but_own).await;
    let (_, owner) = world.user("olga", &[Right::Own]).await;
    let lock = format!("/v1/locks/{}", lock_hex());
    let (release, give_up) = (format!("{lock}/release"), format!("{lock}/give-up"));
    let wish = r#"{"client_token":"end"}"#;
    for (path, body) in [(&release, wish), (&give_up, "")] {
        assert_eq!(world.raw("POST", path, Some(&tenant), body).await.0, 403, "{path}");
    }
    let (status, body) = world.raw("POST", &release, Some(&world.admin), wish).await;
    assert_eq!(status, 201, "{body}");
    let queued: CommandView = serde_json::from_value(body).unwrap();
    assert_eq!((queued.stage, queued.action.as_str()), (CommandStage::Queued, "end_ownership"));
    let (_, again) = world.raw("POST", &release, Some(&world.admin), wish).await;
    assert_eq!(again["command_id"], queued.command_id, "the same token is the same wish");

    let standing = async || {
        let (_, body) = world.raw("GET", &lock, Some(&world.admin), "").await;
        serde_json::from_value::<LockView>(body).unwrap().standing
    };
    assert_eq!(standing().await, LockStanding::Owned, "the lock has not confirmed it");
    let (status, body) = world.raw("POST", &release, Some(&owner), wish).await;
    assert_eq!((status, body["stage"].as_str()), (201, Some("queued")), "the owner's own wish: {body}");
    assert_eq!(world.raw("POST", &give_up, Some(&owner), "").await.0, 200);
    assert_eq!(standing().await, LockStanding::Lost);
}
