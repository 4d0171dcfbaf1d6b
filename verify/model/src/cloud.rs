//! The cloud: the real functions of `lock_core::cloud`, and what a service keeps around them. It answers any Hello that it recognises,
//! believes what opens, and takes its numbers before it uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use lock_core::cloud::{
    CaughtUp, Committed, Connecting, FreshMarks, LockKeys, Monotonic, NextRoot, Numbers, Offer, Probe, Proof,
    Proven, Proving, Rotating, Session, Side, offline_code, open_up, seal_down,
};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Authenticated, Delivery, KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::device::{KEYS, provision};
use lock_core::proto::{
    Action, Answer, CloudShare, CodeClass, CodeSeries, CodesSwitch, CommandId, Down, OfflineCode, Opening,
    Outcome, Packet, QuarterHours, Query, Reply, ReportBody, Request, Sealed, SealedReport, Seconds, Setting,
    UnixMillis,
};

const LOCK_ID: LockId = LockId(*b"a modelled lock!");
pub(crate) const EPOCH_MILLIS: u64 = 1_800_000_000_000;

/// The nonce of its questions for the marks: fresh, since it asks once.
const PROBE: [u8; 16] = [4; 16];
const NOW: QuarterHours = QuarterHours::of(UnixMillis(EPOCH_MILLIS));
/// The offline codes that the lock takes.
pub(crate) const SERIES: CodeSeries = CodeSeries { switch: CodesSwitch::On, epoch: 1, since: NOW.0 / 4 - 10 };
const ONCE: OfflineCode = OfflineCode { class: CodeClass::Once, start: NOW, serial: 0 };

/// What the cloud wants of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Deed {
    Lock,
    Unlock,
    /// Set the automatic relock, as the next version.
    Configure,
}

/// What it says in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ask {
    Nothing,
    Marks,
    /// A command under the next id.
    New(Deed),
    /// A command that was issued before, under its id.
    Again(u64),
    /// What its part of a rotation asks for.
    Prepare,
    Rotation,
    Commit,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Issued {
    pub(crate) action: Action,
    /// When it was last sealed.
    pub(crate) sealed_at: Option<u64>,
}

/// Under which key epoch a talk is, and on which link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) epoch: u32,
    pub(crate) link: usize,
}

/// An attempt to speak with the lock.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Talk {
    Connecting(Connecting),
    Proving(Proving),
    Live(Live),
    Over,
}

/// A session, and what of a rotation is under way in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Live {
    session: Session,
    offer: Option<Offer>,
    proven: Option<Proven>,
    commit: Option<CommandId>,
}

/// The keys of the next epoch, as they are stored.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Next {
    digest: [u8; 16],
    keys: Arc<LockKeys>,
    /// An attempt to prove was begun and not heard of.
    is_doubted: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Cloud {
    pub(crate) keys: Arc<LockKeys>,
    pub(crate) next: Option<Next>,
    pub(crate) numbers: Numbers,
    attempts: u64,
    shares: u8,
    /// How often it was restored: the random source is as good as a new one then, and stuck otherwise.
    pub(crate) restored: u8,
    /// It learnt of numbers that it did not remember giving out.
    pub(crate) was_behind: bool,
    /// All that it ever issued under an id: after a restore that may be more than one.
    pub(crate) issued: BTreeMap<u64, Vec<Issued>>,
    configurations: u32,
    pub(crate) talks: Vec<Talk>,
    /// Where each of them is.
    pub(crate) places: Vec<Place>,
    accepted: BTreeSet<(u32, u64)>,
    /// The last that it heard of a command.
    pub(crate) outcomes: BTreeMap<u64, Outcome>,
}

/// A packet was not what it seemed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// What a sealed message was good for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Marks,
    Nothing,
}

impl Cloud {
    /// The cloud of a new lock, and the record that the lock is made with.
    pub(crate) fn new() -> (Self, [u8; KEYS]) {
        let secret = core::array::from_fn(|index| 3 * index as u8 + 5);
        let root = RootKey::from_bytes::<RustCrypto>(secret, LOCK_ID).expect("a good root");
        let record = provision::<RustCrypto>(&root, LOCK_ID, &[9; 32]);
        let cloud = Self {
            keys: Arc::new(LockKeys::expand(&root, LOCK_ID, KeyEpoch::FIRST)),
            next: None,
            numbers: Numbers::FIRST,
            attempts: 0,
            shares: 0,
            restored: 0,
            was_behind: false,
            issued: BTreeMap::new(),
            configurations: 0,
            talks: Vec::new(),
            places: Vec::new(),
            accepted: BTreeSet::new(),
            outcomes: BTreeMap::new(),
        };
        (cloud, record)
    }

    /// Its database is what it was at first. What it had issued stays issued.
    pub(crate) fn restore(&mut self) {
        let (first, _) = Self::new();
        self.restored += 1;
        (self.numbers, self.attempts, self.configurations) = (first.numbers, 0, 0);
        self.accepted.clear();
        self.die();
    }

    /// Its process ends: what is not stored is gone.
    pub(crate) fn die(&mut self) {
        self.talks.iter_mut().for_each(|talk| *talk = Talk::Over);
    }

    /// As if nobody had spoken yet.
    pub(crate) fn forget_talks(&mut self) {
        self.talks.clear();
        self.places.clear();
        self.outcomes.clear();
    }

    fn entropy(&self) -> u8 {
        5 + self.restored
    }

    fn now(clock: u64) -> Monotonic {
        Monotonic(77_000 + clock)
    }

    fn request(&mut self, ask: Ask, talk: Option<usize>) -> Option<Request> {
        Some(match ask {
            Ask::Nothing => Request::Nothing,
            Ask::Marks => Request::Query(Query::Marks(PROBE)),
            Ask::Rotation => Request::Query(Query::Rotation),
            Ask::New(deed) => {
                let action = self.action(deed);
                self.command(action)
            }
            Ask::Again(id) => {
                let issued = self.issued.get(&id)?.last()?;
                Request::Command { id: CommandId(id), action: issued.action.clone() }
            }
            Ask::Prepare => {
                self.shares += 1;
                let offer = Offer::new(&self.keys, CloudShare::new([self.shares; 32])).ok()?;
                let action = offer.action();
                self.live(talk?)?.offer = Some(offer);
                self.command(action)
            }
            Ask::Commit => {
                let id = self.numbers.next_command;
                let live = self.live(talk?)?;
                let action = live.proven.as_ref()?.action();
                live.commit = Some(id);
                self.command(action)
            }
        })
    }

    fn live(&mut self, talk: usize) -> Option<&mut Live> {
        match self.talks.get_mut(talk)? {
            Talk::Live(live) => Some(live),
            Talk::Connecting(_) | Talk::Proving(_) | Talk::Over => None,
        }
    }

    fn action(&mut self, deed: Deed) -> Action {
        match deed {
            Deed::Lock => Action::Lock,
            Deed::Unlock => Action::Unlock,
            Deed::Configure => {
                self.configurations += 1;
                let version = self.configurations;
                Action::Configure { version, setting: Setting::AutoRelock(Seconds(60 + version)) }
            }
        }
    }

    /// Any command, under the next id.
    pub(crate) fn command(&mut self, action: Action) -> Request {
        let id = self.numbers.next_command;
        self.numbers.next_command = CommandId(id.0 + 1);
        self.issued.entry(id.0).or_default().push(Issued { action: action.clone(), sealed_at: None });
        Request::Command { id, action }
    }

    /// Answers a Hello, under the epoch that it was made in or, where there is a next one, to prove that. The number of the talk, and the packet.
    pub(crate) fn answer(
        &mut self,
        (hello, link): (&[u8], usize),
        ask: Ask,
        clock: u64,
    ) -> Option<(usize, Arc<[u8]>)> {
        let proves = self.proves(hello)?;
        let request = if proves { Request::Nothing } else { self.request(ask, None)? };
        self.attempts += 1;
        let hedge = InitiatorHedge { attempt: self.attempts, entropy: [self.entropy(); 32] };
        let opening = Down { header: Opening { time: Some(UnixMillis(EPOCH_MILLIS + clock)) }, request };
        let mut packet = [0; 128];
        let (length, talk) = if proves {
            let Next { keys, is_doubted, .. } = self.next.as_mut()?;
            *is_doubted = true;
            let rotating = Rotating { in_force: &self.keys, next: keys };
            let (length, proving) = rotating.start(hello, &opening, &hedge, &mut packet).ok()?;
            (length, Talk::Proving(proving))
        } else {
            let (length, connecting) =
                Connecting::start(&self.keys, hello, &opening, &hedge, &mut packet).ok()?;
            (length, Talk::Connecting(connecting))
        };
        let keys = self.next.as_ref().filter(|_| proves).map_or(&self.keys, |next| &next.keys);
        self.places.push(Place { epoch: keys.key_epoch().number(), link });
        self.talks.push(talk);
        Some((self.talks.len() - 1, packet[..length].into()))
    }

    /// Whether the answer to a Hello is to prove the next epoch; `None` for a Hello that is not known.
    fn proves(&self, hello: &[u8]) -> Option<bool> {
        let Ok(Packet::Hello(hello)) = Packet::parse(hello) else { return None };
        match &self.next {
            Some(next) => {
                let side = Rotating { in_force: &self.keys, next: &next.keys }.side(&hello)?;
                Some(side == Side::After || !next.is_doubted)
            }
            None => self.keys.recognises(&hello).then_some(false),
        }
    }

    /// Says something in a session.
    pub(crate) fn say(&mut self, talk: usize, ask: Ask, clock: u64) -> Option<Arc<[u8]>> {
        let request = self.request(ask, Some(talk))?;
        let live = self.live(talk)?;
        let mut packet = [0; 512];
        let length = live.session.request(request, Self::now(clock), &mut packet).ok()?;
        Some(packet[..length].into())
    }

    /// Seals something for later.
    pub(crate) fn seal(&mut self, ask: Ask, clock: u64) -> Option<Arc<[u8]>> {
        let request = self.request(ask, None)?;
        if let Request::Command { id, .. } = &request
            && let Some(issued) = self.issued.get_mut(&id.0).and_then(|issued| issued.last_mut())
        {
            issued.sealed_at = Some(clock);
        }
        let counter = self.numbers.next_down;
        self.numbers.next_down += 1;
        let header = Sealed { issued_at: UnixMillis(EPOCH_MILLIS + clock), not_after: None };
        let mut packet = [0; 512];
        let random = [self.entropy(); 16];
        let length = seal_down(&self.keys, counter, random, &Down { header, request }, &mut packet).ok()?;
        Some(packet[..length].into())
    }

    /// Takes a Message2 or a record in a talk.
    ///
    /// # Errors
    /// [`Refused`]: it does not open there.
    pub(crate) fn hear(&mut self, talk: usize, packet: &[u8], clock: u64) -> Result<(), Refused> {
        let (mut packet, now) = (packet.to_vec(), Self::now(clock));
        let place = self.talks.get_mut(talk).ok_or(Refused)?;
        match core::mem::replace(place, Talk::Over) {
            Talk::Connecting(connecting) => {
                let finished = connecting.clone().finish(&mut packet, Delivery::Ordered, now);
                let Ok((answer, marks, session)) = finished else {
                    *place = Talk::Connecting(connecting);
                    return Err(Refused);
                };
                *place = Talk::Live(Live { session, offer: None, proven: None, commit: None });
                self.answered(&answer, marks);
            }
            Talk::Proving(proving) => {
                let finished = proving.clone().finish(&mut packet, Delivery::Ordered, now);
                let Ok((answer, marks, session, proof)) = finished else {
                    *place = Talk::Proving(proving);
                    return Err(Refused);
                };
                let proven = match proof {
                    Proof::Proven(proven) => Some(proven),
                    Proof::Committed(committed) => {
                        self.put_in_force(&committed);
                        None
                    }
                };
                self.talks[talk] = Talk::Live(Live { session, offer: None, proven, commit: None });
                if let Some(next) = &mut self.next {
                    next.is_doubted = false;
                }
                self.answered(&answer, marks);
            }
            Talk::Live(mut live) => {
                let opened = live.session.open(&mut packet, now);
                *place = Talk::Live(live);
                let report = opened.map_err(|_| Refused)?;
                self.reported(talk, report.map(|report| report.body));
            }
            Talk::Over => return Err(Refused),
        }
        Ok(())
    }

    fn answered(&mut self, answer: &Authenticated<Answer>, marks: FreshMarks) {
        self.was_behind |= self.numbers.catch_up(marks) == CaughtUp::WasBehind;
        let reply = answer.as_ref().map(|answer| answer.reply.clone());
        self.note_outcome(reply.get());
        self.look(&reply);
    }

    fn reported(&mut self, talk: usize, body: Authenticated<ReportBody>) {
        let Ok(reply) = body.try_map(|body| match body {
            ReportBody::Reply(reply) => Ok(reply),
            ReportBody::Event(_) => Err(()),
        }) else {
            return;
        };
        self.note_outcome(reply.get());
        self.look(&reply);
        self.agree(talk, &reply);
        self.commit(talk, &reply);
    }

    fn note_outcome(&mut self, reply: &Reply) {
        if let Reply::Command { id, outcome, .. } = *reply {
            self.outcomes.insert(id.0, outcome);
        }
    }

    /// The lock says what it holds of a rotation: one that it does not hold may be offered anew.
    fn look(&mut self, reply: &Authenticated<Reply>) {
        let Some(next) = &mut self.next else { return };
        match NextRoot::is_held(next.digest, self.keys.key_epoch(), reply) {
            Ok(true) => next.is_doubted = false,
            Ok(false) => self.next = None,
            Err(_) => {}
        }
    }

    fn agree(&mut self, talk: usize, reply: &Authenticated<Reply>) {
        let Talk::Live(Live { offer: Some(offer), .. }) = &self.talks[talk] else { return };
        if self.next.is_none()
            && let Ok(NextRoot { epoch, digest, root }) = offer.agree(&self.keys, reply)
        {
            let keys = Arc::new(LockKeys::expand(&root, LOCK_ID, epoch));
            self.next = Some(Next { digest, keys, is_doubted: false });
        }
    }

    fn commit(&mut self, talk: usize, reply: &Authenticated<Reply>) {
        let Reply::Command { id, outcome, .. } = *reply.get() else { return };
        if let Some(live) = self.live(talk)
            && live.commit == Some(id)
            && let Some(proven) = live.proven.take()
            && let Ok(committed) = proven.answered(&reply.as_ref().map(|_| outcome))
        {
            self.put_in_force(&committed);
        }
    }

    fn put_in_force(&mut self, committed: &Committed) {
        if let Some(next) = self.next.take_if(|next| next.keys.key_epoch() == committed.epoch()) {
            self.keys = next.keys;
        }
    }

    /// Its database.
    pub(crate) fn hash_what_is_stored<H: Hasher>(&self, hasher: &mut H) {
        let numbers = (self.numbers, self.attempts, self.shares, self.restored, self.configurations);
        (&self.keys, &self.next, numbers).hash(hasher);
    }

    /// Whether it has a reason to say so in a talk: of a rotation, one step comes after the other.
    pub(crate) fn would_say(&self, talk: usize, ask: Ask) -> bool {
        let Talk::Live(live) = &self.talks[talk] else { return false };
        match ask {
            Ask::Nothing | Ask::Marks | Ask::New(_) | Ask::Again(_) => true,
            Ask::Prepare => {
                self.next.is_none() && live.offer.is_none() && self.keys.key_epoch() == KeyEpoch::FIRST
            }
            Ask::Rotation => self.next.is_none() && live.offer.is_some(),
            Ask::Commit => live.proven.is_some() && live.commit.is_none(),
        }
    }

    /// Whether a session has proven the next epoch and waits for the commit.
    pub(crate) fn is_proven(&self, talk: usize) -> bool {
        matches!(&self.talks[talk], Talk::Live(Live { proven: Some(_), .. }))
    }

    /// What a sealed message of the lock says, under whichever epoch the cloud knows.
    pub(crate) fn peek(&self, packet: &[u8]) -> Option<SealedReport> {
        let keys = [Some(&self.keys), self.next.as_ref().map(|next| &next.keys)];
        let mut opened =
            keys.into_iter().flatten().filter_map(|keys| open_up(keys, &mut packet.to_vec()).ok());
        opened.next().map(|opened| *opened.report.get())
    }

    /// The digits of a code that opens once.
    pub(crate) fn once(&self) -> Vec<u8> {
        let digits = offline_code(&self.keys, SERIES, ONCE).expect("a code of the series");
        digits.as_ascii().to_vec()
    }

    /// Whether an answer to a sealed question for the marks would teach it anything.
    pub(crate) fn asks_for_marks(&self) -> bool {
        self.restored > 0
    }

    /// Takes a sealed message of the lock; each number once.
    ///
    /// # Errors
    /// [`Refused`]: it does not open.
    pub(crate) fn hear_sealed(&mut self, packet: &[u8]) -> Result<Told, Refused> {
        let opened = open_up(&self.keys, &mut packet.to_vec()).map_err(|_| Refused)?;
        let number = (self.keys.key_epoch().number(), opened.counter);
        let Some(marks) = Probe::new(PROBE).answered(&opened.report) else { return Ok(Told::Nothing) };
        if !self.accepted.insert(number) {
            return Ok(Told::Nothing);
        }
        self.was_behind |= self.numbers.catch_up(marks) == CaughtUp::WasBehind;
        Ok(Told::Marks)
    }
}
