//! Every packet that anybody ever sent: the relay has them all.

use std::collections::BTreeMap;
use std::sync::Arc;

use lock_core::proto::{Kind, Packet};

use crate::world::LINKS;

/// Who made a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sender {
    Lock,
    Cloud,
}

/// What is known of a packet beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sent {
    pub(crate) sender: Sender,
    pub(crate) kind: Kind,
    nonce: Nonce,
    /// It came to somebody: what comes again is a replay.
    pub(crate) was_brought: bool,
    /// Under which key epoch it was made.
    pub(crate) epoch: u32,
    /// The link that it is meant for, or came from; `None` where any will do.
    pub(crate) link: Option<usize>,
    /// It answers a Hello that was altered.
    pub(crate) is_tainted: bool,
    /// From before storage was rolled back.
    pub(crate) is_old: bool,
}

/// What its maker knows of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) epoch: u32,
    pub(crate) link: Option<usize>,
    pub(crate) is_tainted: bool,
}

/// A nonce, with what tells its key from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Nonce {
    Drawn { kind: Kind, bytes: [u8; 16] },
    Record { sender: Sender, session: [u8; 16], counter: u64 },
    Sealed { sender: Sender, epoch: u32, counter: u64, random: [u8; 16] },
}

/// Which of it came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Freshness {
    #[default]
    Fresh,
    /// The counter was there, and the random part differs.
    CounterAgain,
    Repeated,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Air {
    packets: BTreeMap<Arc<[u8]>, Sent>,
    /// The session of the lock on each link, by the nonce of its Message2.
    sessions: [[u8; 16]; LINKS],
}

impl Air {
    pub(crate) fn nth(&self, index: usize) -> (&Arc<[u8]>, &Sent) {
        self.packets.iter().nth(index).expect("a packet that was sent")
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, &Arc<[u8]>, &Sent)> {
        self.packets.iter().enumerate().map(|(index, (packet, sent))| (index, packet, sent))
    }

    pub(crate) fn brought(&mut self, index: usize) {
        if let Some(sent) = self.packets.values_mut().nth(index) {
            sent.was_brought = true;
        }
    }

    pub(crate) fn grow_old(&mut self) {
        self.packets.values_mut().for_each(|sent| sent.is_old = true);
    }

    /// A packet of the lock.
    pub(crate) fn take_from_lock(&mut self, link: usize, packet: Arc<[u8]>) -> Freshness {
        if kind(&packet) == Kind::Message2 {
            self.sessions[link] = array(&packet, 2);
        }
        self.take(
            Sender::Lock,
            self.sessions[link],
            packet,
            About { epoch: 0, link: Some(link), is_tainted: false },
        )
    }

    /// A packet of the cloud; of a record, in the session with this number.
    pub(crate) fn take_from_cloud(&mut self, session: u8, packet: Arc<[u8]>, about: About) -> Freshness {
        self.take(Sender::Cloud, [session; 16], packet, about)
    }

    fn take(&mut self, sender: Sender, session: [u8; 16], packet: Arc<[u8]>, about: About) -> Freshness {
        let About { epoch, link, is_tainted } = about;
        let nonce = Nonce::of(sender, session, &packet);
        let freshness = self.packets.values().map(|sent| nonce.against(&sent.nonce)).max();
        let kind = kind(&packet);
        let sent = Sent { sender, kind, nonce, was_brought: false, epoch, link, is_tainted, is_old: false };
        self.packets.insert(packet, sent);
        freshness.unwrap_or_default()
    }
}

impl Nonce {
    fn of(sender: Sender, session: [u8; 16], packet: &[u8]) -> Self {
        match kind(packet) {
            Kind::Record => Self::Record { sender, session, counter: u64::from_be_bytes(array(packet, 2)) },
            Kind::SealedDown | Kind::SealedUp => Self::Sealed {
                sender,
                epoch: u32::from_be_bytes(array(packet, 2)),
                counter: u64::from_be_bytes(array(packet, 6)),
                random: array(packet, 14),
            },
            kind @ Kind::Hello => Self::Drawn { kind, bytes: array(packet, 13) },
            kind @ Kind::Message1 => Self::Drawn { kind, bytes: array(packet, 6) },
            kind @ Kind::Message2 => Self::Drawn { kind, bytes: array(packet, 2) },
            Kind::HelloRequest => unreachable!("it has none, and nobody keeps it"),
        }
    }

    fn against(&self, other: &Self) -> Freshness {
        if self == other {
            return Freshness::Repeated;
        }
        match (self, other) {
            (
                Self::Sealed { sender, epoch, counter, .. },
                Self::Sealed { sender: by, epoch: of, counter: under, .. },
            ) if (sender, epoch, counter) == (by, of, under) => Freshness::CounterAgain,
            _ => Freshness::Fresh,
        }
    }
}

pub(crate) fn kind(packet: &[u8]) -> Kind {
    Packet::parse(packet).expect("lock and cloud send packets").kind()
}

fn array<const N: usize>(packet: &[u8], at: usize) -> [u8; N] {
    packet[at..at + N].try_into().expect("as long as its kind says")
}
