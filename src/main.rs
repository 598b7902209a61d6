//! The `tecrax` program.

use std::process::ExitCode;

/// Two workers and the store pass runs to each other, and the allocator of glibc asks the kernel for every few pages of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The template must be asked first: it has no threads, and no time to lose.
    tecrax::connect::sandbox::template(std::env::args_os()).unwrap_or_else(|| tecrax::cli::run(std::env::args_os()))
}
