//! The real binary, with real sockets and files. Every wait is bounded, and every process is killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use lock_core::claimer::Claimer;
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Key, LockId, RootKey, RustCrypto};
use lock_core::label::ClaimCode;
use lock_core::proto::frame::{self, Deframer};
use lock_core::proto::{Action, Outcome, Packet, Profile, Query, Request};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cloud::{Cloud, finish, outcome};

const PATIENCE: Duration = Duration::from_secs(10);

/// A manufactured lock in a directory of its own.
pub(crate) struct Factory {
    directory: TempDir,
    pub(crate) root: RootKey,
    pub(crate) lock_id: LockId,
}

impl Factory {
    pub(crate) fn new() -> Self {
        Self::making("s")
    }

    /// A factory whose lock has this profile.
    fn making(profile: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let keys = directory.path().join("keys.json");
        let made = lock_sim(["manufacture", "--out", keys.to_str().unwrap(), "--profile", profile]);
        assert!(made.status.success());
        let keys: Value = serde_json::from_slice(&std::fs::read(keys).unwrap()).unwrap();
        let lock_id = LockId(bytes(&keys["lock_id"]).try_into().unwrap());
        let root: [u8; 32] = bytes(&keys["root"]).try_into().unwrap();
        let root = RootKey::from_bytes::<RustCrypto>(root, lock_id).unwrap();
        Self { directory, root, lock_id }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn provision(&self) -> Output {
        let (flash, keys) = (self.path("flash"), self.path("keys.json"));
        lock_sim(["provision", "--flash", flash.to_str().unwrap(), "--keys", keys.to_str().unwrap()])
    }

    /// The arguments that run the lock.
    pub(crate) fn run_arguments(&self) -> Vec<String> {
        let (flash, world) = (self.path("flash"), self.path("world.json"));
        let fixed = ["run", "--listen", "127.0.0.1:0", "--bench", "127.0.0.1:0"].map(str::to_owned);
        let files = [
            "--flash".to_owned(),
            flash.display().to_string(),
            "--world".to_owned(),
            world.display().to_string(),
        ];
        fixed.into_iter().chain(files).collect()
    }

    pub(crate) fn start(&self, more: &[&str]) -> Running {
        let more = more.iter().map(|argument| (*argument).to_owned());
        Running::start(self.run_arguments().into_iter().chain(more))
    }
}

impl Running {
    fn start(arguments: impl IntoIterator<Item = String>) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lock-sim"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stdout.take().unwrap());
        let mut address = |prefix: &str| -> SocketAddr {
            let mut line = String::new();
            while !line.starts_with(prefix) {
                line.clear();
                assert!(log.read_line(&mut line).unwrap() > 0, "the log ended before '{prefix}'");
            }
            line[prefix.len()..].trim().parse().unwrap()
        };
        let (phones, bench) = (address("listening on "), address("bench on "));
        // The pipe is emptied, so that the log never blocks the lock.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, phones, bench: BufReader::new(connect(bench)) }
    }
}

/// Runs the program to its end; it must come by itself.
pub(crate) fn lock_sim<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lock-sim")).args(arguments).output().unwrap()
}

fn bytes(hexadecimal: &Value) -> Vec<u8> {
    hex::decode(hexadecimal.as_str().unwrap()).unwrap()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A lock with power.
pub(crate) struct Running {
    child: Child,
    pub(crate) phones: SocketAddr,
    bench: BufReader<TcpStream>,
}

impl Running {
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        self.bench.get_mut().write_all(format!("{request}\n").as_bytes()).unwrap();
        self.hear()
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.bench.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Asks until `is_so`, for a bounded time.
    fn look_until(&mut self, is_so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let seen = self.ask(&json!({ "look": true }));
            if is_so(&seen) {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not become so: {}", self.ask(&json!({ "look": true })));
    }

    pub(crate) fn phone(&self) -> Phone {
        Phone { stream: connect(self.phones), deframer: Deframer::new() }
    }

    /// `kill -9`: the power is gone.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Phone {
    stream: TcpStream,
    deframer: Deframer,
}

impl Phone {
    fn send(&mut self, packet: &[u8]) {
        let mut framed = [0; frame::MAX_ENCODED];
        self.stream.write_all(frame::encode(packet, &mut framed).unwrap()).unwrap();
    }

    /// The next packet; `None` when the lock hung up.
    pub(crate) fn receive(&mut self) -> Option<Vec<u8>> {
        loop {
            let mut byte = [0];
            if self.stream.read(&mut byte).unwrap() == 0 {
                return None;
            }
            if let Some(packet) = self.deframer.push(byte[0]) {
                return Some(packet.to_vec());
            }
        }
    }
}

#[test]
fn a_lock_that_is_killed_between_record_and_motor_never_runs_the_command_again() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let mut cloud = Cloud::of(&factory.root, factory.lock_id);

    let mut lock = factory.start(&[]);
    let command = cloud.command(Action::Lock);
    let Request::Command { id, .. } = command.clone() else { unreachable!() };
    let mut phone = lock.phone();
    let hello = phone.receive().unwrap();
    let (message1, _) = cloud.connect(&hello, command.clone());
    assert_eq!(lock.ask(&json!({ "hold": "before motor" })), json!({ "ok": true }));
    phone.send(&message1);
    assert_eq!(lock.hear(), json!({ "held": "before motor" }));
    assert_eq!(lock.ask(&json!({ "look": true }))["motor_runs"], 0);
    lock.kill();

    let mut lock = factory.start(&[]);
    let mut phone = lock.phone();
    let hello = phone.receive().unwrap();
    let (message1, connecting) = cloud.connect(&hello, Request::Query(Query::Command(id)));
    phone.send(&message1);
    let (answer, _) = finish(connecting, phone.receive().unwrap());
    assert_eq!(outcome(&answer.reply), (id, Outcome::Interrupted, true));
    assert_eq!(answer.boot, 2);

    let mut phone = lock.phone();
    let hello = phone.receive().unwrap();
    let (message1, connecting) = cloud.connect(&hello, command);
    phone.send(&message1);
    let (answer, _) = finish(connecting, phone.receive().unwrap());
    assert_eq!(outcome(&answer.reply), (id, Outcome::Interrupted, true));
    let seen = lock.ask(&json!({ "look": true }));
    assert_eq!((&seen["motor_runs"], &seen["bolt"]), (&json!(0), &json!("retracted")));
}

#[test]
fn a_lock_that_was_made_for_profile_x_speaks_it_also_after_a_kill() {
    let factory = Factory::making("x");
    assert!(factory.provision().status.success());
    let mut cloud = Cloud::of(&factory.root, factory.lock_id).with_profile(Profile::X);
    for boot in 1..=2 {
        let lock = factory.start(&["--stuck-entropy"]);
        let mut phone = lock.phone();
        let hello = phone.receive().unwrap();
        let Ok(Packet::Hello(said)) = Packet::parse(&hello) else { panic!("no Hello: {hello:?}") };
        assert_eq!(said.profile, Profile::X);
        let command = cloud.command(Action::Lock);
        let (message1, connecting) = cloud.connect(&hello, command);
        phone.send(&message1);
        let (answer, _) = finish(connecting, phone.receive().unwrap());
        assert_eq!((answer.boot, outcome(&answer.reply).1), (boot, Outcome::Started), "{:?}", answer.reply);
        lock.kill();
    }
}

#[test]
fn a_lock_that_was_made_without_an_owner_greets_who_has_its_label_and_is_silent_until_a_press() {
    let directory = TempDir::new().unwrap();
    let path = |name| directory.path().join(name).to_str().unwrap().to_owned();
    let (keys, flash, world) = (path("keys.json"), path("flash"), path("world.json"));
    let (keys, flash, world) = (keys.as_str(), flash.as_str(), world.as_str());
    assert!(lock_sim(["manufacture", "--out", keys, "--unowned"]).status.success());
    assert!(lock_sim(["provision", "--flash", flash, "--keys", keys]).status.success());
    let made: Value = serde_json::from_slice(&std::fs::read(keys).unwrap()).unwrap();
    assert!(made.get("root").is_none());
    let lock_id = LockId(bytes(&made["lock_id"]).try_into().unwrap());
    let maker: [u8; 32] = bytes(&made["maker_secret"]).try_into().unwrap();
    let code = ClaimCode::from_text::<RustCrypto>(made["label"].as_str().unwrap()).unwrap();
    let claimer = <Claimer>::of(&code, Some(&Key::from_bytes(maker)), lock_id);
    let image = std::fs::read(flash).unwrap();
    assert!(!image.windows(16).any(|part| part == code.expose()), "the code is on the label alone");

    let here = "127.0.0.1:0";
    let arguments = ["run", "--listen", here, "--bench", here, "--flash", flash, "--world", world];
    let running = Running::start(arguments.map(str::to_owned));
    let mut phone = running.phone();
    let hello = phone.receive().unwrap();
    let Ok(Packet::Hello(greeting)) = Packet::parse(&hello) else { panic!("not greeted") };
    assert!(claimer.recognises(&greeting));
    let (mut message1, hedge) = ([0; 128], InitiatorHedge { attempt: 1, entropy: [3; 32] });
    let (length, _) = claimer.start(&hello, &hedge, &mut message1).unwrap();
    phone.send(&message1[..length]);
    // The link rests for a second after a Message1 that came to nothing. What comes then is a new Hello, and no answer.
    std::thread::sleep(Duration::from_millis(1_200));
    phone.send(&Packet::HELLO_REQUEST);
    let next = phone.receive().unwrap();
    assert!(matches!(Packet::parse(&next), Ok(Packet::Hello(_))), "nobody has pressed the button");
}

#[test]
fn a_bolt_is_after_a_kill_where_it_was_before() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let mut lock = factory.start(&[]);
    assert_eq!(lock.ask(&json!({ "lock_button": true })), json!({ "ok": true }));
    let half_way = |seen: &Value| seen["bolt_micrometres"].as_u64() > Some(5_000);
    let before = lock.look_until(half_way)["bolt_micrometres"].as_u64().unwrap();
    lock.kill();

    let mut lock = factory.start(&[]);
    let seen = lock.ask(&json!({ "look": true }));
    assert!(seen["bolt_micrometres"].as_u64().unwrap() >= before, "{seen}");
    assert_eq!((&seen["motor_running"], &seen["motor_runs"]), (&json!(false), &json!(1)));
    assert_eq!(lock.ask(&json!({ "turn": "locked" })), json!({ "ok": true }));
    let seen = lock.look_until(|seen| seen["says"]["locked"] == true);
    assert_eq!(seen["bolt"], "extended");
    lock.kill();
    assert_eq!(factory.start(&[]).ask(&json!({ "look": true }))["bolt"], "extended");
}

#[test]
fn the_bench_shows_a_jam_for_what_it_is() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let mut lock = factory.start(&[]);
    lock.ask(&json!({ "jam": true }));
    lock.ask(&json!({ "lock_button": true }));
    let seen = lock.look_until(|seen| seen["says"]["fault"] == "jammed");
    assert_eq!((&seen["says"]["locked"], &seen["bolt"]), (&json!(false), &json!("between")));
    assert!(lock.ask(&json!({ "door": "open" }))["error"].is_string(), "the bolt is in the way");
    assert!(lock.ask(&json!({ "dor": "open" }))["error"].is_string(), "no such request");
}

#[test]
fn two_phones_are_served_and_a_third_is_hung_up_until_one_leaves() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let lock = factory.start(&[]);
    let mut phones = [lock.phone(), lock.phone()];
    phones.iter_mut().for_each(|phone| assert!(phone.receive().is_some()));
    assert_eq!(lock.phone().receive(), None);
    drop(phones);
    let is_served = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        lock.phone().receive().is_some()
    });
    assert!(is_served);
}

#[test]
fn hellos_of_a_stuck_random_source_differ_over_kills() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let lock = factory.start(&["--stuck-entropy"]);
        let hello = lock.phone().receive().unwrap();
        assert!(matches!(Packet::parse(&hello), Ok(Packet::Hello(_))));
        assert!(seen.insert(hello));
        lock.kill();
    }
}
