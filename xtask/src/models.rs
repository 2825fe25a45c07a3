//! Which models a site has: those of the project, and those that were imported here.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What an imported guard's folder says of it: its entry in the manifest.
const ENTRY: &str = "guard.json";

/// Whether a file under `models` is part of a site. The recipes are for those who have the sources,
/// and a guard that is not wholly packed is for nobody.
pub fn is_shipped(models: &Path, path: &Path) -> bool {
    let Ok(inside) = path.strip_prefix(models) else { return false };
    let folder = inside.iter().next().unwrap_or_default().to_string_lossy();
    folder != "train" && !folder.ends_with(".unfinished")
}

/// Adds the guards that were imported into `models` to a site's manifest, which is otherwise as the
/// project has it. One of the same id is replaced.
pub fn add_imported(models: &Path, manifest: &Path) -> Result<()> {
    let mut imported = Vec::new();
    for folder in fs::read_dir(models)? {
        let path = folder?.path().join(ENTRY);
        if path.exists() && is_shipped(models, &path) {
            imported.push(read(&path)?);
        }
    }
    if imported.is_empty() {
        return Ok(());
    }
    imported.sort_by_key(|guard| guard["id"].to_string());
    let mut all = read(manifest)?;
    let guards = all["guards"].as_array().cloned().unwrap_or_default();
    let is_new = |guard: &Value| imported.iter().all(|new| new["id"] != guard["id"]);
    let guards: Vec<Value> = guards.into_iter().filter(is_new).chain(imported.clone()).collect();
    all["guards"] = json!(guards);
    Ok(fs::write(manifest, serde_json::to_string_pretty(&all)?)?)
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_and_what_is_not_whole_stay_at_home() {
        let models = Path::new("/models");
        for (path, shipped) in [
            ("manifest.json", true),
            ("guard_small/config.json", true),
            ("shieldgemma_2b/model.safetensors.000", true),
            ("shieldgemma_2b.unfinished/model.safetensors.000", false),
            ("train/README.md", false),
        ] {
            assert_eq!(is_shipped(models, &models.join(path)), shipped, "{path}");
        }
        assert!(!is_shipped(models, Path::new("/elsewhere")));
    }

    #[test]
    fn imported_guards_are_added_to_the_manifest() {
        let folder =
            std::env::temp_dir().join(format!("resilient-ai-imported-{}", std::process::id()));
        let write = |file: &str, value: Value| {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, value.to_string()).unwrap();
        };
        let manifest = folder.join("manifest.json");
        let before = json!({"models": [{"id": "m"}], "guards": [{"id": "small"}, {"id": "big"}]});
        write("manifest.json", before.clone());
        add_imported(&folder, &manifest).unwrap();
        assert_eq!(fs::read_to_string(&manifest).unwrap(), before.to_string(), "as it was");
        write("big/guard.json", json!({"id": "big", "context": 8}));
        write("half.unfinished/guard.json", json!({"id": "half"}));
        for _ in 0..2 {
            add_imported(&folder, &manifest).unwrap();
            let after = read(&manifest).unwrap();
            assert_eq!(after["guards"], json!([{"id": "small"}, {"id": "big", "context": 8}]));
            assert_eq!(after["models"], before["models"]);
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
