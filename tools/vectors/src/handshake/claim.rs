//! Section 3.2: a whole claim, from the code on a label to the record with the new root.

use lock_core::crypto::{ClaimKey, KeyEpoch, RustCrypto};
use lock_core::proto::{Outcome, Profile, Reply, Request};

use super::{Choice, Setup, case_with};
use crate::bodies::new_owner;
use crate::case::Case;
use crate::keys::{code, maker_secret};
use crate::world::{Keys, LOCK_ID, entropy};

pub(super) fn case() -> anyhow::Result<Case> {
    let claim = ClaimKey::derive::<RustCrypto>(&code(), &maker_secret(), LOCK_ID);
    // The claimer does not know the epoch yet: in the prologue it is 1.
    let leaves = claim.unowned_leaves::<RustCrypto>(LOCK_ID);
    let keys = Keys { root: [0; 32], lock_id: LOCK_ID, key_epoch: KeyEpoch::FIRST, leaves };
    let unowned = Reply::Unowned { key_epoch: 2, revocation_epoch: 300, configuration: 41, code_epoch: 1 };
    let psk = *claim.psk().expose();
    let setup = Setup::new(&keys, psk, Choice::Claim, (None, Request::Nothing), unowned)?.with_x();
    let down = new_owner(65_000, Profile::S, entropy("the root of a new owner"))?;
    case_with(
        "a whole claim",
        "A lock without an owner, which awaits key epoch 2, gets the root of its new owner in the first record, and speaks profile S from \
         then on. The key is that of `claim key with a maker's secret`, and its unowned leaves made the Hello.",
        &setup,
        &down,
        Reply::Claimed(Outcome::Done),
    )
}
