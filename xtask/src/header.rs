//! The C header, made by cbindgen from the sources of `lock-ffi`.

use std::path::Path;

use anyhow::{Context, Result};
use cbindgen::{Builder, Config};

/// The header of the crate in `folder`, as its `cbindgen.toml` says it should look.
pub(crate) fn generate(folder: &Path) -> Result<String> {
    let configuration = folder.join("cbindgen.toml");
    let config = Config::from_file(&configuration)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("{} could not be used, correct it", configuration.display()))?;
    let bindings = Builder::new()
        .with_crate(folder)
        .with_config(config)
        .generate()
        .context("the header could not be made, correct what is said here in lock-ffi/src")?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text =
        String::from_utf8(text).context("the header is not UTF-8, correct the comments in lock-ffi/src")?;
    Ok(text.replace("\n * # Safety\n", "\n * Up to the caller:\n"))
}
