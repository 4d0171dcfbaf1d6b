//! Makes what is generated from the sources, or checks that what is committed is what the sources make.
//!
//! ```text
//! cargo run --manifest-path xtask/Cargo.toml -- header           writes lock-ffi/include/lock.h
//! cargo run --manifest-path xtask/Cargo.toml -- header --check   fails where it would write something else
//! ```

#![forbid(unsafe_code)]

use std::path::Path;

use anyhow::{Context, Result, bail};

mod header;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const HEADER: &str = "lock-ffi/include/lock.h";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["header"] => write(HEADER, &header::generate(&Path::new(ROOT).join("lock-ffi"))?),
        ["header", "--check"] => compare(HEADER, &header::generate(&Path::new(ROOT).join("lock-ffi"))?),
        _ => bail!("say what to make: header, or header --check"),
    }
}

fn write(path: &str, text: &str) -> Result<()> {
    let file = Path::new(ROOT).join(path);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    }
    std::fs::write(&file, text).with_context(|| format!("{path} could not be written"))?;
    println!("{path} written");
    Ok(())
}

fn compare(path: &str, text: &str) -> Result<()> {
    let committed = std::fs::read_to_string(Path::new(ROOT).join(path))
        .with_context(|| format!("{path} could not be read, make it with `header`"))?;
    match first_difference(&committed, text) {
        None => println!("{path} is what the sources make"),
        Some(difference) => {
            bail!("{path} is not what the sources make, make it anew with `header`: {difference}")
        }
    }
    Ok(())
}

/// The first line in which two texts differ, in words; `None` when they are the same to the last byte.
fn first_difference(committed: &str, made: &str) -> Option<String> {
    if committed == made {
        return None;
    }
    let (mut left, mut right) = (committed.lines(), made.lines());
    for line in 1.. {
        match (left.next(), right.next()) {
            (None, None) => break,
            (old, new) if old != new => {
                let show = |text: Option<&str>| text.map_or("nothing".to_owned(), |text| format!("{text:?}"));
                return Some(format!("line {line} holds {}, the sources make {}", show(old), show(new)));
            }
            (_, _) => {}
        }
    }
    Some("the line ends differ".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_do_not_differ() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(
            first_difference("a\nb\n", "a\nc\n").unwrap(),
            "line 2 holds \"b\", the sources make \"c\""
        );
        assert_eq!(
            first_difference("a\n", "a\nc\n").unwrap(),
            "line 2 holds nothing, the sources make \"c\""
        );
    }

    #[test]
    fn a_missing_line_end_is_a_difference() {
        assert_eq!(first_difference("a", "a\n").unwrap(), "the line ends differ");
    }
}
