//! Where a build may be written: it replaces whole folders there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// Folders of the workspace that hold what cannot be built again.
const SOURCES: [&str; 7] = [".cargo", ".git", "models", "src", "tests", "www", "xtask"];

/// What the names in a build's `assets` begin with.
const ASSETS: [&str; 3] = ["page-", "engine-", "styles-"];

/// The folder `out`, relative to the workspace `root`, with links and dots resolved.
///
/// # Errors
/// A folder in which a build would destroy something: sources, or files that are not a build's.
pub fn check(root: &Path, out: &Path) -> Result<PathBuf> {
    let root = root.canonicalize()?;
    let out = resolve(&root.join(out))?;
    let shown = out.display();
    let is_source = out.strip_prefix(&root).is_ok_and(|inside| {
        inside.iter().next().is_some_and(|first| SOURCES.iter().any(|source| first == *source))
    });
    if root.starts_with(&out) || is_source {
        bail!("{shown} holds the sources: choose another folder");
    }
    if !is_ours(&out).with_context(|| format!("{shown} cannot be read"))? {
        bail!("{shown} holds other files: choose an empty folder");
    }
    Ok(out)
}

/// A path whose end may not be there yet.
fn resolve(path: &Path) -> Result<PathBuf> {
    if let Ok(found) = path.canonicalize() {
        return Ok(found);
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve(parent)?.join(name)),
        _ => bail!("{} leads nowhere", path.display()),
    }
}

/// Whether a folder holds a build, whole or interrupted, or nothing. A build begins with its assets.
fn is_ours(folder: &Path) -> Result<bool> {
    let (top, assets) = (names(folder)?, names(&folder.join("assets"))?);
    let is_asset = |name: &String| ASSETS.iter().any(|start| name.starts_with(start));
    let has_begun = !assets.is_empty() || top.iter().all(|name| name == "assets");
    Ok(has_begun && assets.iter().all(is_asset))
}

/// The names in a folder; none if it is not there.
fn names(folder: &Path) -> Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace in a folder of its own, which goes with it.
    struct Workspace(PathBuf);

    impl Workspace {
        fn new(name: &str) -> Self {
            let name = format!("resilient-ai-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir_all(folder.join("root/www/lessons")).unwrap();
            Self(folder)
        }

        fn write(&self, file: &str, text: &str) {
            let path = self.0.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn check(&self, out: &str) -> Result<PathBuf> {
            check(&self.0.join("root"), Path::new(out))
        }
    }

    impl Drop for Workspace {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn sources_are_not_built_over() {
        let workspace = Workspace::new("sources");
        let outs =
            [".", "..", "/", "www", "www/site", "models", "src/x", "dist/../www", "no/../www"];
        for out in outs {
            assert!(workspace.check(out).is_err(), "{out}");
        }
        std::os::unix::fs::symlink("www", workspace.0.join("root/link")).unwrap();
        assert!(workspace.check("link").is_err());
    }

    #[test]
    fn other_peoples_files_are_not_built_over() {
        let workspace = Workspace::new("others");
        workspace.write("html/index.html", "another site");
        assert!(workspace.check("../html").is_err());
        workspace.write("app/assets/logo.png", "another site's");
        assert!(workspace.check("../app").is_err());
        workspace.write("app/assets/page-01/page.js", "");
        assert!(workspace.check("../app").is_err());
    }

    #[test]
    fn new_folders_and_builds_are_taken() {
        let workspace = Workspace::new("builds");
        assert!(workspace.check("dist").is_ok());
        assert!(workspace.check("../new/site").is_ok());
        fs::create_dir_all(workspace.0.join("empty/assets")).unwrap();
        assert!(workspace.check("../empty").is_ok());
        workspace.write("root/dist/assets/page-01/page.js", "");
        assert!(workspace.check("dist").is_ok(), "a build that was interrupted");
        workspace.write("root/dist/index.html", "");
        assert!(workspace.check("dist").is_ok(), "a build");
    }
}
