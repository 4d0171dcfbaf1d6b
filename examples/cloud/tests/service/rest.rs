use cloud::Right;
use cloud::messages::relay::Doing;
use cloud::messages::{CommandStage, NewCommand, Wish};
use serde_json::json;

use crate::world::{World, lock_hex, new_lock};

const OTHER: &str = "00000000000000000000000000000001";

fn set_pin(token: &str) -> NewCommand {
    let action = Wish::SetPin { slot: 1, digits: "48151623".to_owned(), user: None, programming: false };
    NewCommand { action, client_token: token.to_owned(), valid_for_seconds: None }
}

#[tokio::test]
async fn who_has_no_valid_token_is_nobody() {
    let world = World::start().await;
    let admin = world.admin.clone();
    let changed = format!("{}{}", &admin[..admin.len() - 1], if admin.ends_with('0') { '1' } else { '0' });
    for token in [None, Some(""), Some("lkt_1_00"), Some(changed.as_str())] {
        for path in
            ["/v1/locks", "/v1/users", "/v1/users/1/tokens", &format!("/v1/locks/{}/relay", lock_hex())]
        {
            let method = if path.contains("users") { "POST" } else { "GET" };
            let (status, body) = world.raw(method, path, token, "").await;
            assert_eq!(status, 401, "{path} {token:?}");
            assert!(body["error"].as_str().unwrap().contains("Bearer"));
        }
    }
    assert_eq!(world.raw("GET", "/v1/health", None, "").await, (200, json!({ "status": "ok" })));
}

#[tokio::test]
async fn only_the_admin_registers_locks_makes_users_and_grants() {
    let world = World::start().await;
    let (user, token) = world.user("alice", &Right::ALL).await;
    let grant = format!("/v1/locks/{}/rights/{user}", lock_hex());
    let body = serde_json::to_string(&new_lock()).unwrap();
    for (method, path, body) in [
        ("POST", "/v1/locks", body.as_str()),
        ("POST", "/v1/users", r#"{"name":"eve"}"#),
        ("POST", "/v1/users/1/tokens", ""),
        ("DELETE", "/v1/users/1/tokens/1", ""),
        ("PUT", &grant, r#"{"rights":["unlock"]}"#),
    ] {
        assert_eq!(world.raw(method, path, Some(&token), body).await.0, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn each_right_opens_one_thing_and_nothing_else() {
    let world = World::start().await;
    let lock = format!("/v1/locks/{}", lock_hex());
    let commands = format!("{lock}/commands");
    let asks = [
        ("GET", lock.clone(), String::new(), Right::Status),
        ("POST", commands.clone(), json!({ "action": "lock", "client_token": "a" }).to_string(), Right::Lock),
        (
            "POST",
            commands.clone(),
            json!({ "action": "unlock", "client_token": "b" }).to_string(),
            Right::Unlock,
        ),
        (
            "POST",
            commands,
            json!({ "action": { "clear_pin": { "slot": 1 } }, "client_token": "c" }).to_string(),
            Right::Configure,
        ),
        ("GET", format!("{lock}/audit"), String::new(), Right::Configure),
    ];
    for (name, right) in [
        ("s", Right::Status),
        ("l", Right::Lock),
        ("u", Right::Unlock),
        ("c", Right::Configure),
        ("r", Right::Relay),
    ] {
        let (_, token) = world.user(name, &[right]).await;
        for (method, path, body, needed) in &asks {
            let (status, _) = world.raw(method, path, Some(&token), body).await;
            assert_eq!(status < 300, *needed == right, "{right}: {method} {path} {body} gave {status}");
            assert!(status < 300 || status == 403);
        }
    }
}

#[tokio::test]
async fn a_stranger_does_not_learn_which_locks_exist() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[]).await;
    let there = world.raw("GET", &format!("/v1/locks/{}", lock_hex()), Some(&token), "").await;
    let nowhere = world.raw("GET", &format!("/v1/locks/{OTHER}"), Some(&token), "").await;
    assert_eq!(there, nowhere);
    assert_eq!(there.0, 403);
    assert_eq!(world.raw("GET", "/v1/locks", Some(&token), "").await, (200, json!([])));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::start().await;
    let admin = world.admin.clone();
    let (user, token) = world.user("alice", &[Right::Status]).await;
    for (method, path, token, body) in [
        ("GET", format!("/v1/locks/{OTHER}"), &admin, ""),
        ("PUT", format!("/v1/locks/{OTHER}/rights/{user}"), &admin, r#"{"rights":[]}"#),
        ("PUT", format!("/v1/locks/{}/rights/99", lock_hex()), &admin, r#"{"rights":[]}"#),
        ("POST", "/v1/users/99/tokens".to_owned(), &admin, ""),
        ("DELETE", format!("/v1/users/{user}/tokens/99"), &admin, ""),
        ("GET", format!("/v1/locks/{}/commands/77", lock_hex()), &token, ""),
        ("GET", "/v1/doors".to_owned(), &admin, ""),
    ] {
        let (status, answer) = world.raw(method, &path, Some(token), body).await;
        assert_eq!(status, 404, "{method} {path}");
        assert!(answer["error"].is_string());
    }
    assert_eq!(world.raw("DELETE", "/v1/locks", Some(&admin), "").await.0, 405);
}

#[tokio::test]
async fn what_contradicts_is_a_conflict_and_changes_nothing() {
    let world = World::start().await;
    let admin = world.admin.clone();
    let (_, token) = world.user("alice", &[Right::Configure, Right::Status]).await;
    let again = world.rest(&admin, |admin| admin.register_lock(&new_lock()).unwrap_err()).await;
    assert_eq!(again.status(), Some(409));
    assert_eq!(world.raw("POST", "/v1/users", Some(&admin), r#"{"name":"alice"}"#).await.0, 409);

    let (first, same, other) = world
        .rest(&token, |alice| {
            let lock = lock_hex();
            let first = alice.queue(&lock, &set_pin("t")).unwrap();
            let same = alice.queue(&lock, &set_pin("t")).unwrap();
            let action = Wish::ClearPin { slot: 1 };
            let other = NewCommand { action, client_token: "t".to_owned(), valid_for_seconds: None };
            (first, same, alice.queue(&lock, &other).unwrap_err())
        })
        .await;
    assert_eq!(first.command_id, same.command_id);
    assert_eq!(first.stage, CommandStage::Queued);
    assert_eq!(other.status(), Some(409));
}

#[tokio::test]
async fn one_user_s_client_token_says_nothing_about_another_s() {
    let world = World::start().await;
    let (_, alice) = world.user("alice", &[Right::Configure]).await;
    let (_, bob) = world.user("bob", &[Right::Configure]).await;
    let hers = world.rest(&alice, |alice| alice.queue(&lock_hex(), &set_pin("t")).unwrap()).await;
    let his = world.rest(&bob, |bob| bob.queue(&lock_hex(), &set_pin("t")).unwrap()).await;
    assert_ne!(hers.command_id, his.command_id);
    let path = format!("/v1/locks/{}/commands/{}", lock_hex(), hers.command_id);
    assert_eq!(world.raw("GET", &path, Some(&alice), "").await.0, 200);
    assert_eq!(world.raw("GET", &path, Some(&bob), "").await.0, 403);
}

#[tokio::test]
async fn what_has_not_the_right_form_is_refused_with_a_sentence() {
    let world = World::start().await;
    let admin = world.admin.clone();
    let (user, token) = world.user("alice", &Right::ALL).await;
    let commands = format!("/v1/locks/{}/commands", lock_hex());
    let grant = format!("/v1/locks/{}/rights/{user}", lock_hex());
    let pin = |digits: &str| {
        json!({ "action": { "set_pin": { "slot": 0, "digits": digits } }, "client_token": "p" }).to_string()
    };
    let lasting = |action: &str, seconds| {
        json!({ "action": action, "client_token": "v", "valid_for_seconds": seconds }).to_string()
    };
    let lock = |id: &str, root: &str| json!({ "lock_id": id, "root": root, "name": "x" }).to_string();
    for (method, path, token, body) in [
        ("POST", "/v1/locks", &admin, lock("12", &"ab".repeat(32))),
        ("POST", "/v1/locks", &admin, lock(OTHER, "ab")),
        ("POST", "/v1/locks", &admin, lock(OTHER, &"00".repeat(32))),
        ("POST", "/v1/locks", &admin, "{".to_owned()),
        ("POST", "/v1/users", &admin, r#"{"name":""}"#.to_owned()),
        ("POST", "/v1/users", &admin, r#"{"nome":"bob"}"#.to_owned()),
        ("POST", "/v1/users/one/tokens", &admin, String::new()),
        ("PUT", &grant, &admin, r#"{"rights":["everything"]}"#.to_owned()),
        ("GET", "/v1/locks/12", &admin, String::new()),
        ("POST", &commands, &token, pin("123")),
        ("POST", &commands, &token, pin("12345678901")),
        ("POST", &commands, &token, pin("12a4")),
        ("POST", &commands, &token, lasting("unlock", 0)),
        ("POST", &commands, &token, lasting("unlock", 61)),
        ("POST", &commands, &token, r#"{"action":"toggle","client_token":"x"}"#.to_owned()),
        ("POST", &commands, &token, r#"{"action":"lock","client_token":"two words"}"#.to_owned()),
        (
            "POST",
            &commands,
            &token,
            format!(r#"{{"action":"lock","client_token":"{}"}}"#, "x".repeat(20_000)),
        ),
    ] {
        let (status, answer) = world.raw(method, path, Some(token), &body).await;
        assert_eq!(status, 422, "{method} {path} {body:.100} {answer}");
        assert!(answer["error"].as_str().unwrap().len() > 20);
    }
    assert_eq!(world.raw("POST", &commands, Some(&token), &lasting("unlock", 60)).await.0, 201);
}

#[tokio::test]
async fn no_secret_is_written_where_others_could_read_it() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &Right::ALL).await;
    world.rest(&token, |alice| alice.queue(&lock_hex(), &set_pin("t")).unwrap()).await;
    let secret = token.rsplit('_').next().unwrap().to_owned();
    let log = world.log.text();
    assert!(log.contains("fact=queued") && !log.contains("48151623") && !log.contains(&secret), "{log}");
    for file in
        world.files().into_iter().filter(|file| !["kek", "admin"].iter().any(|name| file.ends_with(name)))
    {
        let bytes = std::fs::read(&file).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"48151623") && !holds(secret.as_bytes()), "{}", file.display());
        assert!(!holds(&crate::world::ROOT) && !holds(&hex::decode(&secret).unwrap()), "{}", file.display());
    }
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &Right::ALL).await;
    let queued = world.rest(&token, |alice| alice.queue(&lock_hex(), &set_pin("t")).unwrap()).await;
    let world = world.restart().await;
    let id = queued.command_id;
    let found = world.rest(&token, move |alice| alice.command(&lock_hex(), id).unwrap()).await;
    assert_eq!((found.command_id, found.action.as_str()), (id, "set_pin"));
    let (locks, audit) =
        world.rest(&token, |alice| (alice.locks().unwrap(), alice.audit(&lock_hex(), 0).unwrap())).await;
    assert_eq!(locks[0].name, "front door");
    assert!(audit.iter().any(|entry| entry.who == "alice"), "{audit:?}");
}

#[tokio::test]
async fn a_lock_that_was_never_heard_is_not_called_anything() {
    let world = World::start().await;
    let (_, token) = world.user("alice", &[Right::Status]).await;
    let lock = world.rest(&token, |alice| alice.lock(&lock_hex()).unwrap()).await;
    assert_eq!(lock.heard, None);
}

#[test]
fn every_action_stands_in_the_documents() {
    let unknown = serde_json::from_str::<Wish>(r#"{"dance": {}}"#).unwrap_err().to_string();
    let (_, names) = unknown.split_once("expected one of ").expect("the names of all actions");
    let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
    assert!(names.len() > 15 && names.contains(&"set_zone"), "{names:?}");
    for path in ["../cloud/README.md", "../../docs/guide.md"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        for name in &names {
            let is_there = text.contains(&format!("`{name}`")) || text.contains(&format!("\"{name}\""));
            assert!(is_there, "{name} is missing in {}", path.display());
        }
    }
}

#[test]
fn every_address_and_every_errand_stands_in_the_guide() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| std::fs::read_to_string(folder.join(path)).unwrap();
    let (guide, router) = (text("../../docs/guide.md"), text("src/http.rs"));
    let addresses: Vec<String> = router
        .split(".route(\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("{lock}", "ID").replace("{token}", "T"))
        .map(|path| path.replace("{user}", "N").replace("{command}", "N").replace("{serial}", "SERIAL"))
        .collect();
    assert!(addresses.len() > 20, "{addresses:?}");
    for address in addresses {
        let is_there = ["`", "?"].iter().any(|end| guide.contains(&format!(" /v1{address}{end}")));
        assert!(is_there, "{address} is missing in the guide");
    }
    let unknown = serde_json::from_str::<Doing>(r#""dance""#).unwrap_err().to_string();
    let (_, names) = unknown.split_once("expected one of ").expect("the names of all errands");
    let (_, relay) = guide.split_once("`lk1.relay`: ").expect("the guide's row of the relay");
    let row = relay.lines().next().unwrap();
    for name in names.split('`').skip(1).step_by(2) {
        assert!(row.contains(&format!("`{name}`")), "{name} is missing in the guide");
    }
}
