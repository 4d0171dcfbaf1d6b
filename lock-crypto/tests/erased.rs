//! What is dropped leaves nothing of its secret where it lay. Only this test looks at memory behind a drop.

use core::mem::{MaybeUninit, size_of};
use core::ptr;

use lock_crypto::{ChipHmacKey, ChipSha256, HmacKey, Key, NineDigits, RunningHash};

/// Values without padding: each of their bytes is initialised.
trait Whole {}
impl Whole for Key {}
impl Whole for NineDigits {}
impl Whole for ChipHmacKey {}
impl Whole for ChipSha256 {}

/// The bytes of a value before it is dropped, and behind that.
fn around_its_drop<T: Whole>(value: T) -> (Vec<u8>, Vec<u8>) {
    let mut place = MaybeUninit::new(value);
    let bytes = |place: &MaybeUninit<T>| {
        let first = ptr::from_ref(place).cast::<u8>();
        // SAFETY: the place lives, is as long as the value, and each byte was initialised with the value, which has no padding.
        (0..size_of::<T>()).map(|at| unsafe { ptr::read_volatile(first.add(at)) }).collect::<Vec<_>>()
    };
    let before = bytes(&place);
    // SAFETY: the value is initialised, dropped once, and only its bytes are looked at then.
    unsafe { place.assume_init_drop() };
    (before, bytes(&place))
}

#[test]
fn a_key_that_is_dropped_is_erased() {
    let (before, behind) = around_its_drop(Key::from_bytes([0x5A; 32]));
    assert_eq!((before, behind), (vec![0x5A; 32], vec![0; 32]));
}

#[test]
fn a_code_that_is_dropped_is_erased() {
    let (before, behind) = around_its_drop(NineDigits::new(123_456_789).unwrap());
    assert_eq!((before, behind), (123_456_789_u32.to_ne_bytes().to_vec(), vec![0; 4]));
}

#[test]
fn the_key_of_an_hmac_that_is_dropped_is_erased() {
    let (before, behind) = around_its_drop(ChipHmacKey::new(b"a key"));
    assert_eq!((before.len(), behind), (64, vec![0; 64]));
    assert_ne!(before, [0; 64]);
}

#[test]
fn a_running_hash_that_is_dropped_holds_neither_state_nor_input() {
    let mut hash = ChipSha256::default();
    hash.update(&[0x5A; 100]);
    let (before, behind) = around_its_drop(hash);
    let input = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == 0x5A).count();
    assert!(input(&before) >= 36, "{before:02x?}");
    // The length is left, and no secret: eight bytes.
    assert_eq!(behind.iter().filter(|byte| **byte != 0).count(), 1, "{behind:02x?}");
    assert!(behind.contains(&100));
}
