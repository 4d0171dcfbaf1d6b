//! The cloud: the real role over a durable store in memory, which can be restored from an older copy.

use lock_core::cloud::{
    CaughtUp, Connecting, FreshMarks, LockKeys, Monotonic, Numbers, Probe, Session, SessionError, open_up,
    seal_down,
};
use lock_core::crypto::{Authenticated, Delivery, InitiatorHedge, KeyEpoch, LockId, RootKey};
use lock_core::proto::{
    Action, Answer, CommandId, Down, Event, Kind, Marks, Opening, Packet, Reply, Report, ReportBody, Request,
    Sealed, SealedReport, UnixMillis,
};
use lock_sim::controller::LINKS;
use lock_sim::hardware::Moment;

use crate::random::Random;

/// The true time when the world began.
const EPOCH: UnixMillis = UnixMillis(1_800_000_000_000);
/// One question for the marks a minute (section 5).
const PROBE_PACE_MILLIS: u64 = 60_000;

/// The true time at a moment of the world.
pub(crate) fn true_time(now: Moment) -> UnixMillis {
    EPOCH.plus_millis(now.0)
}

/// What the cloud must not lose, and may lose all the same.
#[derive(Clone, Debug)]
struct Store {
    numbers: Numbers,
    attempt: u64,
    /// The newest configuration that it knows of.
    configuration: u32,
    accepted_up: std::collections::BTreeSet<u64>,
}

/// Where the cloud's random bytes come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Sound(Random),
    Stuck,
}

impl Source {
    fn draw<const N: usize>(&mut self) -> [u8; N] {
        match self {
            Self::Sound(random) => random.bytes(),
            Self::Stuck => [0x5A; N],
        }
    }
}

/// Something that the cloud believes.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Answer(Answer),
    Report(Report),
    Sealed(SealedReport),
}

impl Said {
    pub(crate) fn status(&self) -> Option<lock_core::proto::Status> {
        match self {
            Self::Answer(Answer { reply: Reply::Status(status), .. })
            | Self::Report(Report {
                body: ReportBody::Reply(Reply::Status(status)) | ReportBody::Event(Event::Changed(status)),
                ..
            })
            | Self::Sealed(SealedReport::Status { status, .. }) => Some(*status),
            Self::Answer(_) | Self::Report(_) | Self::Sealed(_) => None,
        }
    }

    /// What it says became of a command.
    pub(crate) fn outcome(&self) -> Option<(CommandId, lock_core::proto::Outcome)> {
        match self {
            Self::Answer(Answer { reply: Reply::Command { id, outcome, .. }, .. })
            | Self::Report(Report {
                body:
                    ReportBody::Reply(Reply::Command { id, outcome, .. })
                    | ReportBody::Event(Event::Finished { id, outcome }),
                ..
            })
            | Self::Sealed(SealedReport::Receipt { id, outcome, .. }) => Some((*id, *outcome)),
            Self::Answer(_) | Self::Report(_) | Self::Sealed(_) => None,
        }
    }
}

/// What the cloud is doing on a relay's link.
#[derive(Debug)]
enum Line {
    Quiet,
    Connecting(Connecting),
    Live(Session),
}

/// The cloud of one lock.
#[derive(Debug)]
pub(crate) struct Cloud {
    keys: LockKeys,
    store: Store,
    backup: Option<Store>,
    pub(crate) source: Source,
    lines: [Line; LINKS],
    deliveries: [Delivery; LINKS],
    probe: Option<Probe>,
    probed_at: Option<Moment>,
    hint: Option<Authenticated<Marks>>,
}

impl Cloud {
    pub(crate) fn new(
        root: &RootKey,
        lock_id: LockId,
        deliveries: [Delivery; LINKS],
        random: Random,
    ) -> Self {
        let accepted_up = std::collections::BTreeSet::new();
        Self {
            keys: LockKeys::expand(root, lock_id, KeyEpoch::FIRST),
            store: Store { numbers: Numbers::FIRST, attempt: 0, configuration: 0, accepted_up },
            backup: None,
            source: Source::Sound(random),
            lines: std::array::from_fn(|_| Line::Quiet),
            deliveries,
            probe: None,
            probed_at: None,
            hint: None,
        }
    }

    /// Keeps a copy of the store.
    pub(crate) fn back_up(&mut self) {
        self.backup = Some(self.store.clone());
    }

    /// The store is lost and an older copy takes its place: numbers that were burned are offered again.
    pub(crate) fn restore(&mut self) {
        if let Some(backup) = &self.backup {
            self.store = backup.clone();
            self.lines = std::array::from_fn(|_| Line::Quiet);
        }
    }

    /// Takes the number of a new command.
    pub(crate) fn issue(&mut self) -> CommandId {
        let id = self.store.numbers.next_command;
        self.store.numbers.next_command.0 += 1;
        id
    }

    /// The number of the next configuration.
    pub(crate) fn next_configuration(&self) -> u32 {
        self.store.configuration + 1
    }

    /// Answers a Hello with a Message1; the clock goes with it.
    pub(crate) fn connect(
        &mut self,
        link: usize,
        hello: &[u8],
        request: Request,
        now: Moment,
    ) -> Result<Vec<u8>, SessionError> {
        self.store.attempt += 1;
        let hedge = InitiatorHedge { attempt: self.store.attempt, entropy: self.source.draw() };
        let opening = Down { header: Opening { time: Some(true_time(now)) }, request };
        let mut packet = [0; 128];
        let (length, connecting) = Connecting::start(&self.keys, hello, &opening, &hedge, &mut packet)?;
        self.lines[link] = Line::Connecting(connecting);
        Ok(packet[..length].to_vec())
    }

    /// Sends a request in a live session; `None` where there is none.
    pub(crate) fn record(&mut self, link: usize, request: Request, now: Moment) -> Option<Vec<u8>> {
        let Line::Live(session) = &mut self.lines[link] else { return None };
        let mut packet = [0; 512];
        let length = session.request(request, Monotonic(now.0), &mut packet).ok()?;
        Some(packet[..length].to_vec())
    }

    /// Seals a request under a number of its own, which is burned.
    pub(crate) fn seal(&mut self, request: Request, not_after: Option<UnixMillis>, now: Moment) -> Vec<u8> {
        let counter = self.store.numbers.next_down;
        self.store.numbers.next_down += 1;
        self.seal_under(counter, request, not_after, now)
    }

    fn seal_under(
        &mut self,
        counter: u64,
        request: Request,
        not_after: Option<UnixMillis>,
        now: Moment,
    ) -> Vec<u8> {
        let message = Down { header: Sealed { issued_at: true_time(now), not_after }, request };
        let mut packet = [0; 512];
        let length = seal_down(&self.keys, counter, self.source.draw(), &message, &mut packet);
        packet[..length.expect("512 bytes always suffice")].to_vec()
    }

    /// A question for the lock's marks, when a hint says that they are ahead; at most once a minute.
    pub(crate) fn probe(&mut self, now: Moment) -> Option<Vec<u8>> {
        if self.probed_at.is_some_and(|at| now.since(at) < PROBE_PACE_MILLIS) {
            return None;
        }
        let counter = Probe::counter(&self.store.numbers, self.hint.as_ref()?);
        self.hint = None;
        self.probed_at = Some(now);
        let probe = Probe::new(self.source.draw());
        self.probe = Some(probe);
        Some(self.seal_under(counter, probe.request(), None, now))
    }

    /// Takes what a relay brought from the lock; `None` for anything that it does not believe.
    pub(crate) fn hear(&mut self, link: usize, mut packet: Vec<u8>, now: Moment) -> Option<Said> {
        match Packet::parse(&packet).map(|parsed| parsed.kind()) {
            Ok(Kind::Message2) => self.hear_message2(link, &mut packet, now),
            Ok(Kind::Record) => self.hear_record(link, &mut packet, now),
            Ok(Kind::SealedUp) => self.hear_sealed(&mut packet),
            Ok(Kind::HelloRequest | Kind::Hello | Kind::Message1 | Kind::SealedDown) | Err(_) => None,
        }
    }

    fn hear_message2(&mut self, link: usize, packet: &mut [u8], now: Moment) -> Option<Said> {
        let Line::Connecting(connecting) = std::mem::replace(&mut self.lines[link], Line::Quiet) else {
            return None;
        };
        let (answer, marks, session) =
            connecting.finish(packet, self.deliveries[link], Monotonic(now.0)).ok()?;
        self.lines[link] = Line::Live(session);
        self.catch_up(marks);
        Some(self.learn(Said::Answer(answer.into_inner())))
    }

    fn hear_record(&mut self, link: usize, packet: &mut [u8], now: Moment) -> Option<Said> {
        let Line::Live(session) = &mut self.lines[link] else { return None };
        let report = session.open(packet, Monotonic(now.0)).ok()?;
        Some(self.learn(Said::Report(report.into_inner())))
    }

    fn hear_sealed(&mut self, packet: &mut [u8]) -> Option<Said> {
        let opened = open_up(&self.keys, packet).ok()?;
        if !self.store.accepted_up.insert(opened.counter) {
            return None;
        }
        if let Some(marks) = self.probe.and_then(|probe| probe.answered(&opened.report)) {
            self.probe = None;
            self.catch_up(marks);
        }
        let said = *opened.report.get();
        if let SealedReport::MarksHint { marks } = said
            && marks.down >= self.store.numbers.next_down
        {
            self.hint = Some(opened.report.map(|_| marks));
        }
        Some(self.learn(Said::Sealed(said)))
    }

    fn catch_up(&mut self, marks: FreshMarks) {
        match self.store.numbers.catch_up(marks) {
            CaughtUp::Level | CaughtUp::WasBehind => {}
        }
    }

    /// The version in force is in what the lock says.
    fn learn(&mut self, said: Said) -> Said {
        let version = match (&said, said.status()) {
            (_, Some(status)) => status.configuration,
            (Said::Sealed(SealedReport::Receipt { configuration, .. }), None) => *configuration,
            (Said::Answer(_) | Said::Report(_) | Said::Sealed(_), None) => 0,
        };
        self.store.configuration = self.store.configuration.max(version);
        said
    }

    /// The version of a change that the cloud has sent out.
    pub(crate) fn note_configuration(&mut self, action: &Action) {
        if let Action::Configure { version, .. } = action {
            self.store.configuration = self.store.configuration.max(*version);
        }
    }
}
