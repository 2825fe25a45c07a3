//! Every check and test there is, cheapest first.

use std::{env, fs, path::Path, process::Command};

use anyhow::Result;

use crate::{
    browser::Scripts,
    node,
    shell::{execute, root, step},
    site, sizes,
};

/// Runs them; with `webgpu` also those on WebGPU's software adapter, which are long to build.
/// What was left out, and why, is said at the end.
pub fn run(native_only: bool, webgpu: bool) -> Result<()> {
    fs::create_dir_all(site::artifacts())?;
    let mut skipped = native(&site::artifacts().join("skipped.txt"))?;
    if native_only {
        skipped.push("the tests in a browser: --native-only".to_owned());
    } else {
        skipped.extend(browser(webgpu)?);
    }
    match skipped.as_slice() {
        [] => println!("\nEverything passed, and nothing was skipped."),
        skipped => println!("\nEverything else passed. Skipped:\n  {}", skipped.join("\n  ")),
    }
    Ok(())
}

/// What needs no browser. Returns what was skipped, which the tests write into `notes`.
fn native(notes: &Path) -> Result<Vec<String>> {
    step("Checking the format", || execute(cargo().args(["fmt", "--all", "--check"])))?;
    step("Linting everything but WebGPU's few lines (some minutes the first time)", || {
        execute(cargo().args(["clippy", "--workspace", "--all-targets"]).args([
            "--features",
            "resilient-ai/page,resilient-ai/engine",
            "--",
            "-Dwarnings",
        ]))
    })?;
    fs::write(notes, "")?;
    // Where it cannot be had, the test that needs it says that it was skipped.
    if let Err(error) = node::install("tests/tokenizer") {
        eprintln!("Gemma's own tokenizer is not here to compare with: {error:#}");
    }
    step("Running the native tests (about six minutes to compile the first time)", || {
        // One package at a time: together their dependencies would have other features than when
        // this program was built, and be compiled once more.
        for package in ["resilient-ai", "xtask"] {
            execute(cargo().args(["test", "--package", package]).env("RESILIENT_SKIPPED", notes))?;
        }
        Ok(())
    })?;
    let mut skipped: Vec<String> = fs::read_to_string(notes)?.lines().map(str::to_owned).collect();
    skipped.sort();
    skipped.dedup();
    Ok(skipped)
}

/// The built site in a browser, and its size. Returns what was skipped.
fn browser(webgpu: bool) -> Result<Vec<String>> {
    let scripts = Scripts::set_up("tests/browser")?;
    let options = site::Options::new("/".into(), "dist".into(), webgpu)?;
    site::build(&options)?;
    sizes::check(&sizes::report(&options.out)?)?;
    let report = site::artifacts().join("browser-tests.tap");
    step("Running the browser tests", || {
        let mut node = scripts.node()?;
        if webgpu {
            node.env("WEBGPU", "1");
        }
        node.args(["--test", "--test-concurrency=1"])
            .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
            .args(["--test-reporter=tap", "--test-reporter-destination"])
            .arg(&report);
        execute(&mut node)
    })?;
    Ok(skipped_in(&fs::read_to_string(&report)?))
}

/// The tests that a report in TAP calls skipped, each with its reason.
fn skipped_in(tap: &str) -> Vec<String> {
    let skipped = |line: &str| {
        let (test, reason) = line.trim_start().strip_prefix("ok ")?.split_once(" # SKIP")?;
        let name = test.split_once(" - ").map_or(test, |(_, name)| name);
        Some(format!("{name}: {}", reason.trim()))
    };
    tap.lines().filter_map(skipped).collect()
}

fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_are_found_in_a_report() {
        let tap = "TAP version 13\n    ok 1 - it adds\n    ok 2 - on WebGPU # SKIP not asked for\n\
                   ok 3 - skipping # a comment\nnot ok 4 - it fails\n";
        assert_eq!(skipped_in(tap), ["on WebGPU: not asked for"]);
    }
}
