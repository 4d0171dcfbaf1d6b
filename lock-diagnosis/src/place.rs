//! Where people stand, and where something can be done.

use crate::listed::listed;
use crate::sign::{Seen, Sign, Signs};

listed! {
    /// Where something can be done or looked at.
    pub enum Place {
        /// On either side of the door, or away from it.
        Anywhere,
        /// Inside, or with the door open.
        Inside,
        /// Outside, by somebody who cannot get in.
        Outside,
    }
}

impl Place {
    /// Whether somebody can do it who stands where `signs` say. Who did not say where is taken to be inside.
    pub(crate) const fn is_within_reach(self, signs: &Signs) -> bool {
        match (self, signs.seen(Sign::CanGetIn)) {
            (Self::Anywhere, _)
            | (Self::Inside, Some(Seen::Yes) | None)
            | (Self::Outside, Some(Seen::No)) => true,
            (Self::Inside, Some(Seen::No)) | (Self::Outside, Some(Seen::Yes) | None) => false,
        }
    }
}
