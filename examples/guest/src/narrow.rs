//! A narrower key for somebody else, as a link or as a QR code. Nobody is asked.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lock_core::cloud::{Conditions, Uses};
use lock_core::proto::{Caveat, Caveats, Ticket, UnixMillis};
use lock_core::virtual_key::{LINK_LETTERS, VirtualKey, VirtualKeyError};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use crate::arguments::Narrow;
use crate::{Failure, key, output};

/// Makes the narrower key and returns what is to be printed.
pub(crate) fn run(arguments: &Narrow) -> Result<Zeroizing<String>, Failure> {
    let key = key::usable(&arguments.key, arguments.holder.as_deref())?;
    let narrowed = key.narrow(&conditions(arguments)).map_err(|error| match error {
        VirtualKeyError::NotBound => Failure::HolderNeeded,
        VirtualKeyError::TooDeep
        | VirtualKeyError::NothingNarrowed
        | VirtualKeyError::Caveats(_)
        | VirtualKeyError::Session(_) => Failure::NotNarrowed(error),
    })?;
    if arguments.once && !shows_an_end(&narrowed) {
        output::note(
            "a lock takes a key for one use only where its time ends; unless the key that you narrow ends by itself, add --not-after or --for",
        );
    }
    let mut text = Zeroizing::new([0; LINK_LETTERS]);
    let link = narrowed.to_link(text.as_mut_slice())?;
    if arguments.qr { picture(link) } else { Ok(Zeroizing::new(link.to_owned())) }
}

fn conditions(arguments: &Narrow) -> Conditions {
    Conditions {
        rights: arguments.rights,
        not_before: arguments.not_before,
        not_after: arguments.not_after.or(arguments.lasting.map(from_now)),
        weekly: arguments.weekly,
        uses: if arguments.once { Uses::Single } else { Uses::Many },
        depth: arguments.depth,
        staleness: None,
    }
}

/// By this host's clock.
fn from_now(time: Duration) -> UnixMillis {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(now.saturating_add(time).as_millis()).unwrap_or(u64::MAX))
}

/// Whether a block says when the key ends. The root may say so too, and is sealed.
fn shows_an_end(key: &VirtualKey) -> bool {
    let Ok(ticket) = Ticket::parse(key.ticket()) else { return false };
    let mut caveats = ticket.blocks().flat_map(Caveats::of);
    caveats.any(|caveat| matches!(caveat, Ok(Caveat::NotAfter(_))))
}

/// For a terminal with a dark background, as most are. A screen is read without damage: the weakest correction makes the smallest code.
fn picture(link: &str) -> Result<Zeroizing<String>, Failure> {
    let code = QrCode::with_error_correction_level(link, EcLevel::L).map_err(|_| Failure::NoQr)?;
    let mut renderer = code.render::<Dense1x2>();
    Ok(Zeroizing::new(renderer.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_link_fits_into_a_code_that_a_camera_reads() {
        let link = "LKT1".to_owned() + &"Z".repeat(LINK_LETTERS - 4);
        let code = QrCode::with_error_correction_level(&link, EcLevel::L).unwrap();
        assert!(code.width() <= 17 + 4 * 20, "{} modules: not in the alphanumeric set", code.width());
        assert_eq!(picture(&link).unwrap().lines().count(), (code.width() + 8).div_ceil(2));
    }

    #[test]
    fn a_time_from_now_never_wraps() {
        assert_eq!(from_now(Duration::MAX), UnixMillis(u64::MAX));
    }
}
