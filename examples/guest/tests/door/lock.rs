//! A lock on a socket of this machine: the real core on simulated hardware, in the tests' own process, and its owner's keys.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use lock_core::cloud::{Conditions, LockKeys, NewTicket};
use lock_core::crypto::{Delivery, Key, KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::device::LinkId;
use lock_core::proto::frame::{self, Deframer};
use lock_core::proto::{Action, BoltPosition, Profile, Reply, UnixMillis};
use lock_core::virtual_key::{LINK_LETTERS, VirtualKey};
use lock_sim::controller::{Boundary, Controller, Fact, Harness, Steady, Verdict, provision_as};
use lock_sim::hardware::{Moment, Press, World};
use lock_sim::owner::Owner;
use lock_store::host::MemoryFlash;

type Flash = MemoryFlash<4, 8192>;

/// The lock's time when the door opens for tests: its bolt is thrown by then.
const READY: Moment = Moment(2_000);

/// 2026-01-01, in Unix milliseconds: the time that the owner tells.
pub(crate) const TOLD: UnixMillis = UnixMillis(1_767_225_600_000);

/// A lock that is locked and was never told the time.
pub(crate) struct Lock {
    pub(crate) address: SocketAddr,
    pub(crate) keys: LockKeys,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    lock: Controller<Flash>,
    owner: Owner,
    started: Instant,
}

impl Lock {
    pub(crate) fn new() -> Self {
        Self::of(Profile::S)
    }

    pub(crate) fn of(profile: Profile) -> Self {
        let lock_id = LockId([7; 16]);
        let root =
            RootKey::from_bytes::<RustCrypto>(std::array::from_fn(|place| place as u8), lock_id).unwrap();
        let mut flash = Flash::new(4);
        provision_as(profile, &mut flash, &root, lock_id, &[1; 32]).unwrap();
        let mut lock = Controller::boot(flash, World::new(Moment(0)), [2; 32]).unwrap();
        lock.step(Moment(10), &mut Steady).unwrap();
        lock.world_mut().press(Press::LockButton);
        lock.step(READY, &mut Steady).unwrap();
        assert!(lock.status().is_locked());
        let owner = Owner::of(&root, lock_id);
        let inner = Arc::new(Mutex::new(Inner { lock, owner, started: Instant::now() }));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Arc::clone(&inner);
        std::thread::spawn(move || {
            for guest in listener.incoming() {
                serve(&serving, guest.unwrap());
            }
        });
        let keys = LockKeys::expand(&root, lock_id, KeyEpoch::FIRST).with_profile(profile);
        Self { address, keys, inner }
    }

    /// Issues a key and writes its link.
    pub(crate) fn link(&self, conditions: Conditions, holder: Option<&Key>) -> String {
        let new = NewTicket { serial: 9, issued: TOLD, epoch: 0, conditions };
        let key: VirtualKey = self.keys.issue(&new, holder, &[3; 32]).unwrap();
        key.to_link(&mut [0; LINK_LETTERS]).unwrap().to_owned()
    }

    /// The owner's cloud is here for a moment, tells the time, and has the lock do this.
    pub(crate) fn order(&self, action: Action) -> Reply {
        let mut inner = self.inner();
        let Inner { lock, owner, .. } = &mut *inner;
        owner.time = Some(TOLD);
        owner.order(lock, action, &mut Steady).unwrap()
    }

    pub(crate) fn bolt(&self) -> BoltPosition {
        self.inner().lock.world().truth().bolt
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

/// A guest from its connection to its end, in real time.
fn serve(inner: &Mutex<Inner>, mut guest: TcpStream) {
    const LINK: LinkId = LinkId(0);
    guest.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let (mut deframer, mut piece) = (Deframer::new(), [0; 512]);
    inner.lock().unwrap().lock.link_up(LINK, Delivery::Ordered);
    loop {
        let mut line = Line(Vec::new());
        {
            let mut inner = inner.lock().unwrap();
            let now = READY.plus(u64::try_from(inner.started.elapsed().as_millis()).unwrap());
            inner.lock.step(now, &mut line).unwrap();
        }
        for packet in line.0 {
            let mut framed = [0; frame::MAX_ENCODED];
            let _ = guest.write_all(frame::encode(&packet, &mut framed).unwrap());
        }
        match guest.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => {
                let mut bytes = &piece[..length];
                while !bytes.is_empty() {
                    let (used, packet) = deframer.push_slice(bytes);
                    if let Some(packet) = packet {
                        inner.lock().unwrap().lock.receive(LINK, packet.to_vec());
                    }
                    bytes = &bytes[used..];
                }
            }
            Err(_) => {}
        }
    }
    inner.lock().unwrap().lock.link_down(LINK);
}

struct Line(Vec<Vec<u8>>);

impl Harness for Line {
    fn transmit(&mut self, _link: LinkId, packet: &[u8]) {
        self.0.push(packet.to_vec());
    }

    fn close(&mut self, _link: LinkId) {}

    fn note(&mut self, _fact: &Fact) {}

    fn boundary(&mut self, _boundary: Boundary) -> Verdict {
        Verdict::GoOn
    }
}
