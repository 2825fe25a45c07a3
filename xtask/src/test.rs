//! Every check and test there is, cheapest first.

use std::{env, process::Command};

use anyhow::Result;

use crate::{
    browser::{self, Scripts},
    setup::wasm_toolchain,
    shell::{execute, root, step},
    site,
};

pub fn run(native_only: bool) -> Result<()> {
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
    step("Linting the page and the engine", || {
        let toolchain = wasm_toolchain()?;
        for (features, profile) in [("page", "dev"), ("engine", "engine")] {
            let target = ["--target", "wasm32-unknown-unknown", "--no-default-features"];
            execute(
                toolchain
                    .cargo()?
                    .arg("clippy")
                    .args(target)
                    .args(["--features", features, "--profile", profile, "--bin", features])
                    .args(["--", "-Dwarnings"]),
            )?;
        }
        Ok(())
    })?;
    let scripts = Scripts::set_up("tests/browser")?;
    browser::check_node()?;
    site::build(&site::Options::new("/".into(), "dist".into(), true)?)?;
    step("Running the browser tests", || {
        execute(scripts.node()?.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]))
    })
}

fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}
