//! The `tecrax` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    tecrax::cli::run(std::env::args_os())
}
