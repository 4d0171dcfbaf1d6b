//! lakers: the handshake EDHOC (RFC 9528), method 3, suite 2, with the keys of the RFC's traces. Records are OSCORE's, which lakers has not.

use lakers::{
    Credential, CredentialTransfer, EDHOCMethod, EDHOCSuite, EdhocInitiator, EdhocInitiatorWaitM2,
    EdhocInitiatorWaitM4, EdhocMessageBuffer, EdhocResponder, EdhocResponderWaitM3, MAX_BUFFER_LEN,
    credential_check_or_fetch,
};
use rand_core::{CryptoRng, Error, RngCore, impls};

use crate::{End, Wire};

pub(crate) const TURNS: u32 = 2;
pub(crate) const RECORDS: bool = false;

/// Of the OSCORE secret and salt that a handshake ends in.
const SECRET: usize = 16;
const SALT: usize = 8;

/// SK_I of section 3 of RFC 9529.
const THEIR_KEY: [u8; 32] = [
    0xFB, 0x13, 0xAD, 0xEB, 0x65, 0x18, 0xCE, 0xE5, 0xF8, 0x84, 0x17, 0x66, 0x08, 0x41, 0x14, 0x2E, 0x83,
    0x0A, 0x81, 0xFE, 0x33, 0x43, 0x80, 0xA9, 0x53, 0x40, 0x6A, 0x13, 0x05, 0xE8, 0x70, 0x6B,
];

/// CRED_I.
const THEIR_CREDENTIAL: [u8; 107] = [
    0xA2, 0x02, 0x77, 0x34, 0x32, 0x2D, 0x35, 0x30, 0x2D, 0x33, 0x31, 0x2D, 0x46, 0x46, 0x2D, 0x45, 0x46,
    0x2D, 0x33, 0x37, 0x2D, 0x33, 0x32, 0x2D, 0x33, 0x39, 0x08, 0xA1, 0x01, 0xA5, 0x01, 0x02, 0x02, 0x41,
    0x2B, 0x20, 0x01, 0x21, 0x58, 0x20, 0xAC, 0x75, 0xE9, 0xEC, 0xE3, 0xE5, 0x0B, 0xFC, 0x8E, 0xD6, 0x03,
    0x99, 0x88, 0x95, 0x22, 0x40, 0x5C, 0x47, 0xBF, 0x16, 0xDF, 0x96, 0x66, 0x0A, 0x41, 0x29, 0x8C, 0xB4,
    0x30, 0x7F, 0x7E, 0xB6, 0x22, 0x58, 0x20, 0x6E, 0x5D, 0xE6, 0x11, 0x38, 0x8A, 0x4B, 0x8A, 0x82, 0x11,
    0x33, 0x4A, 0xC7, 0xD3, 0x7E, 0xCB, 0x52, 0xA3, 0x87, 0xD2, 0x57, 0xE6, 0xDB, 0x3C, 0x2A, 0x93, 0xDF,
    0x21, 0xFF, 0x3A, 0xFF, 0xC8,
];

/// SK_R.
const OUR_KEY: [u8; 32] = [
    0x72, 0xCC, 0x47, 0x61, 0xDB, 0xD4, 0xC7, 0x8F, 0x75, 0x89, 0x31, 0xAA, 0x58, 0x9D, 0x34, 0x8D, 0x1E,
    0xF8, 0x74, 0xA7, 0xE3, 0x03, 0xED, 0xE2, 0xF1, 0x40, 0xDC, 0xF3, 0xE6, 0xAA, 0x4A, 0xAC,
];

/// CRED_R.
const OUR_CREDENTIAL: [u8; 84] = [
    0xA2, 0x02, 0x60, 0x08, 0xA1, 0x01, 0xA5, 0x01, 0x02, 0x02, 0x41, 0x0A, 0x20, 0x01, 0x21, 0x58, 0x20,
    0xBB, 0xC3, 0x49, 0x60, 0x52, 0x6E, 0xA4, 0xD3, 0x2E, 0x94, 0x0C, 0xAD, 0x2A, 0x23, 0x41, 0x48, 0xDD,
    0xC2, 0x17, 0x91, 0xA1, 0x2A, 0xFB, 0xCB, 0xAC, 0x93, 0x62, 0x20, 0x46, 0xDD, 0x44, 0xF0, 0x22, 0x58,
    0x20, 0x45, 0x19, 0xE2, 0x57, 0x23, 0x6B, 0x2A, 0x0C, 0xE2, 0x02, 0x3F, 0x09, 0x31, 0xF1, 0xF3, 0x86,
    0xCA, 0x7A, 0xFD, 0xA6, 0x4F, 0xCD, 0xE0, 0x10, 0x8C, 0x22, 0x4C, 0x51, 0xEA, 0xBF, 0x60, 0x72,
];

/// Bytes that nobody could call random: this is a measurement.
pub(crate) struct Counted(u8);

impl RngCore for Counted {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(41);
            *byte = self.0;
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Counted {}

type Crypto = lakers_crypto_rustcrypto::Crypto<Counted>;

/// The end that answers.
pub(crate) enum Device {
    Idle,
    Waiting(EdhocResponderWaitM3<Crypto>),
}

/// The end that begins.
#[expect(clippy::large_enum_variant, reason = "there is one, and it stays where it is")]
pub(crate) enum Other {
    Idle,
    Waiting(EdhocInitiatorWaitM2<Crypto>),
    Ending(EdhocInitiatorWaitM4<Crypto>),
}

impl Device {
    /// Takes message 1, answers with message 2.
    fn answer(wire: &mut Wire) -> Option<Self> {
        let credential = Credential::parse_ccs(&OUR_CREDENTIAL).ok()?;
        let responder =
            EdhocResponder::new(Crypto::new(Counted(2)), EDHOCMethod::StatStat, OUR_KEY, credential);
        let (responder, _, _) = responder.process_message_1(&came(wire)?).ok()?;
        let (responder, message2) =
            responder.prepare_message_2(CredentialTransfer::ByReference, None, &None).ok()?;
        send(wire, &message2)?;
        Some(Self::Waiting(responder))
    }

    /// Takes message 3, and has the keys, which the other end is to look at.
    fn end(waiting: EdhocResponderWaitM3<Crypto>, wire: &mut Wire) -> Option<()> {
        let (responder, identity, _) = waiting.parse_message_3(&came(wire)?).ok()?;
        let expected = Credential::parse_ccs(&THEIR_CREDENTIAL).ok()?;
        let credential = credential_check_or_fetch(Some(expected), identity).ok()?;
        let (responder, _) = responder.verify_message_3(credential).ok()?;
        let mut done = responder.completed_without_message_4().ok()?;
        send_keys(wire, &done.edhoc_exporter(0, &[], SECRET), &done.edhoc_exporter(1, &[], SALT))
    }
}

impl End for Device {
    const IDLE: Self = Self::Idle;

    fn take_turn(&mut self, _: u32, wire: &mut Wire) -> Option<()> {
        match core::mem::replace(self, Self::Idle) {
            Self::Idle => *self = Self::answer(wire)?,
            Self::Waiting(waiting) => Self::end(waiting, wire)?,
        }
        Some(())
    }
}

impl Other {
    /// Makes message 1.
    fn begin(wire: &mut Wire) -> Option<Self> {
        let initiator =
            EdhocInitiator::new(Crypto::new(Counted(1)), EDHOCMethod::StatStat, EDHOCSuite::CipherSuite2);
        let (initiator, message1) = initiator.prepare_message_1(None, &None).ok()?;
        send(wire, &message1)?;
        Some(Self::Waiting(initiator))
    }

    /// Takes message 2, answers with message 3.
    fn go_on(waiting: EdhocInitiatorWaitM2<Crypto>, wire: &mut Wire) -> Option<Self> {
        let (mut initiator, _, identity, _) = waiting.parse_message_2(&came(wire)?).ok()?;
        let expected = Credential::parse_ccs(&OUR_CREDENTIAL).ok()?;
        let credential = credential_check_or_fetch(Some(expected), identity).ok()?;
        initiator.set_identity(THEIR_KEY, Credential::parse_ccs(&THEIR_CREDENTIAL).ok()?).ok()?;
        let initiator = initiator.verify_message_2(credential).ok()?;
        let (initiator, message3, _) =
            initiator.prepare_message_3(CredentialTransfer::ByReference, &None).ok()?;
        send(wire, &message3)?;
        Some(Self::Ending(initiator))
    }

    /// Has the keys, and they are those of the device.
    fn end(ending: EdhocInitiatorWaitM4<Crypto>, wire: &mut Wire) -> Option<()> {
        let mut done = ending.completed_without_message_4().ok()?;
        let mut ours = Wire { bytes: [0; _], length: 0 };
        send_keys(&mut ours, &done.edhoc_exporter(0, &[], SECRET), &done.edhoc_exporter(1, &[], SALT))?;
        (ours.packet() == wire.packet()).then_some(())
    }
}

impl End for Other {
    const IDLE: Self = Self::Idle;

    fn take_turn(&mut self, _: u32, wire: &mut Wire) -> Option<()> {
        match core::mem::replace(self, Self::Idle) {
            Self::Idle => *self = Self::begin(wire)?,
            Self::Waiting(waiting) => *self = Self::go_on(waiting, wire)?,
            Self::Ending(ending) => Self::end(ending, wire)?,
        }
        Some(())
    }
}

fn came(wire: &mut Wire) -> Option<EdhocMessageBuffer> {
    EdhocMessageBuffer::new_from_slice(wire.packet()).ok()
}

fn send(wire: &mut Wire, message: &EdhocMessageBuffer) -> Option<()> {
    wire.length = message.as_slice().len();
    wire.packet().copy_from_slice(message.as_slice());
    Some(())
}

fn send_keys(wire: &mut Wire, secret: &[u8; MAX_BUFFER_LEN], salt: &[u8; MAX_BUFFER_LEN]) -> Option<()> {
    let mut both = EdhocMessageBuffer::new_from_slice(secret.get(..SECRET)?).ok()?;
    both.extend_from_slice(salt.get(..SALT)?).ok()?;
    send(wire, &both)
}
