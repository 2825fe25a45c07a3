//! Speed against TensorFlow.js and Transformers.js in the same browser, and the size of what is shipped.

use std::{fs, path::Path};

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    browser::Scripts,
    node,
    shell::{execute, root, step},
    site, sizes,
};

/// Builds the site, measures it, prints tables, and writes them as JSON if asked.
pub fn run(json_file: Option<&Path>) -> Result<()> {
    // The bench drives the browser with the browser tests' scripts, which look for packages beside
    // themselves.
    Scripts::set_up("tests/browser")?;
    let scripts = Scripts::set_up("tests/bench")?;
    node::install("tests/tokenizer")?;
    let options = site::Options::new("/".into(), "dist".into(), true)?;
    site::build(&options)?;
    let measured = root().join("tests/bench/results.json");
    step(
        "Measuring in the browser (about half an hour where WebGPU is computed in software)",
        || execute(scripts.node()?.arg("bench.mjs").arg(&measured)),
    )?;
    let sizes = sizes::report(&options.out)?;
    if let Some(file) = json_file {
        let mut rows: Vec<Value> = serde_json::from_slice(&fs::read(&measured)?)?;
        for size in sizes {
            rows.push(json!({ "work": "size", "system": "ours", "file": size.file,
                              "raw_bytes": size.raw, "brotli_bytes": size.brotli }));
        }
        fs::write(file, serde_json::to_string_pretty(&rows)?)?;
    }
    Ok(())
}
