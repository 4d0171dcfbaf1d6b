#!/usr/bin/env bash
# The C interface: the header is the one that the sources make, C programs that use and misuse it work, also under sanitizers and valgrind,
# and random calls break no rule.
#
#   ci/c-api.sh              all of it, with 300,000 random calls
#   ci/c-api.sh fuzz SEEDS   so many seeds, of a million random calls each, on demand
#   ci/c-api.sh mutants      each bug of lock-ffi/tests/mutants is caught by random calls, on demand
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[[ $# -eq 0 || ($# -eq 1 && $1 == mutants) || ($# -eq 2 && $1 == fuzz && $2 -gt 0) ]] || refuse "say nothing, mutants, or fuzz and how many seeds"
# Half a minute of it builds, and valgrind takes twenty times as long as the programs that it watches.
[[ $# -gt 0 ]] || budget 300

need gcc gcc
need g++ g++
need nm binutils

archive=${CARGO_TARGET_DIR:-target}/release/liblock_ffi.a
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
warnings=(-Wall -Wextra -Wpedantic -Werror -Ilock-ffi/include -Ilock-ffi/tests)
libraries=("$archive" -lpthread -ldl -lm)
checked=(gcc -std=c11 -g -fsanitize=address,undefined -fno-sanitize-recover=all)

# Builds a copy of the tree with the bug of a patch in it, and demands that random calls find it.
catch() {
    local patch=$1 expect
    expect=$(sed -n 's/^# expect: //p' "$patch")
    rm -rf "$folder/tree"
    mkdir "$folder/tree"
    git ls-files --cached -z | tar --create --null --files-from=- | tar --extract --touch --directory "$folder/tree"
    git -C "$folder/tree" init --quiet
    git -C "$folder/tree" apply "$PWD/$patch" || refuse "$patch does not apply: make it anew against the present sources"
    (cd "$folder/tree" && CARGO_TARGET_DIR=$mutants cargo rustc --quiet --locked --release -p lock-ffi --features x25519 --crate-type staticlib)
    "${checked[@]}" -O1 "${warnings[@]}" -o "$folder/mutant" lock-ffi/tests/fuzz.c "$mutants/release/liblock_ffi.a" -lpthread -ldl -lm
    if "$folder/mutant" 1 100000 >"$folder/told" 2>&1; then
        refuse "$patch is not caught by 100,000 random calls"
    fi
    grep -Eq -- "$expect" "$folder/told" || refuse "$patch fails for another reason: $(head -n 3 "$folder/told")"
    echo "caught: $(basename "$patch" .patch)"
}

if [[ ${1:-} == mutants ]]; then
    need git git
    mutants=$(realpath "${CARGO_TARGET_DIR:-target}")/c-api-mutants
    for patch in lock-ffi/tests/mutants/*.patch; do
        catch "$patch"
    done
    exit
fi

# A crate type in the manifest would disable link-time optimisation for those who use the crate from Rust.
cargo rustc --locked --release -p lock-ffi --features x25519 --crate-type staticlib

# Random calls: as many seeds, of so many calls each.
fuzz() {
    local seed
    "${checked[@]}" -O1 "${warnings[@]}" -o "$folder/fuzz" lock-ffi/tests/fuzz.c "${libraries[@]}"
    for ((seed = 1; seed <= $1; seed++)); do
        "$folder/fuzz" "$seed" "$2"
    done
}

if [[ ${1:-} == fuzz ]]; then
    fuzz "$2" 1000000
    exit
fi

# The library of all parts is tested with the workspace; what one of fewer parts does, is here.
for features in "" keys keys,x25519 all; do
    echo "lock-ffi with the features '$features' alone"
    cargo test --locked --quiet -p lock-ffi --no-default-features --features "$features" --lib
done

need valgrind valgrind
cargo run --locked --manifest-path xtask/Cargo.toml -- header --check

# What the header declares, what the archive exports and what the random calls try are the same functions.
grep -oE '^[a-z][a-z0-9_ ]* \*?lk_[a-z_]+\(' lock-ffi/include/lock.h | grep -oE 'lk_[a-z_]+\($' | tr -d '(' | sort -u >"$folder/declared"
nm --defined-only --extern-only "$archive" 2>/dev/null | grep -oE ' T lk_[a-z_]+$' | cut -c4- | sort -u >"$folder/exported"
grep -oE '^    (FALLIBLE|REFUSED|SURE)\(lk_[a-z_]+' lock-ffi/tests/fuzz.c | cut -d'(' -f2 | sort -u >"$folder/tried"
[[ -s $folder/declared ]] || refuse "lock-ffi/include/lock.h declares no function: run cargo run --manifest-path xtask/Cargo.toml -- header"
diff "$folder/declared" "$folder/exported" || refuse "header (<) and archive (>) differ: give each function its no_mangle attribute and make the header anew"
diff "$folder/declared" "$folder/tried" || refuse "header (<) and random calls (>) differ: call each function in lock-ffi/tests/fuzz.c"

programs=(frame device holder cloud)
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
run c11-checked "${checked[@]}"

# The program's language is named for its file alone: the archive that follows is no source.
for program in "${programs[@]}"; do
    cp "lock-ffi/tests/$program.c" "$folder/$program.cpp"
    echo "$program, c++17"
    g++ -std=c++17 "${warnings[@]}" -o "$folder/$program-cpp17" "$folder/$program.cpp" "${libraries[@]}"
    "$folder/$program-cpp17"
done

fuzz 3 100000

# Reads of what nobody wrote are valgrind's to find.
gcc -std=c11 -g -DUNDER_VALGRIND "${warnings[@]}" -o "$folder/fuzz-c11" lock-ffi/tests/fuzz.c "${libraries[@]}"
watched=(valgrind --quiet --error-exitcode=9 --leak-check=full --suppressions=lock-ffi/tests/valgrind.supp)
for program in "${programs[@]}"; do
    echo "$program, valgrind"
    "${watched[@]}" "$folder/$program-c11"
done
echo "random calls, valgrind"
"${watched[@]}" "$folder/fuzz-c11" 4 20000
