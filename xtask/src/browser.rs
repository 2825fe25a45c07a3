//! The scripts that drive a browser: their packages, the browser itself, and how to run them.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{
    setup::packages,
    shell::{execute, output, root, step, succeeds},
    site,
};

/// The oldest Node.js that the scripts and their packages work with.
const NODE: u32 = 20;

/// A folder of scripts with its own `package.json`.
pub struct Scripts {
    folder: &'static str,
}

impl Scripts {
    /// Installs the browser, Node.js and OpenSSL where they are missing, and the packages of
    /// `folder`.
    pub fn set_up(folder: &'static str) -> Result<Self> {
        // Debian packages node and npm apart.
        if !["node", "npm"].iter().all(|name| succeeds(Command::new(name).arg("--version"))) {
            packages(&["nodejs", "npm"])?;
        }
        check_node()?;
        if !succeeds(Command::new("openssl").arg("version")) {
            packages(&["openssl"])?;
        }
        if chromium().is_none() {
            packages(&["chromium", "fonts-liberation", "fonts-noto-core"])?;
        }
        let path = root().join(folder);
        let installed = path.join("node_modules/.package-lock.json");
        let modified = |path: &std::path::Path| path.metadata().and_then(|m| m.modified()).ok();
        if modified(&installed) < modified(&path.join("package-lock.json")) {
            step(&format!("Installing the packages of {folder}"), || {
                execute(
                    Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&path),
                )
            })?;
        }
        Ok(Self { folder })
    }

    /// A Node.js command in the folder, told where the site, the browser and the artifacts are.
    pub fn node(&self) -> Result<Command> {
        let mut command = Command::new("node");
        command
            .current_dir(root().join(self.folder))
            .env("SITE", root().join("dist"))
            .env("CHROMIUM", chromium().context("no Chromium was found or could be installed")?)
            .env("ARTIFACTS", site::artifacts());
        Ok(command)
    }
}

fn chromium() -> Option<String> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(|name| output(Command::new("which").arg(name)).ok())
}

/// Refuses a Node.js that lacks the test runner's options, or that the browser's driver refuses.
fn check_node() -> Result<()> {
    let version = output(Command::new("node").arg("--version"))?;
    let major: u32 = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .with_context(|| format!("node --version said {version}"))?;
    if major < NODE {
        bail!("Node.js {NODE} or newer is needed for the browser tests; this is {version}");
    }
    Ok(())
}
