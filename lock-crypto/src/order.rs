//! Which counters may come next on a link (section 4.6).

use crate::window::{Admission, ReplayWindow, Replayed};

/// How a link delivers records (section 4.6). The link decides, never the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// In order and without gaps: streams, GATT connections, WebSockets.
    Ordered,
    /// With losses and out of order.
    Datagram,
}

/// The counters that may come.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Expected {
    /// One more than the last.
    Exactly(u64),
    /// Any that the window has not seen.
    Within(ReplayWindow),
}

impl Expected {
    /// What may come first.
    pub(crate) const fn first(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Ordered => Self::Exactly(0),
            Delivery::Datagram => Self::Within(ReplayWindow::new()),
        }
    }

    /// Whether a record with this counter may come now. It changes nothing.
    pub(crate) fn check(&self, counter: u64) -> Result<Admission, Replayed> {
        match self {
            Self::Exactly(next) if counter == *next => Ok(Admission::of(counter)),
            Self::Exactly(_) => Err(Replayed),
            Self::Within(window) => window.check(counter),
        }
    }

    /// Moves past a counter whose record has opened.
    pub(crate) fn accept(&mut self, admission: Admission) {
        match self {
            Self::Exactly(next) => *next = admission.counter().saturating_add(1),
            Self::Within(window) => window.accept(admission),
        }
    }
}
