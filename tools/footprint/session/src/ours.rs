//! Our session: the handshake of a profile, and records.

#[cfg(feature = "profile-s")]
use lock_crypto::profile_s::{AwaitMessage2, Initiator, Responder};
#[cfg(feature = "profile-x")]
use lock_crypto::profile_x::{AwaitMessage2, Initiator, Responder};
use lock_crypto::{
    ChipCrypto, Delivery, InitiatorHedge, Key, KeyEpoch, KeySelector, LockHedge, LockId, Prologue,
    RECORD_HEADER, Session, TAG,
};

use crate::{BODY, End, Wire};

pub(crate) const TURNS: u32 = 1;
pub(crate) const RECORDS: bool = true;

const PSK: [u8; 32] = [7; 32];
const PROLOGUE: Prologue<'_> = Prologue {
    lock_id: LockId([9; 16]),
    key_epoch: KeyEpoch::FIRST,
    hello: &[0x31; 29],
    version: 1,
    selector: KeySelector::CloudCurrent,
};

/// The lock.
pub(crate) struct Device(Option<Session<ChipCrypto>>);

/// The cloud or a phone.
pub(crate) enum Other {
    Idle,
    Waiting(AwaitMessage2<ChipCrypto>),
    Speaking(Session<ChipCrypto>),
}

impl End for Device {
    const IDLE: Self = Self(None);

    fn take_turn(&mut self, _: u32, wire: &mut Wire) -> Option<()> {
        let prepared = <Responder<ChipCrypto>>::prepare(&Key::from_bytes(PSK), &PROLOGUE);
        let (_, opened) = prepared.open(wire.packet()).ok()?;
        let hedge = LockHedge { boot: 1, count: 1, entropy: [2; 32] };
        let (length, keys) = opened.reply(&hedge, b"", &mut wire.bytes).ok()?;
        wire.length = length;
        self.0 = Some(keys.into_session(Delivery::Ordered));
        Some(())
    }

    fn seal(&mut self, wire: &mut Wire) -> Option<()> {
        seal(self.0.as_mut()?, wire)
    }

    fn open(&mut self, wire: &mut Wire) -> Option<()> {
        open(self.0.as_mut()?, wire)
    }
}

impl Other {
    fn begin(wire: &mut Wire) -> Option<Self> {
        let hedge = InitiatorHedge { attempt: 1, entropy: [1; 32] };
        let (length, waiting) =
            <Initiator<ChipCrypto>>::start(&Key::from_bytes(PSK), &PROLOGUE, &hedge, b"", &mut wire.bytes)
                .ok()?;
        wire.length = length;
        Some(Self::Waiting(waiting))
    }

    fn session(&mut self) -> Option<&mut Session<ChipCrypto>> {
        match self {
            Self::Speaking(session) => Some(session),
            Self::Idle | Self::Waiting(_) => None,
        }
    }
}

impl End for Other {
    const IDLE: Self = Self::Idle;

    fn take_turn(&mut self, _: u32, wire: &mut Wire) -> Option<()> {
        *self = match core::mem::replace(self, Self::Idle) {
            Self::Idle => Self::begin(wire)?,
            Self::Waiting(waiting) => {
                let (_, keys) = waiting.finish(wire.packet()).ok()?;
                Self::Speaking(keys.into_session(Delivery::Ordered))
            }
            Self::Speaking(_) => return None,
        };
        Some(())
    }

    fn seal(&mut self, wire: &mut Wire) -> Option<()> {
        seal(self.session()?, wire)
    }

    fn open(&mut self, wire: &mut Wire) -> Option<()> {
        open(self.session()?, wire)
    }
}

fn seal(session: &mut Session<ChipCrypto>, wire: &mut Wire) -> Option<()> {
    wire.length = RECORD_HEADER + BODY + TAG;
    session.seal_record([1, 5], wire.packet(), BODY).ok().map(drop)
}

fn open(session: &mut Session<ChipCrypto>, wire: &mut Wire) -> Option<()> {
    session.open_record(wire.packet()).ok().map(drop)
}
