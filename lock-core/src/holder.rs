//! The phone's role: it carries bytes between a lock and its cloud, and can neither read nor make them.
//!
//! A relay looks at headers only, to know which way a packet goes and whether a Hello is still worth answering. Nothing that it
//! decides is trusted by the other two: a relay that misroutes, keeps or repeats packets is one more attacker on the way.

use lock_proto::{Hello, Kind, Packet, PacketError, Uptime};

/// A Hello is not worth a handshake after this: a motion command is executed at most 5 s after it, and the answer still has to travel
/// (sections 1.2 and 4.5).
const HELLO_WORTH_MILLIS: u64 = 3_000;

/// Which way a packet goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// To the cloud, as it is.
    ToCloud,
    /// To the lock, as it is.
    ToLock,
    /// Kept for the next handshake; the cloud gets it with a request.
    KeepHello,
}

/// A packet on the wrong side, or no packet: the relay drops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Not a packet.
    #[error("these bytes are no packet; the other end speaks another protocol or the line is noisy")]
    NotAPacket(#[from] PacketError),
    /// A packet that only the lock sends came from the cloud, or the other way round.
    #[error("a packet of kind {0:?} came from the wrong side; drop it")]
    WrongSide(Kind),
}

/// What a relay, or anybody on the way, can see of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Its kind.
    pub kind: Kind,
    /// Its length in bytes.
    pub bytes: usize,
    /// The counter in its header, where there is one.
    pub counter: Option<u64>,
}

impl Sight {
    /// Looks at a packet.
    ///
    /// # Errors
    /// [`RelayError::NotAPacket`].
    pub fn of(packet: &[u8]) -> Result<Self, RelayError> {
        let parsed = Packet::parse(packet)?;
        let counter = match &parsed {
            Packet::Record(record) => Some(record.counter),
            Packet::SealedDown(sealed) | Packet::SealedUp(sealed) => Some(sealed.counter),
            Packet::HelloRequest | Packet::Hello(_) | Packet::Message1(_) | Packet::Message2(_) => None,
        };
        Ok(Self { kind: parsed.kind(), bytes: packet.len(), counter })
    }
}

/// One connection between a lock and its cloud, as the phone sees it.
#[derive(Debug, Default)]
pub struct Relay {
    hello: Option<([u8; Hello::BYTES], Uptime)>,
}

impl Relay {
    /// A connection on which nothing was said yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { hello: None }
    }

    /// Routes a packet that the lock sent; `now` is the phone's own monotonic clock.
    ///
    /// # Errors
    /// [`RelayError`].
    pub fn from_lock(&mut self, packet: &[u8], now: Uptime) -> Result<Route, RelayError> {
        match Sight::of(packet)?.kind {
            Kind::Hello => {
                self.hello = packet.try_into().ok().map(|hello| (hello, now));
                Ok(Route::KeepHello)
            }
            Kind::Message2 | Kind::Record | Kind::SealedUp => Ok(Route::ToCloud),
            kind @ (Kind::HelloRequest | Kind::Message1 | Kind::SealedDown) => {
                Err(RelayError::WrongSide(kind))
            }
        }
    }

    /// Routes a packet that the cloud sent.
    ///
    /// # Errors
    /// [`RelayError`].
    pub fn from_cloud(&mut self, packet: &[u8]) -> Result<Route, RelayError> {
        match Sight::of(packet)?.kind {
            Kind::Message1 | Kind::Record | Kind::SealedDown => Ok(Route::ToLock),
            kind @ (Kind::HelloRequest | Kind::Hello | Kind::Message2 | Kind::SealedUp) => {
                Err(RelayError::WrongSide(kind))
            }
        }
    }

    /// Takes the lock's Hello for a handshake, once. `None`: none came, it was used, or it is too old; send
    /// [`Packet::HELLO_REQUEST`] to the lock and wait for the next.
    pub fn take_hello(&mut self, now: Uptime) -> Option<[u8; Hello::BYTES]> {
        self.hello
            .take()
            .filter(|(_, came)| now.millis_since(*came) <= HELLO_WORTH_MILLIS)
            .map(|(hello, _)| hello)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lock_proto::{Profile, Versions};

    const START: Uptime = Uptime::from_millis(9_000);

    fn hello() -> [u8; Hello::BYTES] {
        Hello { versions: Versions::OURS, profile: Profile::S, handle: [1; 8], nonce: [2; 16] }.encode()
    }

    fn packet(kind: Kind) -> [u8; 60] {
        let mut packet = [0; 60];
        packet[..2].copy_from_slice(&kind.prefix());
        packet[2] = u8::from(kind == Kind::Message1);
        packet
    }

    #[test]
    fn a_hello_is_taken_once_and_only_while_it_is_worth_it() {
        for (age, worth) in [(2_999, true), (3_000, true), (3_001, false)] {
            let mut relay = Relay::new();
            assert_eq!(relay.take_hello(START), None);
            assert_eq!(relay.from_lock(&hello(), START), Ok(Route::KeepHello));
            assert_eq!(relay.take_hello(START.plus_millis(age)), worth.then(hello));
            assert_eq!(relay.take_hello(START), None);
        }
    }

    #[test]
    fn each_kind_goes_one_way_and_only_records_both() {
        let mut relay = Relay::new();
        for kind in [Kind::Message2, Kind::SealedUp, Kind::Record] {
            assert_eq!(relay.from_lock(&packet(kind), START), Ok(Route::ToCloud));
        }
        for kind in [Kind::Message1, Kind::SealedDown, Kind::Record] {
            assert_eq!(relay.from_cloud(&packet(kind)), Ok(Route::ToLock));
        }
        for kind in [Kind::Message1, Kind::SealedDown] {
            assert_eq!(relay.from_lock(&packet(kind), START), Err(RelayError::WrongSide(kind)));
        }
        for kind in [Kind::Message2, Kind::SealedUp] {
            assert_eq!(relay.from_cloud(&packet(kind)), Err(RelayError::WrongSide(kind)));
        }
        assert!(matches!(relay.from_lock(b"noise", START), Err(RelayError::NotAPacket(_))));
    }
}
