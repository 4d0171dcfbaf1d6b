#!/usr/bin/env bash
# The C library as others get it: installed as a package for CMake and pkg-config, for this machine and for two chips; a program and a
# firmware of somebody else find it there, and run.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# After the scripts before it in .ci/run it takes half a minute; alone it builds the library for three targets first.
budget 360

need cmake cmake
need make make
need pkg-config pkg-config
need gcc gcc
need python3 python3
need arm-none-eabi-gcc "gcc-arm-none-eabi and libnewlib-arm-none-eabi"
need qemu-system-arm qemu-system-arm

target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

# Builds and installs for one target, in cargo's folder $2, with what else is to be said to CMake.
install_for() {
    local build=$folder/build-$1
    cmake -S packaging/cmake -B "$build" "-DLOCK_FFI_TARGET=$1" "-DLOCK_FFI_CARGO_FOLDER=$2" "${@:3}" >/dev/null
    cmake --build "$build"
    cmake --install "$build" --prefix "$prefix" >/dev/null
}

# Configures and builds the project $1 against what is installed, in the folder $2.
build_against() {
    cmake -S "$1" -B "$folder/$2" "-DCMAKE_PREFIX_PATH=$prefix" "${@:3}" >"$folder/told" 2>&1 &&
        cmake --build "$folder/$2" >>"$folder/told" 2>&1
}

must_build() {
    build_against "$@" || refuse "$(cat "$folder/told")"
}

# It must be refused, for the reason $1.
must_not_build() {
    ! build_against "${@:2}" || refuse "it was built although it should say: $1"
    tr -s '\n ' ' ' <"$folder/told" | grep -qF "$1" || refuse "it does not say '$1', but: $(cat "$folder/told")"
    echo "refused, as it must: $1"
}

host=$(rustc -vV | sed -n 's/^host: //p')
# As ci/c-api.sh and ci/firmware.sh build it, so that it is built once.
install_for "$host" "$target" -DLOCK_FFI_FEATURES=x25519
install_for thumbv7em-none-eabi "$target/firmware"
install_for thumbv6m-none-eabi "$target/firmware"

# An installation may be moved.
mv "$prefix" "$folder/moved"
prefix=$folder/moved

echo "a program, with CMake"
must_build packaging/tests/consumer with-cmake -DCONSUMER_COMPONENTS=x25519
"$folder/with-cmake/consumer"

echo "a program that takes the folder, and installs nothing"
mkdir "$folder/own"
cat >"$folder/own/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.20)
project(own C)
add_subdirectory("$PWD/packaging/cmake" lock_ffi)
add_executable(own "$PWD/packaging/tests/consumer/main.c")
target_link_libraries(own PRIVATE lock_ffi::lock_ffi)
END
must_build "$folder/own" with-folder -DLOCK_FFI_FEATURES=x25519 "-DLOCK_FFI_CARGO_FOLDER=$target"
"$folder/with-folder/own"

echo "a program with the least of the library"
must_build "$folder/own" with-core -DLOCK_FFI_SET=core "-DLOCK_FFI_CARGO_FOLDER=$target"
"$folder/with-core/own"
size_of() { stat --format=%s "$folder/$1/lock_ffi/$host/liblock_ffi.a"; }
(($(size_of with-core) < $(size_of with-folder))) || refuse "the set core is as large as a library with everything"

echo "a program, with pkg-config"
read -ra flags < <(PKG_CONFIG_PATH=$prefix/lib/lock_ffi/$host/pkgconfig pkg-config --cflags --libs lock_ffi)
gcc -Wall -Wextra -Wpedantic -Werror -o "$folder/with-pkg-config" packaging/tests/consumer/main.c "${flags[@]}"
"$folder/with-pkg-config"

for cpu in cortex-m4 cortex-m0; do
    echo "a firmware for a $cpu"
    must_build examples/firmware-c "$cpu" -DCMAKE_TOOLCHAIN_FILE="$PWD/packaging/cmake/arm-none-eabi.cmake" -DLOCK_FFI_CPU="$cpu"
    packaging/tests/opens.py "$folder/$cpu/firmware-c.elf"
done

echo "a library that was packed"
CARGO_TARGET_DIR=$target packaging/pack.py platformio "$folder/packed" --target host --feature x25519
gcc -o "$folder/with-packed" -I"$folder/packed/include" packaging/tests/consumer/main.c "$folder/packed/lib/host/liblock_ffi.a" -lpthread -ldl -lm
"$folder/with-packed"
packaging/tests/manifests.py

must_not_build "and not for 'thumbv8m.main-none-eabi'" examples/firmware-c cortex-m33 \
    -DCMAKE_TOOLCHAIN_FILE="$PWD/packaging/cmake/arm-none-eabi.cmake" -DLOCK_FFI_CPU=cortex-m33
must_not_build "was built without the feature turbo" packaging/tests/consumer with-too-much -DCONSUMER_COMPONENTS=turbo
sed 's/lock_ffi 0.1/lock_ffi 9.0/' packaging/tests/consumer/CMakeLists.txt >"$folder/CMakeLists.txt"
cp packaging/tests/consumer/main.c "$folder"
must_not_build 'compatible with requested version "9.0"' "$folder" with-another-version
