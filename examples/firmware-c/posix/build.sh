#!/usr/bin/env bash
# Builds the library and this firmware for the host, and prints the file of the program: see board.c.
source "$(dirname "${BASH_SOURCE[0]}")/../../../ci/lib.sh"
need gcc gcc

cargo rustc --quiet --locked --release -p lock-ffi --features all --crate-type staticlib
output=${CARGO_TARGET_DIR:-target}
folder=examples/firmware-c
gcc -O2 -g -std=c11 -Wall -Wextra -Wpedantic -Werror -Ilock-ffi/include -I"$folder" \
    "$folder"/{main,flash,loader,mechanism}.c "$folder/posix/board.c" "$output/release/liblock_ffi.a" -lpthread -ldl -lm \
    -o "$output/firmware-c-posix"
echo "$output/firmware-c-posix"
