//! Builds the requests to valgrind: they are macros of its header in C.

fn main() {
    println!("cargo::rerun-if-changed=src/requests.c");
    cc::Build::new().file("src/requests.c").warnings(true).compile("requests");
}
