#!/usr/bin/env bash
# The C interface: the header is the one that the sources make, and C programs that use and misuse it work, also under
# sanitizers.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 240

need gcc gcc
need g++ g++
need nm binutils

cargo run --locked --manifest-path xtask/Cargo.toml -- header --check
# A crate type in the manifest would disable link-time optimisation for those who use the crate from Rust.
cargo rustc --locked --release -p lock-ffi --features x25519 --crate-type staticlib

archive=${CARGO_TARGET_DIR:-target}/release/liblock_ffi.a
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What the header declares and what the archive exports are the same functions.
grep -oE '^[a-z][a-z0-9_ ]* \*?lk_[a-z_]+\(' lock-ffi/include/lock.h | grep -oE 'lk_[a-z_]+\($' | tr -d '(' | sort -u >"$folder/declared"
nm --defined-only --extern-only "$archive" 2>/dev/null | grep -oE ' T lk_[a-z_]+$' | cut -c4- | sort -u >"$folder/exported"
[[ -s $folder/declared ]] || refuse "lock-ffi/include/lock.h declares no function: run cargo run --manifest-path xtask/Cargo.toml -- header"
diff "$folder/declared" "$folder/exported" || refuse "header (<) and archive (>) differ: give each function its no_mangle attribute and make the header anew"

programs=(frame device holder cloud)
warnings=(-Wall -Wextra -Wpedantic -Werror -Ilock-ffi/include -Ilock-ffi/tests)
libraries=("$archive" -lpthread -ldl -lm)

run() {
    local name=$1
    shift
    local program
    for program in "${programs[@]}"; do
        echo "$program, $name: $*"
        "$@" "${warnings[@]}" -o "$folder/$program-$name" "lock-ffi/tests/$program.c" "${libraries[@]}"
        "$folder/$program-$name"
    done
}
run c99 gcc -std=c99
run c11 gcc -std=c11
run c11-checked gcc -std=c11 -g -fsanitize=address,undefined -fno-sanitize-recover=all

# The program's language is named for its file alone: the archive that follows is no source.
for program in "${programs[@]}"; do
    cp "lock-ffi/tests/$program.c" "$folder/$program.cpp"
    echo "$program, c++17"
    g++ -std=c++17 "${warnings[@]}" -o "$folder/$program-cpp17" "$folder/$program.cpp" "${libraries[@]}"
    "$folder/$program-cpp17"
done
