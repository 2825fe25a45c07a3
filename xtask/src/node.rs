//! Node.js, and the packages that a folder with its own `package.json` names.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    setup::packages,
    shell::{execute, output, root, step, succeeds},
};

/// The oldest Node.js that the scripts and their packages work with.
const OLDEST: u32 = 20;

/// Installs Node.js where it is missing, and the packages of `folder` as its lock file has them.
pub fn install(folder: &str) -> Result<()> {
    // Debian packages node and npm apart.
    if !["node", "npm"].iter().all(|name| succeeds(Command::new(name).arg("--version"))) {
        packages(&["nodejs", "npm"])?;
    }
    check_version()?;
    let path = root().join(folder);
    let modified = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    if modified(&path.join("node_modules/.package-lock.json"))
        < modified(&path.join("package-lock.json"))
    {
        step(&format!("Installing the packages of {folder}"), || {
            execute(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&path))
        })?;
    }
    Ok(())
}

/// Refuses a Node.js that lacks the test runner's options, or that the browser's driver refuses.
fn check_version() -> Result<()> {
    let version = output(Command::new("node").arg("--version"))?;
    let major: u32 = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .with_context(|| format!("node --version said {version}"))?;
    if major < OLDEST {
        bail!("Node.js {OLDEST} or newer is needed for the browser tests; this is {version}");
    }
    Ok(())
}
