//! The scripts that drive a browser: their packages, the browser itself, and how to run them.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{
    node,
    setup::packages,
    shell::{output, root, succeeds},
    site,
};

/// A folder of scripts with its own `package.json`.
pub struct Scripts {
    folder: &'static str,
}

impl Scripts {
    /// Installs the browser, Node.js and OpenSSL where they are missing, and the packages of
    /// `folder`.
    pub fn set_up(folder: &'static str) -> Result<Self> {
        node::install(folder)?;
        if !succeeds(Command::new("openssl").arg("version")) {
            packages(&["openssl"])?;
        }
        if chromium().is_none() {
            packages(&["chromium", "fonts-liberation", "fonts-noto-core"])?;
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
