//! Models that a self-hoster may hand out and this project may not.

use std::{env, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::shell::{execute, root, step};

/// Packs the official files of ShieldGemma 2B in `folder` for sites that are built from here.
pub fn shieldgemma(folder: &Path) -> Result<()> {
    let source =
        folder.canonicalize().with_context(|| format!("{} cannot be opened", folder.display()))?;
    let target = root().join("models/shieldgemma_2b");
    step("Packing ShieldGemma (two minutes to compile the first time, then one or two)", || {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .current_dir(root())
            .args(["run", "--quiet", "--release", "--no-default-features"])
            .args(["--features", "weights", "--bin", "pack_guard", "--"])
            .args([&source, &target]);
        execute(&mut command)
    })?;
    println!("The next build of the site has it. To be without it, remove {}.", target.display());
    Ok(())
}
