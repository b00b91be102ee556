//! The sandbox as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    calltransfer_sandbox::shell::run(std::env::args_os()).into()
}
