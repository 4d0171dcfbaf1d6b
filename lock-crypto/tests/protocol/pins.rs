//! PINs: found in any slot, and nowhere else.

use lock_crypto::{Key, RustCrypto, SecretHash, find_secret};

fn k_pin() -> Key {
    Key::from_bytes([7; 32])
}

fn hash(digits: &[u8]) -> SecretHash {
    SecretHash::of_pin::<RustCrypto>(&k_pin(), digits)
}

fn find(digits: &[u8], slots: &[Option<SecretHash>]) -> Option<usize> {
    find_secret(&hash(digits), slots.iter().map(Option::as_ref))
}

#[test]
fn a_pin_is_found_in_its_slot_wherever_that_is() {
    for place in 0..20 {
        let mut slots = vec![None; 20];
        slots[19 - place] = Some(hash(b"9999"));
        slots[place] = Some(hash(b"1234"));
        assert_eq!(find(b"1234", &slots), Some(place));
    }
}

#[test]
fn the_lowest_of_two_equal_pins_is_found() {
    let slots = [None, Some(hash(b"1234")), Some(hash(b"5678")), Some(hash(b"1234"))];
    assert_eq!(find(b"1234", &slots), Some(1));
}

#[test]
fn a_pin_that_differs_in_length_or_a_digit_is_not_found() {
    let slots = [Some(hash(b"1234"))];
    for wrong in [b"1235".as_slice(), b"123", b"12345", b"01234", b"", &[1, 2, 3, 4]] {
        assert_eq!(find(wrong, &slots), None);
    }
    let other = SecretHash::of_pin::<RustCrypto>(&Key::from_bytes([8; 32]), b"1234");
    assert_eq!(find_secret(&other, slots.iter().map(Option::as_ref)), None);
}

#[test]
fn a_hash_that_differs_in_any_bit_is_not_found() {
    for bit in 0..128 {
        let mut bytes = *hash(b"1234").expose();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(find(b"1234", &[Some(SecretHash::from_bytes(bytes))]), None);
    }
}

#[test]
fn no_slots_and_empty_slots_hold_no_pin() {
    assert_eq!(find(b"1234", &[]), None);
    assert_eq!(find(b"1234", &[const { None }; 5]), None);
}

#[test]
fn a_pin_hash_does_not_print_itself() {
    assert_eq!(format!("{:?}", hash(b"1234")), "SecretHash(..)");
}

#[test]
fn a_token_is_another_secret_for_each_kind_and_never_a_pin() {
    let token = |kind, id: &[u8]| *SecretHash::of_token::<RustCrypto>(&k_pin(), kind, id).expose();
    assert_ne!(token(2, b"1234"), token(6, b"1234"));
    assert_ne!(token(2, b"1234"), token(2, b"1235"));
    assert_ne!(token(2, b"1234"), *hash(b"1234").expose());
    assert_ne!(token(0, b""), *hash(&[0]).expose());
}
