//! One lock with its service and whoever carries packets between them, over any number of power cuts.

use std::time::Duration;

use lock_core::proto::{Kind, LogEvent, Packet};
use lock_fleet::{
    Command, Fetched, KeptEntry, LiveAnswer, LiveEvent, LiveRequest, LiveSend, LiveSession, LiveStart, LockId,
};

use crate::board::{Board, LastWords, Parts};
use crate::broken::{Broken, End, Held, hold};
use crate::history::History;
use crate::service::Service;
use crate::worker::Tools;

/// A lock as the service knows it.
pub(crate) const LOCK: LockId = LockId(*b"a lock in C, cut");
/// A code that opens.
pub(crate) const CODE: &str = "271828";
/// One that does not.
pub(crate) const WRONG_CODE: &str = "9999";
/// More than a log has here.
const ENTRIES: usize = 10_000;
/// So many wrong codes lock codes out.
pub(crate) const LIMIT: u32 = 5;

/// A session, or what the service knows already.
pub(crate) enum Connected {
    Live(Box<LiveSession>, LiveAnswer),
    Known(Command),
}

/// How much of an operation was seen from outside before the power went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    #[default]
    Nothing,
    /// The lock has said that it has done it, or does it.
    Answered,
    /// All of it is over.
    Ended,
}

pub(crate) struct Scene<'t> {
    tools: &'t Tools,
    board: Option<Board>,
    pub(crate) service: Service,
    pub(crate) history: History,
    pub(crate) progress: Progress,
    /// How many packets this boot was given.
    given: u32,
}

impl<'t> Scene<'t> {
    pub(crate) const fn new(tools: &'t Tools, service: Service, history: History) -> Self {
        Self { tools, board: None, service, history, progress: Progress::Nothing, given: 0 }
    }

    pub(crate) const fn tools(&self) -> &'t Tools {
        self.tools
    }

    /// The power comes on and the lock starts, and the power goes after so many stores; 0 for never.
    pub(crate) fn power_up(&mut self, cut_after: u64) -> Held {
        self.power_on(cut_after)?;
        self.started()
    }

    /// The same, without waiting for the lock.
    pub(crate) fn power_on(&mut self, cut_after: u64) -> Held {
        let tools = self.tools;
        tools.scissors.reset()?;
        tools.scissors.cut_after(cut_after)?;
        let plugin = tools.scissors.argument();
        let (image, flash, folder) = (tools.image.as_path(), tools.flash.path(), tools.folder.path());
        self.board = Some(Board::start(Parts { image, flash, plugin: &plugin, folder })?);
        Ok(())
    }

    /// The chip starts, and counts packets from none.
    pub(crate) fn started(&mut self) -> Held {
        self.wait_for("ready")?;
        self.given = 0;
        self.settle()?;
        self.history.starts += 1;
        Ok(())
    }

    /// The power goes, where it has not gone yet: whether it had.
    pub(crate) fn power_off(&mut self) -> Held<End> {
        let Some(board) = self.board.take() else { return Ok(End::Cut) };
        let LastWords { end, lines, packets } = board.cut()?;
        for line in lines {
            self.history.note_line(&line);
        }
        packets.iter().try_for_each(|packet| self.history.note_up(packet).map(drop))?;
        Ok(end)
    }

    /// The power goes after so long.
    pub(crate) fn cut_later(&mut self, after: Duration) -> Held {
        self.board()?.cut_later(after);
        Ok(())
    }

    fn board(&mut self) -> Held<&mut Board> {
        self.board.as_mut().ok_or(Broken::Power)
    }

    pub(crate) fn say(&mut self, line: &str) -> Held {
        self.board()?.say(line)
    }

    /// Lines of the bench up to one that begins like this; returns that one.
    pub(crate) fn wait_for(&mut self, wanted: &str) -> Held<String> {
        loop {
            let line = self.board()?.line()?;
            self.history.note_line(&line);
            if line.starts_with(wanted) {
                return Ok(line);
            }
        }
    }

    /// Waits until the lock has stored all that it wants to.
    pub(crate) fn settle(&mut self) -> Held {
        self.say("i")?;
        self.wait_for("idle").map(drop)
    }

    /// Plugs the cable in anew: the lock greets anew, and that greeting is the next packet.
    pub(crate) fn replug(&mut self) -> Held {
        self.say("p")?;
        self.wait_for("plugged")?;
        let mut packets = self.board()?.waiting()?;
        let newest = packets.iter().rposition(|packet| packet.starts_with(&Kind::Hello.prefix()));
        let greeting = newest.map(|place| packets.remove(place));
        for packet in packets {
            self.history.note_up(&packet)?;
        }
        if let Some(greeting) = greeting {
            self.board()?.put_back(greeting);
        }
        Ok(())
    }

    /// Enters a code; what the light says.
    pub(crate) fn enter(&mut self, digits: &str) -> Held<String> {
        self.say(digits)?;
        self.wait_for("light: ")
    }

    /// Gives the lock a packet, and keeps it for later.
    pub(crate) fn carry(&mut self, packet: &[u8]) -> Held {
        self.history.carried.push(packet.to_vec());
        self.bring(packet)
    }

    fn bring(&mut self, packet: &[u8]) -> Held {
        self.given += 1;
        self.board()?.send(packet)
    }

    /// Waits until all packets were looked at.
    fn all_taken(&mut self) -> Held {
        loop {
            self.say("n")?;
            let line = self.wait_for("packets ")?;
            if line.trim_start_matches("packets ").parse() == Ok(self.given) {
                return Ok(());
            }
        }
    }

    /// Brings everything again that came to the lock: a first message behind a greeting that lives, as the only one that could.
    pub(crate) fn replay(&mut self) -> Held {
        for packet in self.history.carried.clone() {
            if matches!(Packet::parse(&packet), Ok(Packet::Message1(_))) {
                self.replug()?;
                self.packet_of(Kind::Hello)?;
            }
            self.bring(&packet)?;
            self.all_taken()?;
        }
        self.settle()
    }

    /// The next packet of a kind; sealed ones are taken to the service meanwhile.
    pub(crate) fn packet_of(&mut self, wanted: Kind) -> Held<Vec<u8>> {
        loop {
            let packet = self.board()?.packet()?;
            let kind = self.history.note_up(&packet)?;
            if kind == Kind::SealedUp {
                let now = self.service.now();
                self.service.fleet().ingest(LOCK, &packet, "a phone", now).map_err(Broken::wrong)?;
            }
            if kind == wanted {
                return Ok(packet);
            }
        }
    }

    /// A live session with this in its first message, or what has to wait for it behind it.
    pub(crate) fn connect(&mut self, request: LiveRequest) -> Held<Connected> {
        let (hello, now) = (self.packet_of(Kind::Hello)?, self.service.now());
        let start = self.service.fleet().begin_live(LOCK, &hello, request, now).map_err(Broken::wrong)?;
        let attempt = match start {
            LiveStart::Send(attempt) => attempt,
            LiveStart::Known(command) => return Ok(Connected::Known(command)),
        };
        self.carry(attempt.packet())?;
        let (message2, now) = (self.packet_of(Kind::Message2)?, self.service.now());
        let finish = self.service.fleet().finish_live(attempt, &message2, now).map_err(Broken::wrong)?;
        let mut session = Box::new(finish.session);
        let answer = match finish.unasked {
            Some(request) => self.ask(&mut session, request)?,
            None => finish.answer,
        };
        Ok(Connected::Live(session, answer))
    }

    /// The same for what is never known before.
    pub(crate) fn session(&mut self, request: LiveRequest) -> Held<(Box<LiveSession>, LiveAnswer)> {
        match self.connect(request)? {
            Connected::Live(session, answer) => Ok((session, answer)),
            Connected::Known(command) => Err(Broken::Wrong(format!("the service knows of {command:?}"))),
        }
    }

    /// Asks something in a session.
    pub(crate) fn ask(&mut self, session: &mut LiveSession, request: LiveRequest) -> Held<LiveAnswer> {
        let now = self.service.now();
        let send = self.service.fleet().request_live(session, request, now).map_err(Broken::wrong)?;
        let LiveSend::Packet { packet, .. } = send else {
            return Err(Broken::Wrong(format!("the service knows it already: {send:?}")));
        };
        self.carry(&packet)?;
        self.answer(session)
    }

    /// The lock's next answer in a session.
    pub(crate) fn answer(&mut self, session: &mut LiveSession) -> Held<LiveAnswer> {
        loop {
            if let LiveEvent::Answer(answer) = self.event(session)? {
                return Ok(answer);
            }
        }
    }

    /// What the lock says next in a session.
    pub(crate) fn event(&mut self, session: &mut LiveSession) -> Held<LiveEvent> {
        let (record, now) = (self.packet_of(Kind::Record)?, self.service.now());
        self.service.fleet().open_live(session, &record, now).map_err(Broken::wrong)
    }

    /// Asks for the lock's health: its boot counter grows from boot to boot.
    pub(crate) fn check_boot(&mut self, session: &mut LiveSession) -> Held {
        let answer = self.ask(session, LiveRequest::Health)?;
        let LiveAnswer::Health(health) = &answer else { return Err(unasked("its health", &answer)) };
        self.history.note_boot(health.boots.count)
    }

    /// Fetches the log: every entry is right, none is missing, and each start that came to rest has one.
    pub(crate) fn fetch_log(&mut self, session: &mut LiveSession) -> Held {
        loop {
            let answer = self.ask(session, LiveRequest::Log)?;
            let LiveAnswer::Log(fetched) = &answer else { return Err(unasked("its log", &answer)) };
            match fetched {
                Fetched::More { .. } => {}
                Fetched::Level { .. } => break,
                Fetched::Broken { fault } => {
                    return Err(Broken::Wrong(format!("its log does not hold: {fault:?}")));
                }
            }
        }
        let standing = self.service.fleet().log_standing(LOCK).map_err(Broken::host)?;
        hold(standing.faults.is_empty(), || format!("the log has faults: {:?}", standing.faults))?;
        hold(standing.unexplained.is_none(), || {
            format!("the log has a gap without a mark: {:?}", standing.unexplained)
        })?;
        hold(standing.unverified.is_empty(), || {
            format!("not all of the log could be verified: {:?}", standing.unverified)
        })?;
        let entries = self.service.fleet().log(LOCK, 0, ENTRIES).map_err(Broken::host)?;
        let is_start = |kept: &&KeptEntry| {
            matches!(kept.entry.as_ref().map(|entry| &entry.event), Some(LogEvent::Booted(_)))
        };
        let (told, starts) = (entries.iter().filter(is_start).count(), self.history.starts);
        hold(told >= starts, || {
            format!("the lock started {starts} times, and its log tells of {told}: {entries:#?}")
        })
    }
}

/// The lock answers something else than what it was asked for.
pub(crate) fn unasked(what: &str, answer: &LiveAnswer) -> Broken {
    Broken::Wrong(format!("asked for {what} the lock says {answer:?}"))
}
