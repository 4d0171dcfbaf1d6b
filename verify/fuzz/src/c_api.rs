//! The C interface: calls with whatever a programmer gives it, chosen by an input, and bytes in buffers of exactly their length.

use lock_core::crypto::RustCrypto;
use lock_core::virtual_key::VirtualKey;
use lock_ffi::{
    Deframer, Holder, LK_FRAME_MAX, Status, lk_deframer_init, lk_deframer_push, lk_frame_encode,
    lk_holder_init, lk_holder_load, lk_packet_kind,
};

unsafe extern "C" {
    fn c_api_take(input: *const u8, length: usize);
}

/// The calls keep what they did in memory of their own, so that one input is taken at a time.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

pub(crate) fn take(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    if *first == 0 {
        return exactly(rest);
    }
    let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: the slice is valid for its length, and nobody else is in there.
    unsafe { c_api_take(bytes.as_ptr(), bytes.len()) };
    drop(turn);
}

/// Bytes of somebody else in memory that ends where they end, and outputs that do: whoever reads or writes behind them is seen by the sanitizer.
fn exactly(bytes: &[u8]) {
    let Some((capacity, bytes)) = bytes.split_first() else { return };
    let input: Box<[u8]> = bytes.into();
    let mut output: Box<[u8]> = vec![0xA5; usize::from(*capacity)].into();
    let (mut kind, mut length, mut consumed) = (lock_ffi::Kind::HelloRequest, 77, 77);
    // SAFETY: each pointer is valid for the length beside it.
    let status = unsafe { lk_packet_kind(input.as_ptr(), input.len(), &raw mut kind) };
    assert_eq!(status == Status::Ok, lock_proto::Packet::parse(&input).is_ok());
    // SAFETY: as above.
    let status = unsafe {
        lk_frame_encode(input.as_ptr(), input.len(), output.as_mut_ptr(), output.len(), &raw mut length)
    };
    if status == Status::Ok {
        assert!(length <= output.len() && length <= LK_FRAME_MAX);
        assert_eq!(output[length - 1], 0);
    } else {
        assert!(length == 77 && output.iter().all(|byte| *byte == 0xA5), "a failure left traces");
    }
    let mut deframer = Box::<Deframer>::new_uninit();
    let deframer = deframer.as_mut_ptr();
    // SAFETY: the storage is as large as its type says.
    let status = unsafe { lk_deframer_init(deframer, size_of::<Deframer>()) };
    assert_eq!(status, Status::Ok);
    let mut rest = &input[..];
    while !rest.is_empty() {
        // SAFETY: each pointer is valid for the length beside it, and the deframer was started where it lies.
        let status = unsafe {
            let (length, consumed) = (&raw mut length, &raw mut consumed);
            lk_deframer_push(
                deframer,
                rest.as_ptr(),
                rest.len(),
                output.as_mut_ptr(),
                output.len(),
                length,
                consumed,
            )
        };
        if status != Status::Ok || consumed == 0 {
            break;
        }
        assert!(consumed <= rest.len() && length <= output.len());
        rest = &rest[consumed..];
    }
    keys(&input);
}

/// A link and a record of a key.
fn keys(bytes: &[u8]) {
    type Start = unsafe extern "C" fn(*mut Holder, usize, *const u8, usize, *const u8, u64) -> Status;
    for start in [lk_holder_init as Start, lk_holder_load] {
        let mut holder = Box::<Holder>::new_uninit();
        let holder = holder.as_mut_ptr();
        // SAFETY: the storage is as large as its type says, the bytes are as long as is said, and without a secret there may be none.
        let status =
            unsafe { start(holder, size_of::<Holder>(), bytes.as_ptr(), bytes.len(), std::ptr::null(), 0) };
        let is_link =
            std::str::from_utf8(bytes).is_ok_and(|text| VirtualKey::<RustCrypto>::from_link(text).is_ok());
        assert!(status != Status::Ok || is_link || VirtualKey::<RustCrypto>::from_bytes(bytes).is_ok());
    }
}
