//! Firmware updates of the simulated lock: its boot loader really swaps, and the power goes between any two things.

use lock_core::cloud::{ImageSender, Monotonic};
use lock_core::crypto::{Delivery, LockId, RootKey, RustCrypto, Suite};
use lock_core::device::LinkId;
use lock_core::proto::{
    Action, BootReason, Chunk, Manifest, Query, Reply, ReportBody, Request, Seconds, UpdateReport,
    UpdateState,
};
use lock_sim::controller::{Boundary, Controller, Fact, Harness, StepError, Verdict, provision};
use lock_sim::hardware::{Moment, World};
use lock_sim::loader::{AS_MADE, Image, Loader, Start, build};
use lock_store::host::MemoryFlash;

use crate::cloud::{Cloud, finish};

const LINK: LinkId = LinkId(0);
const NEW: Image = Image { version: 2, rollback_index: 2, ..AS_MADE };

type Flash = MemoryFlash<4, 8192>;

#[derive(Default)]
struct Witness {
    sent: Vec<Vec<u8>>,
    passed: usize,
    cut_at: Option<usize>,
    starts: Vec<(Image, Start)>,
}

impl Harness for Witness {
    fn transmit(&mut self, _link: LinkId, packet: &[u8]) {
        self.sent.push(packet.to_vec());
    }

    fn close(&mut self, _link: LinkId) {}

    fn note(&mut self, fact: &Fact) {
        if let Fact::Firmware(image, start) = fact {
            self.starts.push((*image, *start));
        }
    }

    fn boundary(&mut self, _boundary: Boundary) -> Verdict {
        self.passed += 1;
        if self.cut_at == Some(self.passed) { Verdict::CutPower } else { Verdict::GoOn }
    }
}

struct Bench {
    lock: Option<Controller<Flash>>,
    cloud: Cloud,
    witness: Witness,
    sent: usize,
}

impl Bench {
    fn new() -> Self {
        let lock_id = LockId(*b"lock number 0001");
        let root = RootKey::from_bytes::<RustCrypto>(*b"32 bytes from a random source...", lock_id).unwrap();
        let mut flash = Flash::new(4);
        provision(&mut flash, &root, lock_id, &[1; 32]).unwrap();
        let loader = Loader::in_memory();
        let lock = Controller::boot_with(loader, flash, World::new(Moment(0)), [2; 32]).unwrap();
        let mut bench =
            Self { lock: Some(lock), cloud: Cloud::of(&root, lock_id), witness: Witness::default(), sent: 0 };
        let _ = bench.wait(1_000);
        bench
    }

    fn lock(&mut self) -> &mut Controller<Flash> {
        self.lock.as_mut().unwrap()
    }

    /// Lets time pass; `None` where the lock was reset meanwhile, by a cut or by itself.
    fn wait(&mut self, millis: u64) -> Option<()> {
        let Self { lock: Some(lock), witness, .. } = self else { unreachable!() };
        match lock.step(lock.world().now().plus(millis), witness) {
            Ok(()) => return Some(()),
            Err(StepError::PowerCut(_) | StepError::Restart) => {}
            Err(error) => panic!("{error}"),
        }
        let lock = self.lock.take().unwrap();
        self.lock = Some(lock.reboot(BootReason::PowerOn, [3; 32]).unwrap());
        self.witness.cut_at = None;
        let _ = self.wait(1_000);
        None
    }

    fn exchange(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        self.witness.sent.clear();
        self.lock().receive(LINK, packet.to_vec());
        self.wait(4)?;
        (!self.witness.sent.is_empty()).then(|| self.witness.sent.remove(0))
    }

    /// One session of a cloud that pursues the update: returns how it stood when it began.
    fn session(&mut self, bytes: &[u8], manifest: &Manifest) -> Option<UpdateReport> {
        self.witness.sent.clear();
        self.lock().link_up(LINK, Delivery::Ordered);
        self.wait(1)?;
        let hello = self.witness.sent.pop()?;
        let (message1, connecting) = self.cloud.connect(&hello, Request::Query(Query::Update));
        let (answer, mut session) = finish(connecting, self.exchange(&message1)?);
        let Reply::Update(report) = answer.reply else { panic!("{answer:?}") };
        let mut packet = [0; 512];
        let action = match report.state {
            UpdateState::None | UpdateState::Failed | UpdateState::RolledBack => {
                Action::OfferUpdate(*manifest)
            }
            UpdateState::Ready => Action::InstallUpdate { version: manifest.version, trial: Seconds(60) },
            UpdateState::Trial => {
                self.wait(6_000)?;
                return Some(report);
            }
            UpdateState::Receiving => {
                let mut sender = ImageSender::resume(manifest, &report, 4).unwrap();
                while let Some(piece) = sender.next_piece() {
                    let bytes = &bytes[piece.range()];
                    self.sent += bytes.len();
                    let chunk = Chunk { image: manifest.image(), offset: piece.offset, bytes };
                    let length = session.chunk(&chunk, Monotonic(0), &mut packet).unwrap();
                    let mut answer = self.exchange(&packet[..length])?;
                    if let ReportBody::Reply(reply) =
                        session.open(&mut answer, Monotonic(0)).unwrap().into_inner().body
                    {
                        let _ = sender.heard(&reply);
                    }
                }
                self.wait(1_000)?;
                return Some(report);
            }
        };
        let request = self.cloud.command(action);
        let length = session.request(request, Monotonic(0), &mut packet).unwrap();
        let _ = self.exchange(&packet[..length])?;
        self.wait(7_000)?;
        Some(report)
    }

    /// Sessions until the new version is confirmed.
    fn pursue(&mut self, bytes: &[u8], manifest: &Manifest) {
        for _ in 0..30 {
            let report = self.session(bytes, manifest);
            self.lock().link_down(LINK);
            let is_done = report.is_some_and(|report| {
                report.state == UpdateState::None && report.version == manifest.version
            });
            if is_done {
                return;
            }
        }
        panic!("the update never ends: {:?}", self.witness.starts);
    }
}

fn image(image: Image, bytes: usize) -> (Vec<u8>, Manifest) {
    let body: Vec<u8> = (0..bytes).map(|place| (place * 7 % 251) as u8).collect();
    let bytes = build(image, &body);
    let Image { model, version, rollback_index } = image;
    let sha256 = RustCrypto::hash(&[&bytes]);
    let manifest = Manifest { model, version, rollback_index, size: bytes.len() as u32, sha256 };
    (bytes, manifest)
}

#[test]
fn new_firmware_is_received_tried_confirmed_and_starts_again() {
    let mut bench = Bench::new();
    let (bytes, manifest) = image(NEW, 10_000);
    bench.pursue(&bytes, &manifest);
    assert_eq!(bench.sent, bytes.len(), "no byte twice");
    let lock = bench.lock.take().unwrap().reboot(BootReason::PowerOn, [9; 32]).unwrap();
    bench.lock = Some(lock);
    let _ = bench.wait(1_000);
    assert_eq!(bench.witness.starts, [(AS_MADE, Start::Same), (NEW, Start::OnTrial), (NEW, Start::Same)]);
}

#[test]
fn cut_between_any_two_things_that_the_run_loop_does_the_update_ends_with_the_new_version() {
    let (bytes, manifest) = image(NEW, 6_000);
    let mut whole = Bench::new();
    whole.witness.passed = 0;
    whole.pursue(&bytes, &manifest);
    let boundaries = whole.witness.passed;
    assert!(boundaries > 100, "{boundaries}");
    for cut_at in 1..=boundaries {
        let mut bench = Bench::new();
        (bench.witness.passed, bench.witness.cut_at) = (0, Some(cut_at));
        bench.pursue(&bytes, &manifest);
        let runs = bench.witness.starts.last().map(|(image, _)| *image);
        assert_eq!(runs, Some(NEW), "cut at {cut_at}");
        let twice = bench.sent - bytes.len();
        let rolled_back = bench.witness.starts.iter().any(|(_, start)| *start == Start::Reverted);
        assert!(twice <= 4_096 + 448 || rolled_back, "cut at {cut_at}: {twice} bytes twice");
    }
}

#[test]
fn an_image_that_the_loader_refuses_is_reported_as_rolled_back() {
    let mut bench = Bench::new();
    let (mut bytes, _) = image(NEW, 6_000);
    // Its digest in the manifest is right, and its own is not: as an image with a wrong signature.
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let sha256 = RustCrypto::hash(&[&bytes]);
    let manifest = Manifest { model: 1, version: 2, rollback_index: 2, size: bytes.len() as u32, sha256 };
    for _ in 0..12 {
        let report = bench.session(&bytes, &manifest);
        bench.lock().link_down(LINK);
        if report.is_some_and(|report| report.state == UpdateState::RolledBack) {
            assert!(matches!(bench.witness.starts.last(), Some((AS_MADE, Start::Refused(_)))));
            return;
        }
    }
    panic!("{:?}", bench.witness.starts);
}
