//! What the cloud ordered, and what came of it.

use std::collections::{HashMap, HashSet};

use lock_core::proto::{Action, CommandId, Packet, UnixMillis};
use lock_sim::hardware::Moment;

/// How an order travels, and what makes it fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Travel {
    /// In a Message1 that answers this Hello.
    Opening {
        /// The Hello, as the cloud got it.
        hello: Vec<u8>,
    },
    /// In a record.
    Record,
    /// Sealed, with its expiry.
    Sealed {
        /// The last moment, by the true time.
        not_after: Option<UnixMillis>,
    },
}

/// The ways of a command that count for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// A motion in a first message.
    LiveMotion,
    /// A motion in a record.
    RecordMotion,
    /// A sealed motion.
    SealedMotion,
    /// A configuration in a live session.
    LiveConfiguration,
    /// A sealed configuration.
    SealedConfiguration,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::LiveMotion,
        Self::RecordMotion,
        Self::SealedMotion,
        Self::LiveConfiguration,
        Self::SealedConfiguration,
    ];

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LiveMotion => "live motions",
            Self::RecordMotion => "motions in records",
            Self::SealedMotion => "sealed motions",
            Self::LiveConfiguration => "live configurations",
            Self::SealedConfiguration => "sealed configurations",
        }
    }
}

/// One packet with a command in it, as the cloud made it.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: CommandId,
    pub(crate) action: Action,
    pub(crate) travel: Travel,
    pub(crate) issued_at: Moment,
}

impl Order {
    pub(crate) fn route(&self) -> Route {
        match (self.action.is_motion(), &self.travel) {
            (true, Travel::Opening { .. }) => Route::LiveMotion,
            (true, Travel::Record) => Route::RecordMotion,
            (true, Travel::Sealed { .. }) => Route::SealedMotion,
            (false, Travel::Opening { .. } | Travel::Record) => Route::LiveConfiguration,
            (false, Travel::Sealed { .. }) => Route::SealedConfiguration,
        }
    }
}

/// All orders by their exact bytes, and those that were carried out by their number.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    genuine: HashMap<Vec<u8>, Order>,
    reached: HashSet<u64>,
    executed: HashMap<u64, Moment>,
    /// The highest counter of a sealed packet that reached the lock whole, while it had power to the end.
    sealed_mark: u64,
    by_route: [u64; Route::ALL.len()],
}

impl Orders {
    /// The cloud made this packet.
    pub(crate) fn issued(&mut self, packet: &[u8], order: Order) {
        self.genuine.insert(packet.to_vec(), order);
    }

    pub(crate) fn find(&self, packet: &[u8]) -> Option<&Order> {
        self.genuine.get(packet)
    }

    /// A packet reaches the lock.
    pub(crate) fn reaches(&mut self, packet: &[u8]) {
        if let Some(order) = self.genuine.get(packet) {
            self.reached.insert(order.id.0);
        }
    }

    pub(crate) fn has_reached(&self, id: CommandId) -> bool {
        self.reached.contains(&id.0)
    }

    pub(crate) fn has_run(&self, id: CommandId) -> bool {
        self.executed.contains_key(&id.0)
    }

    /// The lock did what was ordered.
    pub(crate) fn runs(&mut self, order: &Order, now: Moment) {
        self.executed.insert(order.id.0, now);
        self.by_route[order.route() as usize] += 1;
    }

    /// Whether a sealed packet is at or below the highest that the lock took; other packets are not.
    pub(crate) fn is_stale(&self, packet: &[u8]) -> bool {
        matches!(Packet::parse(packet), Ok(Packet::SealedDown(sealed)) if sealed.counter <= self.sealed_mark)
    }

    /// The lock took a packet that the cloud had sealed, and had power to the end.
    pub(crate) fn taken(&mut self, packet: &[u8]) {
        if let Ok(Packet::SealedDown(sealed)) = Packet::parse(packet) {
            self.sealed_mark = self.sealed_mark.max(sealed.counter);
        }
    }

    /// How many were carried out by each route.
    pub(crate) fn executed(&self) -> [u64; Route::ALL.len()] {
        self.by_route
    }
}
