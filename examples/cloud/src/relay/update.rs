//! A firmware update over a relay: where the lock stands decides the next step, so that a service or a phone that was killed goes on
//! where the lock says.

use lock_fleet::proto::{Chunk, CommandId, Manifest, Outcome, Reason, Reply, UpdateReport, UpdateState};
use lock_fleet::{CommandState, ImageSender, LiveRequest, Sending, Task};
use std::time::Duration;
use tokio::time::Instant;

use super::live::Phase;
use super::wish::{Goal, Standing, Wish};
use super::{Gone, Relay};
use crate::firmware::{FirmwareError, Rollout};
use crate::http::Refusal;
use crate::log::fact;
use crate::messages::Install;
use crate::messages::relay::{Doing, ToPhone};
use crate::wish_name;

/// Chunks in flight: more than one round trip's worth of a slow radio, and no more than a lock answers in a second.
const WINDOW: u8 = 4;

/// The phone hears of each so many bytes.
const TELL_EVERY: u32 = 8 * 1_024;

/// So long a lock may check an image, or wait for somebody to leave the door.
const SETTLES_WITHIN: Duration = Duration::from_secs(120);

/// The lock is asked again after this where it told of no change.
const ASK_EVERY: Duration = Duration::from_millis(700);

/// An update that this relay carries.
pub(super) struct Updating {
    rollout: Rollout,
    manifest: Manifest,
    sender: Option<ImageSender>,
    told: u32,
    /// The command that was sent last: only its outcome is the update's.
    command: Option<CommandId>,
}

/// The image of a rollout.
fn image_of(rollout: &Rollout) -> Result<Manifest, Refusal> {
    rollout.manifest().ok_or_else(|| Refusal::failed("the rollout is damaged; ask for it again"))
}

impl Relay {
    /// Somebody asked for the update: of what is wanted of this lock.
    pub(super) async fn update_asked(&mut self) -> Result<Goal, Refusal> {
        let lock = self.lock;
        let rollout = self.service.blocking(move |service| service.firmware().rollout(lock)).await??;
        let manifest = image_of(&rollout)?;
        self.update = Some(Updating { rollout, manifest, sender: None, told: 0, command: None });
        Ok(Goal::Update(LiveRequest::Update))
    }

    /// Whether the update is what the phone waits for.
    pub(super) fn is_updating(&self) -> bool {
        self.wish.as_ref().is_some_and(|wish| wish.doing == Doing::Update)
    }

    /// The lock says where it stands. Unasked it may do so at any time.
    pub(super) async fn update_stands(&mut self, report: UpdateReport) -> Result<(), Gone> {
        let line = fact("update").with("state", format_args!("{:?}", report.state));
        self.note(line.with("runs", report.version).with("wanted", report.wanted));
        self.service.note_update(self.lock, report);
        if !self.is_updating() {
            return Ok(());
        }
        let Some((manifest, rollout)) = self.still_wanted().await? else { return Ok(()) };
        let is_this = report.manifest == Some(manifest);
        match report.state {
            UpdateState::None if report.version == manifest.version => {
                self.update_done(format!("the lock runs firmware {}, confirmed", manifest.version)).await
            }
            UpdateState::Receiving if is_this => self.send_image(&report).await,
            UpdateState::Ready if is_this && rollout.install == Install::Confirmed => {
                let version = manifest.version;
                self.update_done(format!(
                    "the lock holds firmware {version}, verified; confirm its install, then come again"
                ))
                .await
            }
            UpdateState::Ready if is_this => {
                let task = Task::InstallUpdate { version: manifest.version, trial: rollout.trial() };
                self.update_action(task, &rollout).await
            }
            UpdateState::Trial => {
                let sentence = if report.version == manifest.version {
                    "the new firmware is on trial and proves itself"
                } else {
                    "the lock starts the new firmware as soon as nobody is at the door"
                };
                self.tell_update(manifest.size, sentence.to_owned()).await?;
                self.ask_later(ASK_EVERY);
                Ok(())
            }
            UpdateState::Failed | UpdateState::RolledBack if is_this && rollout.offered => {
                let why = report.failure.map_or("it did not prove itself".to_owned(), |why| why.to_string());
                self.give_up(&format!(
                    "firmware {} is not installed: {why}; the lock runs firmware {}. Ask for the update again to retry",
                    manifest.version, report.version
                ))
                .await
            }
            UpdateState::None
            | UpdateState::Receiving
            | UpdateState::Ready
            | UpdateState::Failed
            | UpdateState::RolledBack => self.update_action(Task::OfferUpdate(manifest), &rollout).await,
        }
    }

    /// What is wanted of the lock now, which is read anew each time: somebody may have changed their mind since. The update ends where
    /// that is another image.
    async fn still_wanted(&mut self) -> Result<Option<(Manifest, Rollout)>, Gone> {
        let lock = self.lock;
        let wanted = self.service.blocking(move |service| service.firmware().rollout(lock)).await;
        self.adopt(wanted).await
    }

    /// Goes on with what is wanted by now, or ends.
    async fn adopt(
        &mut self,
        wanted: Result<Result<Rollout, FirmwareError>, Refusal>,
    ) -> Result<Option<(Manifest, Rollout)>, Gone> {
        let Some(updating) = &mut self.update else { return Ok(None) };
        let wanted = wanted.and_then(|wanted| {
            let rollout = wanted?;
            Ok((image_of(&rollout)?, rollout))
        });
        match wanted {
            Ok((manifest, rollout)) if manifest == updating.manifest => {
                updating.rollout = rollout.clone();
                Ok(Some((manifest, rollout)))
            }
            Ok((other, _)) => {
                let (before, now) = (updating.manifest.version, other.version);
                self.update = None;
                self.give_up(&format!(
                    "firmware {now} is wanted of this lock by now; {before} goes no further. Ask for the update again"
                ))
                .await?;
                Ok(None)
            }
            Err(refusal) => {
                self.update = None;
                self.give_up(&refusal.sentence).await?;
                Ok(None)
            }
        }
    }

    /// Whether the wish may be sent as it stands. A command of an update may have waited for a session, and what it was made from may be
    /// wanted no more: then the lock is asked where it stands, and the next step decided anew.
    pub(super) async fn update_may_go_on(&mut self) -> Result<bool, Gone> {
        if !self.wish.as_ref().is_some_and(Wish::commands_update) {
            return Ok(true);
        }
        let Some(before) = self.update.as_ref().map(|updating| updating.rollout.clone()) else {
            return Ok(true);
        };
        let Some((_, rollout)) = self.still_wanted().await? else { return Ok(false) };
        if rollout != before {
            self.ask_update();
        }
        Ok(true)
    }

    /// A command of the wish is on its way under this number.
    pub(super) fn command_sent(&mut self, command: Option<CommandId>) {
        let commands = self.wish.as_ref().is_some_and(Wish::commands_update);
        if let (true, Some(updating), Some(id)) = (commands, &mut self.update, command) {
            updating.command = Some(id);
        }
    }

    /// Whether this is the outcome of the command that the update waits for.
    pub(super) fn is_of_update(&self, id: CommandId) -> bool {
        self.update.as_ref().is_some_and(|updating| updating.command == Some(id))
    }

    /// A command of the update was answered.
    pub(super) async fn update_command(&mut self, outcome: Outcome) -> Result<(), Gone> {
        match outcome {
            Outcome::Done | Outcome::Started => {
                let Some(updating) = &self.update else { return Ok(()) };
                let (lock, manifest) = (self.lock, updating.manifest);
                let wanted =
                    self.service.blocking(move |service| service.firmware().taken(lock, &manifest)).await;
                if self.adopt(wanted).await?.is_none() {
                    return Ok(());
                }
                self.ask_update();
                Box::pin(self.pursue()).await
            }
            // It came twice, or the flash is busy: where the lock stands says what is next.
            Outcome::Refused(Reason::UpdateUnderWay | Reason::AlreadyRuns | Reason::StorageBusy) => {
                self.ask_later(ASK_EVERY);
                Ok(())
            }
            Outcome::Refused(reason) => self.give_up(&reason.to_string()).await,
            Outcome::Jammed
            | Outcome::TimedOut
            | Outcome::Superseded
            | Outcome::Interrupted
            | Outcome::NotExecuted => {
                self.ask_update();
                Box::pin(self.pursue()).await
            }
        }
    }

    /// The command was sent before, and its answer came in another session.
    pub(super) async fn update_known(&mut self, state: CommandState) -> Result<(), Gone> {
        if let CommandState::Settled(outcome) = state {
            return self.update_command(outcome).await;
        }
        self.ask_later(ASK_EVERY);
        Ok(())
    }

    /// The lock has answered a chunk.
    pub(super) async fn chunk_answered(&mut self, wanted: u32) -> Result<(), Gone> {
        let Some(Updating { sender: Some(sender), manifest, told, .. }) = &mut self.update else {
            return Ok(());
        };
        let size = manifest.size;
        match sender.heard(&Reply::Wanted(wanted)) {
            Some(Sending::GoesOn { received }) => {
                if received >= told.saturating_add(TELL_EVERY) {
                    *told = received;
                    self.tell_update(received, format!("{received} of {size} bytes")).await?;
                }
                self.send_chunks().await
            }
            Some(Sending::Complete) => {
                if let Some(updating) = &mut self.update {
                    updating.sender = None;
                }
                self.tell_update(size, format!("all {size} bytes are there; the lock checks them")).await?;
                self.ask_later(ASK_EVERY);
                Ok(())
            }
            Some(Sending::Stopped(_)) | None => Ok(()),
        }
    }

    async fn send_image(&mut self, report: &UpdateReport) -> Result<(), Gone> {
        let Some(updating) = &mut self.update else { return Ok(()) };
        if report.wanted >= updating.manifest.size {
            self.ask_later(ASK_EVERY);
            return Ok(());
        }
        // An unasked report in the midst of it changes nothing.
        if updating.sender.is_none() {
            updating.told = report.wanted;
            updating.sender = ImageSender::resume(&updating.manifest, report, WINDOW).ok();
            let (from, size) = (report.wanted, updating.manifest.size);
            self.note(fact("sending_firmware").with("from", from).with("size", size));
            self.tell_update(from, format!("sending from byte {from} of {size}")).await?;
        }
        self.send_chunks().await
    }

    async fn send_chunks(&mut self) -> Result<(), Gone> {
        loop {
            let Some(Updating { sender: Some(sender), manifest, .. }) = &mut self.update else {
                return Ok(());
            };
            let Some(piece) = sender.next_piece() else { return Ok(()) };
            let manifest = *manifest;
            let Phase::Live(mut session) = std::mem::replace(&mut self.phase, Phase::Idle) else {
                return Ok(());
            };
            let sealed = self
                .service
                .blocking(move |service| {
                    let bytes = service.firmware().read(&manifest, piece.offset, piece.length)?;
                    let chunk = Chunk { image: manifest.image(), offset: piece.offset, bytes: &bytes };
                    let packet = service.fleet(|fleet, now| fleet.chunk_live(&mut session, &chunk, now))?;
                    Ok::<_, Refusal>((session, packet))
                })
                .await
                .and_then(|sealed| sealed);
            match sealed {
                Ok((session, packet)) => {
                    self.phase = Phase::Live(session);
                    self.socket.packet(&packet).await?;
                    if let Some(wish) = &mut self.wish {
                        wish.sent_in_session();
                    }
                }
                Err(refusal) => return self.give_up(&refusal.sentence).await,
            }
        }
    }

    async fn update_action(&mut self, task: Task, rollout: &Rollout) -> Result<(), Gone> {
        let token = wish_name::drawn().and_then(|token| wish_name::of(&self.who, &token));
        let client_token = match token {
            Ok(token) => token,
            Err(refusal) => return self.give_up(&refusal.sentence).await,
        };
        let by = format!("{} (carried by {})", rollout.by, self.who.name);
        if let Some(wish) = &mut self.wish {
            wish.turn_to(Goal::Update(LiveRequest::Action { task, client_token, by }));
        }
        Box::pin(self.pursue()).await
    }

    /// Asks the lock where it stands, now.
    fn ask_update(&mut self) {
        if let Some(wish) = &mut self.wish {
            wish.turn_to(Goal::Update(LiveRequest::Update));
        }
    }

    /// The same after a while, unless the lock tells before.
    fn ask_later(&mut self, after: Duration) {
        if let Some(wish) = &mut self.wish {
            wish.turn_to(Goal::Update(LiveRequest::Update));
            wish.standing = Standing::Resting { until: Instant::now() + after };
        }
    }

    /// The session is gone: what was in flight is asked for anew in the next.
    pub(super) fn update_session_lost(&mut self) {
        if let Some(updating) = &mut self.update {
            updating.sender = None;
        }
        if self.is_updating() {
            self.ask_update();
        }
    }

    async fn tell_update(&mut self, received: u32, sentence: String) -> Result<(), Gone> {
        let Some(updating) = &self.update else { return Ok(()) };
        let (version, size) = (updating.manifest.version, updating.manifest.size);
        if let Some(wish) = &mut self.wish {
            wish.has_come_further(SETTLES_WITHIN);
        }
        self.say(&ToPhone::Updating { version, received, size, sentence }).await
    }

    async fn update_done(&mut self, sentence: String) -> Result<(), Gone> {
        let Some(updating) = self.update.take() else { return Ok(()) };
        self.wish = None;
        self.note(fact("updated").with("version", updating.manifest.version).with("why", &sentence));
        self.say(&ToPhone::Updated { version: updating.manifest.version, sentence }).await
    }
}
