//! The program: arguments, logging and exit codes. What the commands do is in `topicwire::commands`.

use std::process::ExitCode;

use clap::Parser;
use topicwire::commands::{self, Arguments};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    commands::run(arguments)
}
