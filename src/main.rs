//! `petitiond`: one binary, one subcommand a job.

use std::process::ExitCode;

// Batches allocate and free in bursts; the system allocator keeps what the bursts leave, this one gives it back
// (without huge pages, of which a burst touches a little each; and at once with MIMALLOC_PURGE_DELAY=0, as the unit has it).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    petitiond::cli::run(std::env::args_os())
}
