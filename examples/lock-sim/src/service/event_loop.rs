//! Real time: one thread owns the lock and takes events from all others.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use lock_core::crypto::Delivery;
use lock_core::proto::BootReason;
use serde_json::json;

use super::arguments::Run;
use super::bench::{self, Asker, Request};
use super::desk::Desk;
use super::log::{Log, kind_of};
use super::manufacture::{open_flash, open_log, random};
use super::phones::{self, Peer, Seat};
use super::world_file::WorldFile;
use super::{Failure, Flash};
use crate::controller::{Boundary, Controller, StepError};
use crate::hardware::Moment;
use crate::loader::Loader;

/// Events that wait; whoever sends more waits too.
const BACKLOG: usize = 64;
/// While something moves the world is saved this often.
const MOVING: Duration = Duration::from_millis(10);
const RESTING: Duration = Duration::from_secs(60);

/// Something from outside.
#[derive(Debug)]
pub(super) enum Event {
    PhoneCame { stream: TcpStream, peer: Peer },
    PhoneSent { seat: Seat, packet: Vec<u8> },
    PhoneWent { seat: Seat },
    Bench { request: Request, asker: Asker },
}

/// Where fresh random bytes come from.
#[derive(Clone, Copy, Debug)]
enum Entropy {
    Host,
    /// For the test bench: a source that broke in the worst way.
    Stuck,
}

impl Entropy {
    fn draw(self) -> Result<[u8; 32], Failure> {
        match self {
            Self::Host => random(),
            Self::Stuck => Ok([0; 32]),
        }
    }
}

/// Runs a lock until it fails or is killed.
pub(super) fn run(arguments: &Run) -> Result<(), Failure> {
    let log = Log::start();
    let entropy = if arguments.stuck_entropy { Entropy::Stuck } else { Entropy::Host };
    let flash = open_flash(&arguments.flash)?;
    let (world_file, world) = WorldFile::load(&arguments.world)?;
    if let Some(address) = arguments.bench.filter(|address| !address.ip().is_loopback()) {
        return Err(Failure::BenchNotLocal(address));
    }
    let phones = listen(arguments.listen)?;
    let bench = arguments.bench.map(listen).transpose()?;
    let loader = Loader::beside(&arguments.flash)
        .map_err(|error| Failure::Start(arguments.flash.clone(), error.into()))?;
    let region = open_log(&arguments.flash)?;
    let lock = Controller::boot_with_both(loader, region, flash, world, entropy.draw()?)
        .map_err(|error| Failure::Start(arguments.flash.clone(), error))?;

    let (sender, events) = mpsc::sync_channel(BACKLOG);
    let mut simulator = Simulator { lock, desk: Desk::new(log), world_file, entropy, sender: sender.clone() };
    simulator.desk.log.line(format_args!("boot={}", simulator.lock.device().boot_number()));
    let mut held = simulator.step()?;
    simulator.desk.log.plain(format_args!("listening on {}", phones.1));
    serve("phones", phones.0, sender.clone(), phones::accept)?;
    if let Some((listener, address)) = bench {
        simulator.desk.log.plain(format_args!("bench on {address}"));
        serve("benches", listener, sender, bench::accept)?;
    }
    loop {
        let next = match held {
            None => simulator.turn(&events),
            Some(boundary) => Ok(simulator.stand_still(&events, boundary)),
        };
        held = match next {
            Err(Failure::Step(StepError::Restart)) => {
                simulator = simulator.restart(&arguments.flash)?;
                // Sensors are read and the lock settles before anything else happens.
                simulator.step()?
            }
            next => next?,
        };
    }
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(address);
    listener
        .and_then(|listener| listener.local_addr().map(|bound| (listener, bound)))
        .map_err(|error| Failure::Listen(address, error))
}

fn serve(
    name: &str,
    listener: TcpListener,
    events: SyncSender<Event>,
    accept: fn(&TcpListener, &SyncSender<Event>),
) -> Result<(), Failure> {
    let address = listener.local_addr();
    let started = thread::Builder::new().name(name.to_owned()).spawn(move || accept(&listener, &events));
    match (started, address) {
        (Ok(_), _) => Ok(()),
        (Err(error), Ok(address)) => Err(Failure::Listen(address, error)),
        (Err(error), Err(_)) => Err(Failure::Listen(SocketAddr::from(([0, 0, 0, 0], 0)), error)),
    }
}

struct Simulator {
    lock: Controller<Flash>,
    desk: Desk,
    world_file: WorldFile,
    entropy: Entropy,
    sender: SyncSender<Event>,
}

impl Simulator {
    /// Waits for the next event or timer, and does what follows; where the bench holds the run loop, the boundary.
    fn turn(&mut self, events: &Receiver<Event>) -> Result<Option<Boundary>, Failure> {
        let wait = if self.lock.world().next_change().is_some() { MOVING } else { RESTING };
        let due = self.lock.next_wake().map(|at| Duration::from_millis(at.since(self.now())));
        let event = events.recv_timeout(due.map_or(wait, |due| due.min(wait)));
        // Time passes up to the event; then it happens.
        if let Some(held) = self.step()? {
            return Ok(Some(held));
        }
        match event {
            Ok(event) => self.take(event)?,
            // The loop holds a sender itself: nobody else is needed to go on.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        self.step()
    }

    /// The power is about to go, exactly here: nothing moves any more. Looking is allowed.
    fn stand_still(&mut self, events: &Receiver<Event>, boundary: Boundary) -> Option<Boundary> {
        match events.recv() {
            Ok(Event::Bench { request: Request::Look(_), asker }) => {
                asker.answer(&self.look());
            }
            Ok(Event::Bench { asker, .. }) => {
                asker.answer(&bench::refusal(format_args!("the lock is held {boundary}; kill its process")));
            }
            Ok(Event::PhoneCame { .. } | Event::PhoneSent { .. } | Event::PhoneWent { .. }) | Err(_) => {}
        }
        Some(boundary)
    }

    fn take(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::PhoneCame { stream, peer } => self.greet(stream, peer)?,
            Event::PhoneSent { seat, packet } if self.desk.phones.is_here(seat) => {
                let (link, kind) = (seat.link, kind_of(&packet));
                self.desk.log.line(format_args!("link={} received={kind} bytes={}", link.0, packet.len()));
                self.lock.receive(link, packet);
            }
            Event::PhoneWent { seat } if self.desk.phones.is_here(seat) => {
                self.desk.log.line(format_args!("link={} state=down", seat.link.0));
                self.desk.phones.close(seat.link);
                self.lock.link_down(seat.link);
            }
            // Of a connection that was hung up meanwhile.
            Event::PhoneSent { .. } | Event::PhoneWent { .. } => {}
            Event::Bench { request: Request::Look(_), asker } => {
                asker.answer(&self.look());
            }
            Event::Bench { request: Request::Hold(hold), asker } => {
                asker.answer(&json!({ "ok": true }));
                self.desk.hold(hold, asker);
            }
            Event::Bench { request: request @ Request::Radio(_), asker } => {
                for link in self.desk.phones.links() {
                    self.desk.phones.close(link);
                    self.lock.link_down(link);
                }
                asker.answer(&bench::touch(self.lock.world_mut(), request));
            }
            Event::Bench { request, asker } => asker.answer(&bench::touch(self.lock.world_mut(), request)),
        }
        Ok(())
    }

    fn greet(&mut self, stream: TcpStream, Peer(peer): Peer) -> Result<(), Failure> {
        match self.desk.phones.seat(stream, &self.sender) {
            Some(seat) => {
                self.desk.log.line(format_args!("link={} state=up peer={peer}", seat.link.0));
                self.lock.stir(self.entropy.draw()?);
                self.lock.link_up(seat.link, Delivery::Ordered);
            }
            None => self.desk.log.line(format_args!("refused=connection peer={peer} reason=all_links_taken")),
        }
        Ok(())
    }

    /// A reset of the chip: every link is gone, and the loader decides what starts.
    fn restart(mut self, flash: &Path) -> Result<Self, Failure> {
        self.desk.log.line(format_args!("restart=update"));
        for link in self.desk.phones.links() {
            self.desk.phones.close(link);
        }
        let entropy = self.entropy.draw()?;
        let lock = self
            .lock
            .reboot(BootReason::Update, entropy)
            .map_err(|error| Failure::Start(flash.into(), error))?;
        self.desk.log.line(format_args!("boot={}", lock.device().boot_number()));
        Ok(Self { lock, ..self })
    }

    /// Lets the lock run up to now, and saves the door.
    fn step(&mut self) -> Result<Option<Boundary>, Failure> {
        let stepped = self.lock.step(self.now(), &mut self.desk);
        self.world_file.save(self.lock.world())?;
        match stepped {
            Ok(()) => Ok(None),
            Err(StepError::PowerCut(boundary)) => {
                self.desk.log.line(format_args!("held=\"{boundary}\""));
                if let Some(asker) = self.desk.take_holder() {
                    asker.answer(&json!({ "held": boundary.to_string() }));
                }
                Ok(Some(boundary))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn look(&self) -> serde_json::Value {
        let firmware = self.lock.device().health(self.lock.uptime()).firmware;
        bench::look(self.lock.world(), &self.lock.status(), firmware)
    }

    fn now(&self) -> Moment {
        let passed = self.desk.log.started().elapsed().as_millis();
        Moment(u64::try_from(passed).unwrap_or(u64::MAX))
    }
}
