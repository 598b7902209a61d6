//! Rebuilds when a file is added to the embedded profile; the macro that embeds it only follows the files it saw last.
#![allow(clippy::print_stdout, reason = "cargo reads the instructions of a build script from stdout")]

fn main() {
    println!("cargo:rerun-if-changed=profile");
    println!("cargo:rerun-if-changed=build.rs");
}
