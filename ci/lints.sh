#!/usr/bin/env bash
# Format, lints and documentation without a warning, and the crates as the architecture says.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 240

need python3 python3

cargo fmt --all --check
cargo fmt --manifest-path xtask/Cargo.toml --check
cargo fmt --manifest-path benches/cortex-m/Cargo.toml --check
cargo fmt --manifest-path examples/firmware-rs/Cargo.toml --check
cargo fmt --manifest-path verify/bounded/Cargo.toml --check
cargo fmt --manifest-path verify/consttime/Cargo.toml --check
cargo fmt --manifest-path tools/footprint/session/Cargo.toml --check
cargo fmt --manifest-path verify/model/Cargo.toml --check
cargo fmt --manifest-path verify/fuzz/fuzzer/Cargo.toml --check
cargo fmt --manifest-path verify/mutants/Cargo.toml --check
cargo clippy --workspace --all-targets --locked -- -D warnings
cargo clippy -p lock-crypto -p lock-core --all-targets --locked -- -D warnings
cargo clippy --manifest-path xtask/Cargo.toml --all-targets --locked -- -D warnings
# On the host, in the profile that does not unwind: a clippy with the sources of core is not to be had everywhere.
cargo clippy --manifest-path examples/firmware-rs/Cargo.toml --release --locked --target-dir "${CARGO_TARGET_DIR:-target}/firmware-lints" -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
docs/snippets.py --check
docs/figures.py --check
cargo run --locked -p crate-graph
cargo run --locked -p crate-graph -- --check
