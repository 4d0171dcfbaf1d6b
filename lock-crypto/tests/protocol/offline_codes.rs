//! Offline codes: a permutation of all numbers of nine digits, another one for each key and epoch.

use std::collections::HashSet;

use lock_crypto::{CodeKey, Key, NineDigits, RustCrypto};
use proptest::prelude::*;

fn key(leaf: u8, epoch: u32, since: u32) -> CodeKey {
    CodeKey::derive::<RustCrypto>(&Key::from_bytes([leaf; 32]), epoch, since)
}

fn nine(number: u32) -> NineDigits {
    NineDigits::new(number).unwrap()
}

fn encode(key: &CodeKey, number: u32) -> u32 {
    key.encode::<RustCrypto>(&nine(number)).number()
}

#[test]
fn digits_are_nine_and_keep_their_zeros() {
    for (text, number) in [(b"000000000", 0), (b"000000012", 12), (b"999999999", 999_999_999)] {
        let read = NineDigits::from_ascii(text).unwrap();
        assert_eq!((read.number(), &read.to_ascii()), (number, text));
    }
    for wrong in [b"".as_slice(), b"12345678", b"1234567890", b"12345678a", b"+12345678", b"12345678 "] {
        assert!(NineDigits::from_ascii(wrong).is_none(), "{wrong:?}");
    }
    assert!(NineDigits::new(NineDigits::COUNT - 1).is_some());
    assert!(NineDigits::new(NineDigits::COUNT).is_none());
}

#[test]
fn the_ends_of_the_domain_and_of_its_halves_come_back() {
    let key = key(1, 2, 3);
    for number in [0, 1, 31_999, 32_000, 32_001, 31_249 * 32_000, 999_968_000, 999_999_998, 999_999_999] {
        let code = key.encode::<RustCrypto>(&nine(number));
        assert_eq!(key.decode::<RustCrypto>(&code), nine(number));
        let meaning = key.decode::<RustCrypto>(&nine(number));
        assert_eq!(key.encode::<RustCrypto>(&meaning), nine(number));
    }
}

#[test]
fn neighbours_get_codes_all_over_the_domain() {
    let key = key(1, 2, 3);
    let codes: HashSet<_> = (0..100_000).map(|number| encode(&key, number)).collect();
    assert_eq!(codes.len(), 100_000, "no code twice");
    let mut tenths = [0_u32; 10];
    codes.iter().for_each(|code| tenths[(code / 100_000_000) as usize] += 1);
    // 10,000 each, with a standard deviation of 95.
    assert!(tenths.iter().all(|count| (9_500..10_500).contains(count)), "{tenths:?}");
}

/// Fixed points and close pairs of two permutations are as rare as between unrelated ones.
#[test]
fn another_leaf_epoch_or_begin_is_another_permutation() {
    let one = key(1, 2, 3);
    for other in [key(2, 2, 3), key(1, 3, 3), key(1, 2, 4), key(1, 3, 2)] {
        let same = (0..20_000).filter(|number| encode(&one, *number) == encode(&other, *number)).count();
        assert!(same <= 1, "{same} of 20,000");
    }
}

#[test]
fn neither_digits_nor_keys_are_printed() {
    assert_eq!(format!("{:?} {:?}", nine(123_456_789), key(1, 2, 3)), "NineDigits(..) CodeKey(..)");
}

proptest! {
    #[test]
    fn encoding_and_decoding_are_inverse_both_ways(
        leaf in any::<u8>(), epoch in any::<u32>(), since in any::<u32>(), number in 0..NineDigits::COUNT,
    ) {
        let key = key(leaf, epoch, since);
        let code = key.encode::<RustCrypto>(&nine(number));
        prop_assert_eq!(key.decode::<RustCrypto>(&code).number(), number);
        let meaning = key.decode::<RustCrypto>(&nine(number));
        prop_assert_eq!(key.encode::<RustCrypto>(&meaning).number(), number);
    }
}
