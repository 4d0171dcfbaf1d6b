//! What is needed to claim a lock: the text of its label, which is checked before anybody is asked.

use std::path::Path;

use cloud::messages::{FromClaimer, LabelText};
use lock_core::crypto::RustCrypto;
use lock_core::label::ClaimCode;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::private_file;

/// The wish of a claim.
pub(crate) fn wish(arguments: &Arguments) -> Result<FromClaimer, Failure> {
    let file = arguments.label_file.as_deref().unwrap_or_else(|| Path::new("-"));
    let label = label(file)?;
    ClaimCode::from_text::<RustCrypto>(&label.0)?;
    let name = arguments.name.clone().unwrap_or_else(|| arguments.lock_id.clone());
    Ok(FromClaimer::Claim { label, name, profile: arguments.profile.into() })
}

/// Reads a label as somebody typed or scanned it: one line.
fn label(file: &Path) -> Result<LabelText, Failure> {
    let unreadable = |error: std::io::Error| Failure::LabelUnreadable(file.to_owned(), error.to_string());
    let mut text = Zeroizing::new(String::new());
    if file == Path::new("-") {
        std::io::stdin().read_line(&mut text).map_err(unreadable)?;
    } else {
        // Whoever has the text can claim the lock.
        if private_file::is_exposed(file).map_err(unreadable)? {
            return Err(Failure::LabelExposed(file.to_owned()));
        }
        *text = std::fs::read_to_string(file).map_err(unreadable)?;
    }
    Ok(LabelText(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_label_is_read_from_a_file_without_what_an_editor_puts_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("label");
        std::fs::write(&file, " LK1-0000-0000-0000-0000-0000-0000-02EP\r\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(label(&file).unwrap().0, "LK1-0000-0000-0000-0000-0000-0000-02EP");
        assert!(matches!(label(&folder.path().join("none")), Err(Failure::LabelUnreadable(..))));
    }

    #[test]
    fn a_label_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("label");
        std::fs::write(&file, "LK1-0000-0000-0000-0000-0000-0000-02EP").unwrap();
        for mode in [0o644, 0o640, 0o620, 0o604] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(label(&file).unwrap_err(), Failure::LabelExposed(file.clone()), "{mode:o}");
        }
    }
}
