//! Section 11: the body of a backup, read whole or not at all.

use crate::strategies;
use lock_proto::{Backup, BackupHead, BackupItem, DecodeError};
use proptest::prelude::*;

fn body(head: &BackupHead, items: &[BackupItem]) -> Vec<u8> {
    let mut bytes = head.encode(&mut [0; BackupHead::MAX_BYTES]).unwrap().to_vec();
    for item in items {
        bytes.extend_from_slice(item.encode(&mut [0; BackupItem::MAX_BYTES]).unwrap());
    }
    bytes
}

proptest! {
    #[test]
    fn a_backup_is_read_as_it_was_written_and_no_part_of_it_is_one(
        (head, items) in strategies::backup(),
        cut in any::<prop::sample::Index>(),
    ) {
        let bytes = body(&head, &items);
        let backup = Backup::decode(&bytes).unwrap();
        prop_assert_eq!(&backup.head, &head);
        prop_assert_eq!(backup.items().collect::<Vec<_>>(), items);
        let cut = &bytes[..cut.index(bytes.len())];
        prop_assert_eq!(Backup::decode(cut).map(|_| ()), Err(DecodeError::Malformed));
        prop_assert!(Backup::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn any_bytes_are_a_backup_in_one_way_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(backup) = Backup::decode(&bytes) {
            let items: Vec<_> = backup.items().collect();
            prop_assert_eq!(items.len(), usize::from(backup.head.items));
            prop_assert_eq!(body(&backup.head, &items), bytes);
        }
    }
}
