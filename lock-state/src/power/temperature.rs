//! What the cold does to a cell.

use lock_proto::{Celsius, Millivolts};

use super::Chemistry;

/// At and below this temperature weak cells may only be cold: datasheets of alkaline cells give about half the charge at 0 °C under
/// such loads as a motor's.
pub const COLD_AT: Celsius = Celsius(0);

/// From here on a verdict of the cold no longer counts.
pub const WARM: Celsius = Celsius(10);

/// The temperature that the curves are for.
const REFERENCE: i16 = 20;
/// Below this the correction grows no further: alkaline cells are rated from −18 °C.
const LOWEST: i16 = -20;

/// What a cell would read at rest at 20 °C; as it is where the temperature is unknown or higher.
pub(super) fn corrected(chemistry: &Chemistry, cell: Millivolts, at: Option<Celsius>) -> Millivolts {
    let Some(Celsius(degrees)) = at else {
        return cell;
    };
    let below = REFERENCE.saturating_sub(i16::from(degrees).clamp(LOWEST, REFERENCE));
    let kelvin = u16::try_from(below).unwrap_or_default();
    Millivolts(cell.0.saturating_add(chemistry.cold_per_10_kelvin.0.saturating_mul(kelvin) / 10))
}

/// Whether it is cold for these cells; unknown is not cold.
pub(super) fn is_cold(chemistry: &Chemistry, at: Option<Celsius>) -> bool {
    chemistry.suffers_from_cold && at.is_some_and(|at| at <= COLD_AT)
}

/// Whether it is known to be warm.
pub(super) fn is_warm(at: Option<Celsius>) -> bool {
    at.is_some_and(|at| at >= WARM)
}
