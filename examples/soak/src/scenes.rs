//! What happens in a run: scenes of some seconds or minutes, each of which may be under attack.

mod door;
mod honest;
mod live;
mod records;
mod sealed;
mod volley;

use lock_core::cloud::SessionError;
use lock_core::proto::{
    Action, BoltPosition, CommandId, Kind, PinDigits, Request, Seconds, Setting, UnixMillis,
};
use lock_sim::controller::LINKS;

use crate::arena::{Arena, Cut, Stranded, Upward};
use crate::attack::Attack;
use crate::oracle::{Order, Travel};

/// PIN slots that the runs use.
const SLOTS: u8 = 4;

/// What is allowed in this part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stores {
    /// The cloud's store is never lost: its random source may be broken.
    Kept,
    /// The cloud's store is now and then replaced by an older copy: its random source is sound.
    Restored,
}

impl Arena {
    /// One scene, mostly with the attack that was made least often.
    pub(crate) fn scene(&mut self, stores: Stores) -> Result<(), Stranded> {
        self.heard.clear();
        let attack =
            if self.random.percent(60) { self.tally.rarest() } else { self.random.one_of(&Attack::ALL) };
        self.upward = if self.random.percent(20) { Upward::Hostile } else { Upward::Honest };
        if self.random.percent(5) {
            self.arm_fault();
        }
        match self.random.below(100) {
            0..5 => self.honest_scene(),
            5..11 => self.door_scene(),
            11..24 => self.power_scene(),
            24..29 if stores == Stores::Restored => self.restore_scene(),
            24..48 => self.live_scene(attack),
            48..68 => self.records_scene(attack),
            68..90 => self.sealed_scene(attack),
            _ => self.volley_scene(),
        }
    }

    /// A command is on its way when the power fails, and the relay plays it again afterwards.
    fn power_scene(&mut self) -> Result<(), Stranded> {
        let cut = self.random.one_of(&Cut::ALL);
        let link = self.random.place(LINKS);
        self.make_ready()?;
        let (live, sealed) = (self.action(), self.action());
        let request = self.command(live);
        let Some(hello) = self.fresh_hello(link)? else { return Ok(()) };
        let Ok(message1) = self.opening(link, &hello, &request) else { return Ok(()) };
        let request = self.command(sealed);
        let sealed = self.sealed(&request, None);
        self.arm(cut);
        let boot = self.boot();
        self.deliver(link, &message1)?;
        if self.boot() == boot && self.random.percent(50) {
            self.deliver(link, &sealed)?;
        }
        let wait = self.random.below(1_500);
        self.pass(wait)?;
        if self.boot() == boot {
            self.disarm();
            self.cut_power()?;
        }
        for packet in [message1, sealed] {
            if self.random.percent(70) {
                self.fresh_hello(link)?;
                self.attack(Attack::ReplayAfterReboot, link, &packet)?;
            }
        }
        Ok(())
    }

    /// The cloud loses its store, and must find its way back without a repeated number doing harm.
    fn restore_scene(&mut self) -> Result<(), Stranded> {
        if self.random.percent(60) {
            self.cloud.back_up();
            return Ok(());
        }
        self.cloud.restore();
        for _ in 0..self.random.between(1, 3) {
            let action = self.action();
            let request = self.command(action);
            let sealed = self.sealed(&request, None);
            self.deliver(0, &sealed)?;
            self.pass(1_100)?;
            if let Some(probe) = self.cloud.probe(self.now) {
                self.oracle.cloud_made(&probe);
                self.deliver(0, &probe)?;
            }
        }
        self.honest_scene()
    }

    /// Something worth ordering: mostly to move the bolt where it is not.
    pub(crate) fn action(&mut self) -> Action {
        if self.random.percent(30) {
            return self.configuration();
        }
        self.motion()
    }

    /// The motion that moves the bolt.
    pub(crate) fn motion(&mut self) -> Action {
        match self.truth().bolt {
            BoltPosition::Extended => Action::Unlock,
            BoltPosition::Retracted => Action::Lock,
            BoltPosition::Between | BoltPosition::Unknown => self.random.one_of_actions(),
        }
    }

    /// The next version of the configuration.
    pub(crate) fn configuration(&mut self) -> Action {
        let slot = self.random.below(SLOTS.into()) as u8;
        let setting = match self.random.below(5) {
            0 => Setting::AutoRelock(Seconds(self.random.between(20, 300) as u32)),
            1 | 2 => Setting::AutoRelock(Seconds(0)),
            3 => Setting::clear_credential(slot),
            _ => {
                let digits = format!("{:06}", self.random.below(1_000_000));
                let digits = PinDigits::from_ascii(digits.as_bytes()).expect("six digits");
                Setting::pin(slot, digits)
            }
        };
        let action = Action::Configure { version: self.cloud.next_configuration(), setting };
        self.cloud.note_configuration(&action);
        action
    }

    /// A request under a new number.
    pub(crate) fn command(&mut self, action: Action) -> Request {
        Request::Command { id: self.cloud.issue(), action }
    }

    /// The cloud answers a Hello; the relay sees it.
    pub(crate) fn opening(
        &mut self,
        link: usize,
        hello: &[u8],
        request: &Request,
    ) -> Result<Vec<u8>, SessionError> {
        let packet = self.cloud.connect(link, hello, request.clone(), self.now)?;
        self.made(&packet, request, Travel::Opening { hello: hello.to_vec() });
        Ok(packet)
    }

    /// The cloud speaks in a session; `None` where there is none any more.
    pub(crate) fn in_session(&mut self, link: usize, request: &Request) -> Option<Vec<u8>> {
        let packet = self.cloud.record(link, request.clone(), self.now)?;
        self.made(&packet, request, Travel::Record);
        Some(packet)
    }

    /// The cloud seals.
    pub(crate) fn sealed(&mut self, request: &Request, not_after: Option<UnixMillis>) -> Vec<u8> {
        let packet = self.cloud.seal(request.clone(), not_after, self.now);
        self.made(&packet, request, Travel::Sealed { not_after });
        packet
    }

    fn made(&mut self, packet: &[u8], request: &Request, travel: Travel) {
        self.oracle.cloud_made(packet);
        if let Request::Command { id, action } = request {
            let order = Order { id: *id, action: action.clone(), travel, issued_at: self.now };
            self.oracle.orders.issued(packet, order);
        }
        self.record(packet);
    }

    /// An honest handshake that sets the lock's clock and leaves a session; false when it did not come to be.
    pub(crate) fn open_session(&mut self, link: usize, request: &Request) -> Result<bool, Stranded> {
        let Some(hello) = self.fresh_hello(link)? else { return Ok(false) };
        let Ok(message1) = self.opening(link, &hello, request) else { return Ok(false) };
        let upward = std::mem::replace(&mut self.upward, Upward::Honest);
        let reaction = self.deliver(link, &message1);
        self.upward = upward;
        let reaction = reaction?;
        Ok(reaction.has_answered && !reaction.was_cut)
    }

    /// A packet that must never get an answer: altered, or used before.
    pub(crate) fn attack_in_vain(
        &mut self,
        attack: Attack,
        link: usize,
        packet: &[u8],
    ) -> Result<(), Stranded> {
        let reaction = self.attack(attack, link, packet)?;
        let is_quiet = reaction.was_cut || (!reaction.has_answered && !reaction.has_run);
        self.oracle.hold(is_quiet, || {
            let kind = packet.get(1).copied().unwrap_or_default();
            format!("the lock reacts to a packet of kind {kind} after the attack '{attack}': {reaction:?}")
        });
        Ok(())
    }
}

impl crate::random::Random {
    fn one_of_actions(&mut self) -> Action {
        if self.percent(50) { Action::Lock } else { Action::Unlock }
    }
}

/// The number of a command.
pub(crate) fn id_of(request: &Request) -> CommandId {
    match request {
        Request::Command { id, .. } => *id,
        Request::Nothing | Request::Query(_) => CommandId(0),
    }
}

/// Whether a packet is a first message of a handshake.
pub(crate) fn is_message1(packet: &[u8]) -> bool {
    packet.starts_with(&Kind::Message1.prefix())
}
