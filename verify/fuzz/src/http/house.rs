//! A service in this process with two locks, one of Alice and one of Bob, made once and copied for each input.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use arbitrary::Arbitrary;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use cloud::access::Access;
use cloud::log::Log;
use cloud::{Places, Service, initialise};
use lock_fleet::{ClaimProof, Fleet, KeyEncryptionKey, SqliteStore};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// An answer is not longer, in bytes.
const LONGEST: usize = 1 << 20;
const LOCK_OF_ALICE: &str = "a11cea11cea11cea11cea11cea11cea1";
const LOCK_OF_BOB: &str = "b0bb0bb0bb0bb0bb0bb0bb0bb0bb0bb0";
const FILES: [&str; 3] = ["fleet.db", "fleet.db.access", "kek"];

/// Who calls.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    Admin,
    Alice,
    Bob,
    /// With a token, and no right on any lock.
    Stranger,
    Nobody,
    /// With a token that was never given out.
    Forger,
}

pub(super) struct House {
    router: Router,
    runtime: Runtime,
    pub(super) tokens: Tokens,
    /// Words by which what is Bob's is known.
    pub(super) of_bob: Vec<String>,
    /// The same of Alice.
    pub(super) of_alice: Vec<String>,
    _folder: TempDir,
}

#[derive(Clone, Debug)]
pub(super) struct Tokens {
    admin: String,
    alice: String,
    bob: String,
    stranger: String,
}

impl Tokens {
    pub(super) fn of(&self, who: Person) -> Option<&str> {
        match who {
            Person::Admin => Some(&self.admin),
            Person::Alice => Some(&self.alice),
            Person::Bob => Some(&self.bob),
            Person::Stranger => Some(&self.stranger),
            Person::Nobody => None,
            Person::Forger => Some("lkt_1_0000000000000000000000000000000000000000000"),
        }
    }
}

/// What was built once.
struct Built {
    folder: TempDir,
    tokens: Tokens,
    as_bob_left_it: Vec<String>,
}

fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = in_memory();
        let place = |name| folder.path().join(name);
        initialise(&Places { database: place("fleet.db"), kek: place("kek"), admin_token: place("admin") })
            .expect("a new service");
        let admin = std::fs::read_to_string(place("admin")).expect("the admin's token").trim().to_owned();
        let empty = String::new;
        let tokens = Tokens { admin, alice: empty(), bob: empty(), stranger: empty() };
        let mut house = House::open(folder, tokens);
        house.furnish();
        let as_bob_left_it = house.seen_by_bob();
        let House { router, runtime, tokens, _folder: folder, .. } = house;
        // The databases are closed with the last that holds the service, which may be a thread of the runtime.
        drop(router);
        drop(runtime);
        Built { folder, tokens, as_bob_left_it }
    })
}

/// A folder in memory, where there is such a place: a database waits for its disk.
fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.expect("a folder")
}

impl House {
    /// A copy of the house as it was built.
    pub(super) fn as_built() -> Self {
        let (built, folder) = (built(), in_memory());
        for name in FILES {
            std::fs::copy(built.folder.path().join(name), folder.path().join(name)).expect("a copy");
        }
        Self::open(folder, built.tokens.clone())
    }

    pub(super) fn as_bob_left_it() -> Vec<String> {
        built().as_bob_left_it.clone()
    }

    fn open(folder: TempDir, tokens: Tokens) -> Self {
        let database = folder.path().join("fleet.db");
        let store = SqliteStore::open(&database).expect("a store");
        let kek = KeyEncryptionKey::load(&folder.path().join("kek")).expect("its key");
        let fleet = Fleet::open(store, kek).expect("a fleet");
        let access = Access::open(&Access::beside(&database)).expect("its users");
        let log = Log::to(std::io::sink());
        let service: Arc<Service> = Service::new(fleet, access, log, &database, ClaimProof::MakerSecret);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).build();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (mut of_alice, mut of_bob) = (
            words(&[LOCK_OF_ALICE, "gate-of-alice", "alice-who-lives-here", "nephew-of-alice"]),
            words(&[LOCK_OF_BOB, "cellar-of-bob", "bob-who-lives-below", "niece-of-bob"]),
        );
        for (words, token) in [(&mut of_alice, &tokens.alice), (&mut of_bob, &tokens.bob)] {
            words.extend((!token.is_empty()).then(|| token.clone()));
        }
        let runtime = runtime.expect("a runtime");
        Self { router: service.router(), runtime, tokens, of_bob, of_alice, _folder: folder }
    }

    /// The answer to a request: its status, and its body as text.
    pub(super) fn answer(&mut self, request: Request<Body>) -> (u16, String) {
        let router = self.router.clone();
        self.runtime.block_on(async {
            let answer = router.oneshot(request).await.expect("the interface answers whatever comes");
            let status = answer.status().as_u16();
            let body = to_bytes(answer.into_body(), LONGEST).await.expect("a body of bounded length");
            (status, String::from_utf8_lossy(&body).into_owned())
        })
    }

    /// What Bob sees of his lock.
    pub(super) fn seen_by_bob(&mut self) -> Vec<String> {
        let looks = [
            "",
            "/audit",
            "/commands/1",
            "/items",
            "/virtual-keys",
            "/offline-codes",
            "/rotation",
            "/backups",
        ];
        let see = |look: &&str| {
            self.call("GET", &format!("/locks/{LOCK_OF_BOB}{look}"), Person::Bob, &Value::Null).1
        };
        looks.iter().map(see).collect()
    }

    fn call(&mut self, method: &str, path: &str, who: Person, body: &Value) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("/v1{path}"));
        let token = format!("Bearer {}", self.tokens.of(who).expect("a token"));
        let request = request.header("authorization", token);
        self.answer(request.body(Body::from(body.to_string())).expect("a request"))
    }

    /// People, locks, and something on each lock.
    fn furnish(&mut self) {
        let of_person = |house: &mut Self, name: &str| {
            let made = house.made("/users", Person::Admin, &json!({ "name": name }));
            let user = made["user_id"].as_i64().expect("a number");
            let token = house.made(&format!("/users/{user}/tokens"), Person::Admin, &Value::Null);
            (user, token["token"].as_str().expect("a token").to_owned())
        };
        let (alice, token) = of_person(self, "alice-who-lives-here");
        self.tokens.alice = token;
        let (bob, token) = of_person(self, "bob-who-lives-below");
        self.tokens.bob = token;
        self.tokens.stranger = of_person(self, "somebody").1;
        for (lock, name, guest, user, who) in [
            (LOCK_OF_ALICE, "gate-of-alice", "nephew-of-alice", alice, Person::Alice),
            (LOCK_OF_BOB, "cellar-of-bob", "niece-of-bob", bob, Person::Bob),
        ] {
            let root = hex::encode(lock);
            self.made(
                "/locks",
                Person::Admin,
                &json!({ "lock_id": lock, "root": root, "name": name, "profile": "S" }),
            );
            let rights = json!({ "rights": ["status", "lock", "unlock", "configure", "relay", "own"] });
            let (status, answer) =
                self.call("PUT", &format!("/locks/{lock}/rights/{user}"), Person::Admin, &rights);
            assert!(status < 300, "{answer}");
            let path = |what: &str| format!("/locks/{lock}/{what}");
            self.made(&path("commands"), who, &json!({ "action": "unlock", "client_token": "first" }));
            let pin = json!({ "set_pin": { "slot": 1, "digits": "271828" } });
            self.made(&path("commands"), who, &json!({ "action": pin, "client_token": "second" }));
            self.made(&path("virtual-keys"), who, &json!({ "label": guest, "conditions": {} }));
        }
    }

    fn made(&mut self, path: &str, who: Person, body: &Value) -> Value {
        let (status, answer) = self.call("POST", path, who, body);
        assert!(status < 300, "{path}: {status} {answer}");
        serde_json::from_str(&answer).expect("JSON")
    }

    /// The locks that a path may name.
    pub(super) const LOCKS: [&'static str; 3] =
        [LOCK_OF_ALICE, LOCK_OF_BOB, "00000000000000000000000000000000"];
}
