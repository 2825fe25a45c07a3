//! Packs the published files of a Gemma 2 into a folder that a web server can hand out, in pieces.
//!
//!     pack_guard SOURCE TARGET
//!
//! `cargo xtask import` runs it; it is a program of its own so that it is optimised, and compiled in
//! a minute. What it has packed is kept if it is interrupted, and it goes on from there.

mod packing;
mod papers;
mod piece_files;
mod progress;
mod source;
mod space;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What went wrong, to what, and what can be done.
type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [source, target] = folders.as_slice() else {
        eprintln!("usage: pack_guard SOURCE TARGET");
        return ExitCode::from(2);
    };
    match packing::run(source, target) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Names the file that an error is about.
fn about<E: std::fmt::Display>(path: &Path) -> impl Fn(E) -> String {
    move |error| format!("{}: {error}", path.display())
}
