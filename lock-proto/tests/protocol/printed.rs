//! What holds a secret prints its name, and a page of the log its entries.

use lock_proto::{CloudShare, LockShare, LogPage};

#[test]
fn shares_of_a_rotation_print_their_name_alone() {
    assert_eq!(format!("{:?}", CloudShare::new([7; 32])), "CloudShare(..)");
    assert_eq!(format!("{:?}", LockShare([7; 32])), "LockShare(..)");
}

#[test]
fn a_page_of_the_log_is_empty_until_an_entry_is_in_it_and_prints_what_it_holds() {
    assert!(LogPage::EMPTY.is_empty());
    let page = LogPage::EMPTY.with([7; 16], b"body").unwrap();
    assert!(!page.is_empty());
    assert_eq!(format!("{:?}", LogPage::EMPTY), "[]");
    assert!(format!("{page:?}").starts_with("[PagedEntry {"), "{page:?}");
}
