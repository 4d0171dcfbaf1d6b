//! Stored records, type by type, against postcard: the same bytes are taken, refused and written.

#[path = "../../lock-proto/tests/reference/judge.rs"]
mod judge;

use judge::agree;

use crate::configuration::{Hashed, Settings, Stored};
use crate::power::SavedPower;
use crate::update::SavedUpdate;
use crate::{Saved, Upkeep};

#[test]
fn records_are_as_postcard_has_them() {
    agree::<Saved>(300);
    agree::<Upkeep>(300);
    agree::<SavedPower>(300);
    agree::<SavedUpdate>(300);
    agree::<Settings>(300);
    agree::<Stored>(300);
    agree::<Hashed>(300);
}
