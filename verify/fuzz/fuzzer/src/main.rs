//! All targets in one program, so that one build serves them all: `FUZZ_TARGET` names the one that runs. With `FUZZ_SEEDS` it writes the inputs to
//! begin with into that folder instead.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use fuzz::{Target, named, seeds};
use libfuzzer_sys::fuzz_target;

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<&'static Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        named(&name).unwrap_or_else(|| panic!("set FUZZ_TARGET to a target and not to {name:?}"))
    })
}

fuzz_target!(
    init: {
        if let Ok(folder) = std::env::var("FUZZ_SEEDS") {
            let written = seeds::write(chosen().name, Path::new(&folder));
            std::process::exit(written.map_or(1, |()| 0));
        }
    },
    |input: &[u8]| (chosen().take)(input)
);
