//! Which interface the library has.
#![allow(unsafe_code)]

/// The version of this interface. It grows when a function changes or goes; new functions leave it as it is.
pub const LK_ABI_VERSION: u32 = 1;

/// The version of the interface that the library was built with. Compare it with `LK_ABI_VERSION` of the header.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_abi_version() -> u32 {
    LK_ABI_VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_says_the_version_of_its_header() {
        assert_eq!(lk_abi_version(), LK_ABI_VERSION);
    }
}
