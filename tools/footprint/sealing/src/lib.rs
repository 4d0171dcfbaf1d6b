//! A session whose one end seals records of 64 bytes and whose other end opens them, for the probe in C (`probe/sealing.c`): the records of a
//! session are no function of the C interface.
#![no_std]

use core::cell::UnsafeCell;
use core::panic::PanicInfo;

use lock_crypto::{
    Delivery, ChipCrypto, Initiator, InitiatorHedge, Key, KeyEpoch, KeySelector, LockHedge, LockId, Prologue,
    RECORD_HEADER, Responder, Session, SessionKeys, TAG,
};

/// What is sealed.
const BODY: usize = 64;

type Packet = [u8; RECORD_HEADER + BODY + TAG];

/// The two ends, and a packet between them.
struct Ends {
    sealer: Session<ChipCrypto>,
    opener: Session<ChipCrypto>,
    packet: Packet,
}

/// For a program of one thread.
struct Place(UnsafeCell<Option<Ends>>);

// SAFETY: the probe has one thread and takes no interrupt.
unsafe impl Sync for Place {}

static PLACE: Place = Place(UnsafeCell::new(None));

fn ends() -> &'static mut Option<Ends> {
    // SAFETY: each function of this library ends its use before the next one is called.
    unsafe { &mut *PLACE.0.get() }
}

/// Lets the two ends agree on keys. 0 where they do.
#[unsafe(no_mangle)]
pub extern "C" fn sealing_start() -> i32 {
    *ends() = agree();
    i32::from(ends().is_none())
}

fn agree() -> Option<Ends> {
    let psk = Key::from_bytes([7; 32]);
    let prologue = Prologue {
        lock_id: LockId([9; 16]),
        key_epoch: KeyEpoch::FIRST,
        hello: &[0x31; 29],
        version: 1,
        selector: KeySelector::CloudCurrent,
    };
    let (mut message1, mut message2) = ([0; 64], [0; 64]);
    let hedge = InitiatorHedge { attempt: 1, entropy: [1; 32] };
    let lock_hedge = LockHedge { boot: 1, count: 1, entropy: [2; 32] };
    let (length, waiting) = <Initiator<ChipCrypto>>::start(&psk, &prologue, &hedge, b"", &mut message1).ok()?;
    let (_, opened) =
        <Responder<ChipCrypto>>::prepare(&psk, &prologue).open(message1.get_mut(..length)?).ok()?;
    let (length, opener) = opened.reply(&lock_hedge, b"", &mut message2).ok()?;
    let (_, sealer) = waiting.finish(message2.get_mut(..length)?).ok()?;
    let session = |keys: SessionKeys| keys.into_session(Delivery::Ordered);
    Some(Ends { sealer: session(sealer), opener: session(opener), packet: [0; _] })
}

/// Seals 64 bytes. 0 where that worked.
#[unsafe(no_mangle)]
pub extern "C" fn sealing_seal() -> i32 {
    let Some(Ends { sealer, packet, .. }) = ends() else { return 1 };
    i32::from(sealer.seal_record([1, 5], packet, BODY).is_err())
}

/// Opens what was sealed. 0 where that worked.
#[unsafe(no_mangle)]
pub extern "C" fn sealing_open() -> i32 {
    let Some(Ends { opener, packet, .. }) = ends() else { return 1 };
    i32::from(opener.open_record(packet).is_err())
}

#[panic_handler]
fn stop(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
