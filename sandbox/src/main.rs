//! The sandbox as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    calltransfer_sandbox::cli::run(std::env::args_os()).into()
}
