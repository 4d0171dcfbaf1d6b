//! snow, with the handshake that profile X is. It needs a heap: here one that only grows.

extern crate alloc;

use alloc::boxed::Box;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;

use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, Error, HandshakeState, TransportState};

use crate::{BODY, End, Wire};

pub(crate) const TURNS: u32 = 1;
pub(crate) const RECORDS: bool = true;

const PATTERN: &str = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
const PSK: [u8; 32] = [7; 32];
/// As long as that of our session.
const PROLOGUE: [u8; 50] = [9; 50];
const TAG: usize = 16;

/// Bytes that nobody could call random: this is a measurement.
struct Counted(u8);

impl Random for Counted {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(41);
            *byte = self.0;
        }
        Ok(())
    }
}

/// What this one pattern takes, so that no other hash is in the image; and a random source.
struct Resolver(u8);

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Counted(self.0)))
    }

    fn resolve_dh(&self, _: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(&DHChoice::Curve25519)
    }

    fn resolve_hash(&self, _: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(&HashChoice::SHA256)
    }

    fn resolve_cipher(&self, _: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(&CipherChoice::ChaChaPoly)
    }
}

fn builder(seed: u8) -> Option<Builder<'static>> {
    Builder::with_resolver(PATTERN.parse().ok()?, Box::new(Resolver(seed)))
        .psk(0, &PSK)
        .ok()?
        .prologue(&PROLOGUE)
        .ok()
}

/// The end that answers.
pub(crate) struct Device(Option<TransportState>);

/// The end that begins.
#[expect(clippy::large_enum_variant, reason = "there is one, and it stays where it is")]
pub(crate) enum Other {
    Idle,
    Waiting(HandshakeState),
    Speaking(TransportState),
}

impl End for Device {
    const IDLE: Self = Self(None);

    fn take_turn(&mut self, _: u32, wire: &mut Wire) -> Option<()> {
        let mut handshake = builder(2)?.build_responder().ok()?;
        handshake.read_message(wire.packet(), &mut []).ok()?;
        wire.length = handshake.write_message(&[], &mut wire.bytes).ok()?;
        self.0 = Some(handshake.into_transport_mode().ok()?);
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
        let mut handshake = builder(1)?.build_initiator().ok()?;
        wire.length = handshake.write_message(&[], &mut wire.bytes).ok()?;
        Some(Self::Waiting(handshake))
    }

    fn session(&mut self) -> Option<&mut TransportState> {
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
            Self::Waiting(mut handshake) => {
                handshake.read_message(wire.packet(), &mut []).ok()?;
                Self::Speaking(handshake.into_transport_mode().ok()?)
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

fn seal(session: &mut TransportState, wire: &mut Wire) -> Option<()> {
    wire.length = session.write_message(&[5; BODY], wire.bytes.get_mut(..BODY + TAG)?).ok()?;
    Some(())
}

fn open(session: &mut TransportState, wire: &mut Wire) -> Option<()> {
    let mut body = [0; BODY + TAG];
    let length = session.read_message(wire.packet(), &mut body).ok()?;
    (body.get(..length)? == [5; BODY]).then_some(())
}

const HEAP: usize = 16 * 1024;

/// A heap that never gives anything back.
struct Heap {
    bytes: crate::Place<[u64; HEAP / 8]>,
    taken: Cell<usize>,
}

// SAFETY: the probe has one thread and takes no interrupt.
unsafe impl Sync for Heap {}

// SAFETY: what is handed out is in no other allocation, since `taken` only grows, and is aligned as asked, up to the 8 bytes of the storage.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.taken.get().next_multiple_of(layout.align());
        if layout.align() > 8 || start + layout.size() > HEAP {
            return core::ptr::null_mut();
        }
        self.taken.set(start + layout.size());
        // SAFETY: within the storage, as just compared.
        unsafe { self.bytes.0.get().cast::<u8>().add(start) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static THE_HEAP: Heap =
    Heap { bytes: crate::Place(core::cell::UnsafeCell::new([0; _])), taken: Cell::new(0) };
