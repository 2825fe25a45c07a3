//! Every check and test there is, cheapest first.

use std::{env, process::Command};

use anyhow::Result;

use crate::{
    browser::{self, Scripts},
    shell::{execute, root, step},
    site,
};

/// Runs them; with `webgpu` also those on WebGPU's software adapter, which are slow to build and run.
pub fn run(native_only: bool, webgpu: bool) -> Result<()> {
    step("Checking the format", || execute(cargo().args(["fmt", "--all", "--check"])))?;
    step("Linting the numerics and the tools", || {
        execute(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-Dwarnings"]))
    })?;
    step("Running the native tests (about six minutes to compile the first time)", || {
        execute(cargo().args(["test", "--workspace"]))
    })?;
    if native_only {
        return Ok(());
    }
    let scripts = Scripts::set_up("tests/browser")?;
    browser::check_node()?;
    site::build(&site::Options::new("/".into(), "dist".into(), webgpu)?)?;
    step("Running the browser tests", || {
        let mut node = scripts.node()?;
        if webgpu {
            node.env("WEBGPU", "1");
        }
        execute(node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]))
    })
}

fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}
