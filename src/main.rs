//! `petitiond`: one binary, one subcommand a job.

use std::process::ExitCode;

// Batches allocate and free in bursts; the system allocator keeps what the bursts leave, this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    petitiond::cli::run(std::env::args_os())
}
