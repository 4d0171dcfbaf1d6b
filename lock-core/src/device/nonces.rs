//! Where the lock's nonces come from (section 3.4).

use core::fmt;

use lock_crypto::Suite;
use lock_crypto::hedge::LockHedge;

/// Boot counter, count and entropy; prints no entropy.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct NonceSource {
    boot: u64,
    count: u64,
    entropy: [u8; 32],
    boot_record: BootRecord,
}

/// Whether the boot counter may be built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
enum BootRecord {
    Awaited,
    Durable,
}

impl NonceSource {
    pub(super) const fn at_boot(boot: u64, entropy: [u8; 32]) -> Self {
        Self { boot, count: 0, entropy, boot_record: BootRecord::Awaited }
    }

    /// The number of this boot, from 1.
    pub(super) const fn boot(&self) -> u64 {
        self.boot
    }

    /// The boot counter's record is durable.
    pub(super) const fn boot_is_durable(&mut self) {
        self.boot_record = BootRecord::Durable;
    }

    /// Whether nonces may be drawn: before the boot counter is durable, nothing is sent.
    pub(super) fn is_ready(&self) -> bool {
        self.boot_record == BootRecord::Durable
    }

    /// Mixes fresh random bytes in.
    pub(super) fn stir<S: Suite>(&mut self, fresh: &[u8; 32]) {
        self.entropy = S::hash(&[&self.entropy, fresh]);
    }

    /// What the next nonce is made of.
    pub(super) fn draw(&mut self) -> LockHedge {
        // 2^64 nonces in one boot are out of reach.
        self.count = self.count.saturating_add(1);
        LockHedge { boot: self.boot, count: self.count, entropy: self.entropy }
    }

    /// What the next secret is made of: an ephemeral one, or a share of the next root. The entropy gives way to its hash, so that what is held later does not lead
    /// back to the secret (section 3.4).
    pub(super) fn draw_secret<S: Suite>(&mut self) -> LockHedge {
        let drawn = self.draw();
        self.stir::<S>(&[0; 32]);
        drawn
    }
}

impl fmt::Debug for NonceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonceSource")
            .field("boot", &self.boot)
            .field("count", &self.count)
            .field("boot_record", &self.boot_record)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::NonceSource;
    use lock_crypto::RustCrypto;

    #[test]
    fn what_is_held_after_a_secret_was_drawn_is_not_what_it_was_drawn_from() {
        let mut source = NonceSource::at_boot(3, [7; 32]);
        let secret = source.draw_secret::<RustCrypto>();
        assert_eq!((secret.boot, secret.count, secret.entropy), (3, 1, [7; 32]));
        let next = source.draw();
        assert_eq!(next.count, 2);
        assert_ne!(next.entropy, secret.entropy);
        assert_eq!(source.draw().entropy, next.entropy, "nonces of profile S need no step");
    }
}
