//! Root and leaf keys: what is refused, what is kept, what is printed.

use crate::common::{LOCK_ID, leaves};
use lock_crypto::rotation::{next_root, share_digest};
use lock_crypto::{
    BlankLeaves, Key, KeyEpoch, Label, LeafKeys, LockId, RootKey, RootKeyError, RustCrypto, Suite,
    advertisement_mark, handle,
};
use std::collections::HashSet;

const ID: LockId = LockId(*b"lock number 0001");

fn root(bytes: [u8; 32]) -> Result<RootKey, RootKeyError> {
    RootKey::from_bytes::<RustCrypto>(bytes, ID)
}

fn joined(left: [u8; 16], right: [u8; 16]) -> [u8; 32] {
    [left, right].concat().try_into().unwrap()
}

#[test]
fn a_blank_root_key_is_refused() {
    for byte in 0..=u8::MAX {
        assert_eq!(root([byte; 32]).err(), Some(RootKeyError::Blank));
    }
    for place in 0..32 {
        let mut bytes = [0xFF; 32];
        bytes[place] = 0xFE;
        assert!(root(bytes).is_ok(), "one byte differs at {place}");
    }
}

#[test]
fn a_root_key_that_follows_from_the_lock_id_is_refused() {
    let derived = [
        joined(ID.0, ID.0),
        joined(ID.0, [0; 16]),
        joined([0; 16], ID.0),
        RustCrypto::hash(&[ID.as_bytes()]),
    ];
    for mut bytes in derived {
        assert_eq!(root(bytes).err(), Some(RootKeyError::Derived));
        bytes[31] ^= 1;
        assert!(root(bytes).is_ok());
    }
    assert!(root(joined(LOCK_ID.0, ID.0)).is_ok());
}

#[test]
fn every_label_epoch_and_lock_has_a_leaf_of_its_own() {
    let bytes = [[1; 31].as_slice(), &[2]].concat().try_into().unwrap();
    let mut seen = HashSet::new();
    for lock_id in [ID, LOCK_ID] {
        for epoch in [1, 2, 256, u32::MAX] {
            let root = RootKey::from_bytes::<RustCrypto>(bytes, lock_id).unwrap();
            let leaves = LeafKeys::expand::<RustCrypto>(&root, lock_id, KeyEpoch::new(epoch).unwrap());
            assert!(Label::ALL.iter().all(|label| seen.insert(*leaves.leaf(*label).expose())));
        }
    }
    assert_eq!(seen.len(), 2 * 4 * 11);
    assert_eq!(Label::ALL.map(Label::name).into_iter().collect::<HashSet<_>>().len(), 11);
}

#[test]
fn leaves_survive_storage() {
    let written = leaves(3).to_bytes();
    let read = LeafKeys::from_bytes(&written).unwrap();
    for label in Label::ALL {
        assert_eq!(read.leaf(label).expose(), leaves(3).leaf(label).expose());
    }
    assert_eq!(read.to_bytes(), written);
}

#[test]
fn leaves_that_were_erased_are_no_keys() {
    for blank in [0x00, 0xFF] {
        for leaf in 0..11 {
            let mut bytes = leaves(3).to_bytes();
            bytes[leaf * 32..][..32].fill(blank);
            assert_eq!(LeafKeys::from_bytes(&bytes).err(), Some(BlankLeaves));
        }
    }
}

#[test]
fn key_epochs_start_at_one_and_end() {
    assert_eq!(KeyEpoch::new(0), None);
    assert_eq!(KeyEpoch::new(1), Some(KeyEpoch::FIRST));
    assert_eq!(KeyEpoch::FIRST.next().map(KeyEpoch::number), Some(2));
    assert_eq!(KeyEpoch::new(u32::MAX).and_then(KeyEpoch::next), None);
    assert_eq!(KeyEpoch::new(0x0102_0304).map(KeyEpoch::to_bytes), Some([1, 2, 3, 4]));
}

#[test]
fn no_key_prints_itself() {
    let leaves = leaves(3);
    let root = root(*b"0123456789abcdef0123456789abcdeF").unwrap();
    assert_eq!(
        format!("{root:?} {leaves:?} {:?}", leaves.leaf(Label::Code)),
        "RootKey(..) LeafKeys(..) Key(..)"
    );
    assert_eq!(format!("{LOCK_ID:?}"), format!("LockId({})", "a5".repeat(16)));
}

#[test]
fn a_lock_is_recognised_by_who_holds_its_leaf_only() {
    let (ours, theirs) = (leaves(3), leaves(4));
    let shown = handle::<RustCrypto>(ours.leaf(Label::Handle), &[1; 16]);
    assert_eq!(shown, handle::<RustCrypto>(ours.leaf(Label::Handle), &[1; 16]));
    assert_ne!(shown, handle::<RustCrypto>(ours.leaf(Label::Handle), &[2; 16]));
    assert_ne!(shown, handle::<RustCrypto>(theirs.leaf(Label::Handle), &[1; 16]));
    let mark = advertisement_mark::<RustCrypto>(ours.leaf(Label::Handle), &[1; 3]);
    assert_ne!(mark, advertisement_mark::<RustCrypto>(ours.leaf(Label::Handle), &[2; 3]));
    assert_ne!(mark, advertisement_mark::<RustCrypto>(theirs.leaf(Label::Handle), &[1; 3]));
}

#[test]
fn the_next_root_follows_from_every_one_of_its_parts() {
    let rotate = |fill| Key::from_bytes([fill; 32]);
    let root = |rotate: &Key, cloud: u8, lock: u8, id: u8, epoch| {
        let next = KeyEpoch::new(epoch).unwrap();
        *next_root::<RustCrypto>(rotate, &[cloud; 32], &[lock; 32], LockId([id; 16]), next).expose()
    };
    let all = [
        root(&rotate(1), 2, 3, 4, 5),
        root(&rotate(9), 2, 3, 4, 5),
        root(&rotate(1), 9, 3, 4, 5),
        root(&rotate(1), 2, 9, 4, 5),
        root(&rotate(1), 3, 2, 4, 5),
        root(&rotate(1), 2, 3, 9, 5),
        root(&rotate(1), 2, 3, 4, 6),
    ];
    for (place, one) in all.iter().enumerate() {
        assert!(!all[place + 1..].contains(one));
    }
    assert_eq!(root(&rotate(1), 2, 3, 4, 5), all[0]);
}

#[test]
fn a_share_is_named_by_a_hash_of_its_own() {
    assert_eq!(share_digest::<RustCrypto>(&[1; 32]), share_digest::<RustCrypto>(&[1; 32]));
    assert_ne!(share_digest::<RustCrypto>(&[1; 32]), share_digest::<RustCrypto>(&[2; 32]));
}

#[test]
fn a_key_is_the_same_as_its_bytes_and_as_no_others() {
    let bytes: [u8; 32] = core::array::from_fn(|place| place as u8);
    let key = Key::from_bytes(bytes);
    assert!(key.is_same(&bytes));
    for bit in 0..256 {
        let mut other = bytes;
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!key.is_same(&other), "bit {bit}");
    }
}
