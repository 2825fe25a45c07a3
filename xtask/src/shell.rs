//! Running other programs, so that each failure names the program and what it was for.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

/// The folder of the workspace: of the one that `cargo xtask` was called in, since a folder of
/// compiled code may be shared by several checkouts, and this program with it.
pub fn root() -> PathBuf {
    let called = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = called.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    xtask.parent().unwrap_or(&xtask).to_path_buf()
}

/// Says what begins, runs it, and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {what}");
    let start = Instant::now();
    let result = work().with_context(|| format!("could not finish: {what}"));
    if result.is_ok() {
        eprintln!("    done in {:.0} s", start.elapsed().as_secs_f64());
    }
    result
}

/// Runs a program to its end with its output shown.
pub fn execute(command: &mut Command) -> Result<()> {
    let status =
        command.status().with_context(|| format!("{} could not be started", describe(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", describe(command));
    }
    Ok(())
}

/// Whether a program starts and succeeds; its output is not shown.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What a program prints on its standard output, without the white space around it.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} could not be started", describe(command)))?;
    if !output.status.success() {
        bail!("{} failed ({})", describe(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
