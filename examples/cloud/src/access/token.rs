//! Bearer tokens: shown once, kept as a hash.

use std::fmt;

use sha2_host::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The number of a token: public, used to find and to revoke it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenId(pub i64);

/// A token as its user holds it: `lkt_NUMBER_` and 64 hex digits of a 32-byte random secret. Wiped when dropped, never printed.
pub struct Token {
    text: Zeroizing<String>,
}

impl Token {
    pub(super) fn new(id: TokenId, secret: &Secret) -> Self {
        Self { text: Zeroizing::new(format!("{PREFIX}{}_{}", id.0, *Zeroizing::new(hex::encode(*secret.0)))) }
    }

    /// The text to hand to the user, once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

const PREFIX: &str = "lkt_";

/// The random half of a token.
pub(super) struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    pub(super) fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// What is stored of it. The secret has 256 random bits, so that one plain hash is as good as a slow one.
    pub(super) fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(*self.0).into())
    }
}

/// SHA-256 of the random half.
pub(super) struct SecretHash(pub(super) [u8; 32]);

impl SecretHash {
    /// Whether both are equal, in a time that says nothing about where they differ.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// Cuts what a caller presents into number and secret; `None` when it has not the form of a token.
pub(super) fn parse(presented: &str) -> Option<(TokenId, Secret)> {
    let (id, secret) = presented.strip_prefix(PREFIX)?.split_once('_')?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(secret, bytes.as_mut()).ok()?;
    Some((TokenId(id.parse().ok()?), Secret(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_never_printed() {
        let secret = Secret::draw().unwrap();
        let token = Token::new(TokenId(12), &secret);
        let (id, again) = parse(token.expose()).unwrap();
        assert_eq!(id, TokenId(12));
        assert!(again.hash().matches(&secret.hash()));
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn a_token_with_one_digit_changed_does_not_match() {
        let token = Token::new(TokenId(1), &Secret(Zeroizing::new([0x11; 32])));
        let (_, changed) = parse(&token.expose().replacen("11", "12", 1)).unwrap();
        let (_, right) = parse(token.expose()).unwrap();
        assert!(!changed.hash().matches(&right.hash()));
    }

    #[test]
    fn what_has_not_the_form_of_a_token_is_none() {
        for text in ["", "lkt_", "lkt_1", "lkt_1_", "lkt_1_00", "lkt_x_", "1_00"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
