//! Phones on TCP: packets in COBS frames, at most one connection on each link of the lock (section 2.1).

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use lock_core::device::LinkId;
use lock_core::proto::frame::{self, Deframer};

use super::event_loop::Event;
use crate::controller::LINKS;

/// A phone that takes nothing for so long is hung up: it must not hold the lock.
const WRITE_LIMIT: Duration = Duration::from_millis(200);

/// A connection on a link; the next one on the same link is another visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) link: LinkId,
    visit: u64,
}

/// The connections, by link.
#[derive(Debug, Default)]
pub(super) struct Phones {
    streams: [Option<(Seat, TcpStream)>; LINKS],
    visits: u64,
}

impl Phones {
    /// Takes a phone in; `None` when all links are taken or the connection is broken: it is hung up.
    pub(super) fn seat(&mut self, stream: TcpStream, events: &SyncSender<Event>) -> Option<Seat> {
        let free = self.streams.iter().position(Option::is_none)?;
        stream.set_nodelay(true).and_then(|()| stream.set_write_timeout(Some(WRITE_LIMIT))).ok()?;
        let reading = stream.try_clone().ok()?;
        self.visits += 1;
        let seat = Seat { link: LinkId(u8::try_from(free).ok()?), visit: self.visits };
        let events = events.clone();
        thread::Builder::new().name("phone".into()).spawn(move || read(seat, reading, &events)).ok()?;
        *self.streams.get_mut(free)? = Some((seat, stream));
        Some(seat)
    }

    /// Whether this visit goes on: what a connection brought before it was hung up does not count for the next.
    pub(super) fn is_here(&self, seat: Seat) -> bool {
        self.streams.iter().flatten().any(|(here, _)| *here == seat)
    }

    /// Sends a packet; a phone that does not take it is gone, and its reader says so.
    pub(super) fn send(&mut self, link: LinkId, packet: &[u8]) {
        let mut framed = [0; frame::MAX_ENCODED];
        let Ok(framed) = frame::encode(packet, &mut framed) else { return };
        if let Some((_, stream)) = self.streams.get_mut(usize::from(link.0)).and_then(Option::as_mut)
            && stream.write_all(framed).is_err()
        {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// The links that are taken.
    pub(super) fn links(&self) -> impl Iterator<Item = LinkId> + use<> {
        self.streams.each_ref().map(|seat| seat.as_ref().map(|(seat, _)| seat.link)).into_iter().flatten()
    }

    /// Hangs up.
    pub(super) fn close(&mut self, link: LinkId) {
        if let Some((_, stream)) = self.streams.get_mut(usize::from(link.0)).and_then(Option::take) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Hands each connection to the event loop, until that ends.
pub(super) fn accept(listener: &TcpListener, events: &SyncSender<Event>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let Ok(peer) = stream.peer_addr() else { continue };
        if events.send(Event::PhoneCame { stream, peer: Peer(peer) }).is_err() {
            return;
        }
    }
}

/// Who connected; anybody may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

fn read(seat: Seat, mut stream: TcpStream, events: &SyncSender<Event>) {
    let (mut deframer, mut piece) = (Deframer::new(), [0; 512]);
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        let mut bytes = piece.get(..length).unwrap_or_default();
        while !bytes.is_empty() {
            let (used, packet) = deframer.push_slice(bytes);
            let packet = packet.map(|packet| packet.to_vec());
            bytes = bytes.get(used..).unwrap_or_default();
            if let Some(packet) = packet
                && events.send(Event::PhoneSent { seat, packet }).is_err()
            {
                return;
            }
        }
    }
    let _ = events.send(Event::PhoneWent { seat });
}
