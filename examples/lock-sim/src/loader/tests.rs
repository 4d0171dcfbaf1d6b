//! The loader alone: what starts, once and again.

use super::*;

const NEW: Image = Image { version: 2, rollback_index: 2, ..AS_MADE };

fn holding(bytes: &[u8]) -> Loader {
    let mut loader = Loader::in_memory();
    let _ = loader.boot().expect("the firmware as made starts");
    for (offset, piece) in (0..).step_by(448).zip(bytes.chunks(448)) {
        if let Some(sector) = (offset..offset + 448).find(|place| place % SLOT.sector == 0) {
            assert_eq!(
                loader.work(Work::Erase { offset: sector, length: SLOT.sector }, &[]),
                UpdateAnswer::Done
            );
        }
        assert_eq!(loader.work(Work::Write { offset }, piece), UpdateAnswer::Done);
    }
    assert_eq!(loader.work(Work::MarkPending, &[]), UpdateAnswer::Done);
    loader
}

#[test]
fn a_pending_image_runs_on_trial_once_and_reverts_unless_it_is_confirmed() {
    let mut loader = holding(&build(NEW, &[7; 10_000]));
    assert_eq!(loader.boot().expect("starts").1, Start::OnTrial);
    assert_eq!(loader.runs(), NEW);
    let (firmware, start) = loader.boot().expect("starts");
    assert_eq!((start, firmware.version, firmware.booted_as), (Start::Reverted, 1, BootedAs::Reverted));
    assert_eq!(loader.boot().expect("starts").1, Start::Same);
}

#[test]
fn a_confirmed_image_stays() {
    let mut loader = holding(&build(NEW, &[7; 10_000]));
    let (firmware, _) = loader.boot().expect("starts");
    assert_eq!(firmware.booted_as, BootedAs::OnTrial);
    assert_eq!(loader.work(Work::Confirm, &[]), UpdateAnswer::Done);
    assert_eq!(loader.boot().expect("starts").1, Start::Same);
    assert_eq!(loader.runs(), NEW);
}

#[test]
fn a_damaged_foreign_or_older_image_does_not_start() {
    let mut damaged = build(NEW, &[7; 10_000]);
    damaged[5_000] ^= 1;
    for (bytes, error) in [
        (damaged, ImageError::Damaged),
        (build(Image { model: 2, ..NEW }, &[]), ImageError::WrongModel),
        (build(Image { rollback_index: 0, ..NEW }, &[]), ImageError::Older),
    ] {
        let mut loader = holding(&bytes);
        assert_eq!(loader.boot().expect("the old one starts").1, Start::Refused(error));
        assert_eq!(loader.runs(), AS_MADE);
    }
}

#[test]
fn what_is_not_erased_is_not_written() {
    let mut loader = Loader::in_memory();
    assert_eq!(loader.work(Work::Write { offset: 0 }, &[0; 32]), UpdateAnswer::Done, "blank as made");
    assert_eq!(loader.work(Work::Write { offset: 0 }, &[0; 32]), UpdateAnswer::Failed);
    assert_eq!(loader.work(Work::Write { offset: SLOT.bytes - 1 }, &[0; 2]), UpdateAnswer::Failed);
}
