//! A backup, as the service keeps it and somebody may alter it.

use lock_crypto::{BACKUP_HEADER, BackupHeader, KeyEpoch, RustCrypto, TAG, open_backup, seal_backup};

use crate::common::{LOCK_ID, leaves};

const BODY: &[u8] = b"users and codes";

fn sealed() -> Vec<u8> {
    let header = BackupHeader { lock_id: LOCK_ID, key_epoch: KeyEpoch::FIRST, nonce: [7; 24] };
    let mut file = vec![0; BACKUP_HEADER + BODY.len() + TAG];
    file[BACKUP_HEADER..BACKUP_HEADER + BODY.len()].copy_from_slice(BODY);
    let length = seal_backup::<RustCrypto>(&leaves(9), &header, &mut file, BODY.len()).unwrap();
    assert_eq!(length, file.len());
    file
}

#[test]
fn a_backup_opens_as_it_was_and_with_no_bit_of_header_body_or_tag_flipped() {
    let file = sealed();
    assert_eq!(open_backup::<RustCrypto>(&leaves(9), &mut file.clone()).map(|body| &*body), Ok(BODY));
    assert!(
        open_backup::<RustCrypto>(&leaves(8), &mut file.clone()).is_err(),
        "under the leaves of another lock"
    );
    for bit in 0..8 * file.len() {
        let mut altered = file.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(open_backup::<RustCrypto>(&leaves(9), &mut altered).is_err(), "bit {bit}");
    }
}

#[test]
fn a_file_without_room_for_a_tag_is_no_backup() {
    let file = sealed();
    for length in 0..BACKUP_HEADER + TAG {
        assert_eq!(BackupHeader::of(&file[..length]), None, "{length} bytes");
    }
    assert_eq!(BackupHeader::of(&file[..BACKUP_HEADER + TAG]), BackupHeader::of(&file));
    assert!(BackupHeader::of(&file).is_some());
}
