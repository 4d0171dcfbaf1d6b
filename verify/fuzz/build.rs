//! Builds the random calls of the C interface, which are C.

fn main() {
    println!("cargo::rerun-if-changed=src/c_api.c");
    println!("cargo::rerun-if-changed=../../lock-ffi/tests");
    println!("cargo::rerun-if-changed=../../lock-ffi/include/lock.h");
    cc::Build::new()
        .file("src/c_api.c")
        .include("../../lock-ffi/include")
        .include("../../lock-ffi/tests")
        .warnings(true)
        .extra_warnings(true)
        // It is a program besides, which nobody calls here.
        .flag("-Wno-unused-function")
        .opt_level(1)
        .compile("c_api");
}
