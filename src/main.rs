//! The `tecrax` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The helper must be asked first: it has no threads, and no time to lose.
    tecrax::connect::sandbox::helper(std::env::args_os()).unwrap_or_else(|| tecrax::cli::run(std::env::args_os()))
}
