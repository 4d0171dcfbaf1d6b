//! A firmware update, from the offer to its confirmation under the new firmware.

use lock_core::crypto::{RustCrypto, Suite};
use lock_core::proto::{Chunk, Manifest, Outcome, Reply, Seconds, UpdateReport, UpdateState};
use lock_fleet::{ImageSender, LiveAnswer, LiveRequest, LiveSession, Sending, Task};
use lock_sim::loader::{Image, build};

use super::Operation;
use crate::broken::{Broken, Held, hold};
use crate::scene::{Progress, Scene, unasked};

pub(super) struct FirmwareUpdate;

const NEW: Image = Image { model: 1, version: 2, rollback_index: 2 };
/// More than a sector of the slot.
const BODY: usize = 1_300;
const WINDOW: u8 = 4;
const TRIAL: Seconds = Seconds(600);
/// More questions than an update that was cut anywhere takes.
const STEPS: usize = 400;

impl Operation for FirmwareUpdate {
    fn name(&self) -> &'static str {
        "update"
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        Carrying::new("first")?.carry(scene)?;
        scene.progress = Progress::Ended;
        Ok(())
    }

    fn agree(&self, scene: &mut Scene<'_>) -> Held {
        scene.replug()?;
        let (_, answer) = scene.session(LiveRequest::Update)?;
        let report = report(&answer)?;
        let is_done = (report.state, report.version) == (UpdateState::None, NEW.version);
        hold(is_done || scene.progress != Progress::Ended, || {
            format!("an update that was confirmed is {report:?}")
        })?;
        scene.replug()?;
        Carrying::new("second")?.carry(scene)
    }
}

/// Whoever brings an image: where the lock stands decides what is next.
struct Carrying {
    image: Vec<u8>,
    manifest: Manifest,
    name: &'static str,
    orders: u32,
}

impl Carrying {
    fn new(name: &'static str) -> Held<Self> {
        let body: Vec<u8> = (0..BODY).map(|place| place as u8).collect();
        let image = build(NEW, &body);
        let size = u32::try_from(image.len()).map_err(Broken::host)?;
        let sha256 = RustCrypto::hash(&[&image]);
        let Image { model, version, rollback_index } = NEW;
        Ok(Self {
            image,
            manifest: Manifest { model, version, rollback_index, size, sha256 },
            name,
            orders: 0,
        })
    }

    fn carry(&mut self, scene: &mut Scene<'_>) -> Held {
        let (mut session, mut answer) = scene.session(LiveRequest::Update)?;
        for _ in 0..STEPS {
            let report = report(&answer)?;
            let is_this = report.manifest == Some(self.manifest);
            match report.state {
                UpdateState::None if report.version == NEW.version => return Ok(()),
                UpdateState::Receiving if is_this && report.wanted < self.manifest.size => {
                    self.send(scene, &mut session, &report)?;
                }
                UpdateState::Receiving if is_this => {}
                UpdateState::Ready if is_this => {
                    let task = Task::InstallUpdate { version: NEW.version, trial: TRIAL };
                    self.order(scene, &mut session, task)?;
                    session = self.restart(scene)?;
                }
                UpdateState::Trial if report.version != NEW.version => session = self.restart(scene)?,
                UpdateState::Trial => {}
                UpdateState::None
                | UpdateState::Receiving
                | UpdateState::Ready
                | UpdateState::Failed
                | UpdateState::RolledBack => {
                    self.order(scene, &mut session, Task::OfferUpdate(self.manifest))?;
                }
            }
            answer = scene.ask(&mut session, LiveRequest::Update)?;
        }
        Err(Broken::Wrong("the update does not come to its end".into()))
    }

    fn order(&mut self, scene: &mut Scene<'_>, session: &mut LiveSession, task: Task) -> Held {
        self.orders += 1;
        let outcome = scene.order_in(session, task, &format!("{}-{}", self.name, self.orders))?;
        hold(outcome == Outcome::Done, || format!("an order of the update is {outcome:?}"))
    }

    /// The lock starts the other image, and a new session has to be begun.
    fn restart(&self, scene: &mut Scene<'_>) -> Held<Box<LiveSession>> {
        scene.started()?;
        scene.replug()?;
        Ok(scene.session(LiveRequest::Nothing)?.0)
    }

    fn send(&self, scene: &mut Scene<'_>, session: &mut LiveSession, report: &UpdateReport) -> Held {
        let mut sender = ImageSender::resume(&self.manifest, report, WINDOW).map_err(Broken::wrong)?;
        loop {
            while let Some(piece) = sender.next_piece() {
                let bytes = self.image.get(piece.range()).unwrap_or_default();
                let chunk = Chunk { image: self.manifest.image(), offset: piece.offset, bytes };
                let now = scene.service.now();
                let packet = scene.service.fleet().chunk_live(session, &chunk, now).map_err(Broken::wrong)?;
                scene.carry(&packet)?;
            }
            let LiveAnswer::Wanted(wanted) = scene.answer(session)? else {
                return Err(Broken::Wrong("a piece of an image is not answered".into()));
            };
            match sender.heard(&Reply::Wanted(wanted)) {
                Some(Sending::GoesOn { .. }) => {}
                Some(Sending::Complete) => return Ok(()),
                Some(Sending::Stopped(_)) | None => {
                    return Err(Broken::Wrong("the image is not wanted any more".into()));
                }
            }
        }
    }
}

fn report(answer: &LiveAnswer) -> Held<UpdateReport> {
    if let LiveAnswer::Update(report) = answer { Ok(*report) } else { Err(unasked("its update", answer)) }
}
