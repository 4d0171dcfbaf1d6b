//! What must be reported: ways in which code of this kind has leaked.

use std::hint::black_box;

use crate::secrets::secret;

pub(crate) const CASES: &[(&str, fn())] = &[
    ("leaks-by-an-early-exit", early_exit),
    ("leaks-by-a-table", table),
    ("leaks-by-a-branch-on-a-bit", branch),
];

fn early_exit() {
    let (stored, shown) = (secret([7u8; 16]), secret([7u8; 16]));
    for (stored, shown) in stored.iter().zip(&shown) {
        if stored != shown {
            break;
        }
        black_box(());
    }
}

fn table() {
    let (table, index) = (black_box([3u8; 256]), secret(5u8));
    black_box(table[usize::from(index)]);
}

#[inline(never)]
fn rarely() {
    black_box(());
}

fn branch() {
    if secret(6u32) & 2 != 0 {
        rarely();
    }
}
