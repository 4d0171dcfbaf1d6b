//! A suite whose verdicts are public: whether a tag fits, everybody may know and branch on; what was compared, nobody.

use std::marker::PhantomData;

use lock_crypto::{OpenError, Suite, TAG};

use crate::secrets::publish;

/// The suite `S`, with its verdicts made public.
pub(crate) struct Watched<S>(PhantomData<S>);

impl<S: Suite> Suite for Watched<S> {
    type RunningHash = S::RunningHash;
    type HmacKey = S::HmacKey;

    fn hash(parts: &[&[u8]]) -> [u8; 32] {
        S::hash(parts)
    }

    fn seal(key: &[u8; 32], nonce: &[u8; 12], associated_data: &[u8], buffer: &mut [u8]) -> [u8; TAG] {
        S::seal(key, nonce, associated_data, buffer)
    }

    fn open(
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        buffer: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), OpenError> {
        let verdict = S::open(key, nonce, associated_data, buffer, tag);
        publish(&verdict);
        verdict
    }

    fn hchacha20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
        S::hchacha20(key, input)
    }
}
