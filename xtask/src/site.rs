//! Turns the sources into a folder of static files.
//!
//! Code goes to `assets/<name>-<hash>/`, so that it can be cached for ever; content (lessons,
//! photographs, models) keeps its name, so that a teacher can find and edit it. Every address in
//! the folder is relative: it works under any path.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::json;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    models, out_folder,
    setup::{TARGET, WasmToolchain, wasm_toolchain},
    shell::{execute, output, root, step},
    sizes,
};

/// What to build, and where to.
pub struct Options {
    /// The path it will be served under; begins and ends with a slash.
    pub public_url: String,
    /// The folder to write, relative to the workspace.
    pub out: PathBuf,
    /// Whether the WebGPU engine is built, if engines are.
    pub webgpu: bool,
    /// Whether the engines are built; if not, those of the last build are kept.
    pub engines: bool,
}

impl Options {
    /// A whole build: all engines, the WebGPU engine if `webgpu`.
    ///
    /// # Errors
    /// A `public_url` that does not begin and end with a slash.
    pub fn new(public_url: String, out: PathBuf, webgpu: bool) -> Result<Self> {
        if !(public_url.starts_with('/') && public_url.ends_with('/')) {
            bail!("--public-url {public_url} has to begin and end with a slash, as in /course/");
        }
        Ok(Self { public_url, out, webgpu, engines: true })
    }
}

/// One wasm module: what cargo builds and what the browser loads.
struct Module {
    /// Names its folder under `assets/`.
    name: &'static str,
    /// The cargo binary, and the stem of the generated files.
    bin: &'static str,
    features: &'static str,
    profile: &'static str,
    /// For rustc, beside those of `.cargo/config.toml`.
    rustflags: &'static [&'static str],
    /// The script that starts it, beside the generated glue.
    start: &'static str,
    first_build: &'static str,
}

const PAGE: Module = Module {
    name: "page",
    bin: "page",
    features: "page",
    profile: "page",
    // Leptos then shares code between views of different types: a third less to download.
    rustflags: &["--cfg", "erase_components"],
    // Where early.js has found the browser too old, its words stay.
    start: "import start from \"./page.js\";\n\
            const { dataset } = document.documentElement;\n\
            if (dataset.start !== \"unsupported\") start().catch((error) => {\n\
            \x20 dataset.failed = String(error);\n\
            \x20 throw error;\n\
            });\n",
    first_build: "two minutes",
};

const ENGINE_CPU: Module = Module {
    name: "engine-cpu",
    bin: "engine",
    features: "engine",
    profile: "engine",
    rustflags: &[],
    start: START_ENGINE,
    first_build: "eight minutes",
};

/// Takes the CPU engine's place when a lesson is about texts.
const ENGINE_TEXT: Module = Module {
    name: "engine-text",
    features: "engine,guard",
    first_build: "two minutes after the CPU engine",
    ..ENGINE_CPU
};

const ENGINE_GPU: Module = Module {
    name: "engine-gpu",
    bin: "engine",
    features: "webgpu",
    profile: "engine-gpu",
    rustflags: &[],
    start: START_ENGINE,
    first_build: "twenty minutes",
};

/// Starts an engine. What keeps its wasm from arriving or compiling is thrown outside the promise:
/// only then does the page, which listens to the worker, hear of it.
const START_ENGINE: &str = "import start from \"./engine.js\";\n\
                            start().catch((error) => setTimeout(() => {\n\
                            \x20 throw error;\n\
                            }));\n";

/// The addresses of the built parts, relative to the page.
#[derive(Default)]
struct Assets {
    page: String,
    engine_cpu: Option<String>,
    engine_text: Option<String>,
    engine_gpu: Option<String>,
    styles: String,
}

/// Builds everything into `options.out`.
pub fn build(options: &Options) -> Result<()> {
    let out = out_folder::check(&root(), &options.out)?;
    let toolchain = wasm_toolchain()?;
    fs::create_dir_all(out.join("assets"))?;

    let mut assets = Assets { page: module(&toolchain, &PAGE, &out)?, ..Assets::default() };
    if options.engines {
        assets.engine_cpu = Some(module(&toolchain, &ENGINE_CPU, &out)?);
        assets.engine_text = Some(module(&toolchain, &ENGINE_TEXT, &out)?);
        if options.webgpu {
            assets.engine_gpu = Some(module(&toolchain, &ENGINE_GPU, &out)?);
        }
    } else {
        assets.engine_cpu = existing(&out, ENGINE_CPU.name)?;
        assets.engine_text = existing(&out, ENGINE_TEXT.name)?;
        assets.engine_gpu = existing(&out, ENGINE_GPU.name)?;
    }
    step("Writing the site", || {
        assets.styles = styles(&out)?;
        sweep(&out, &assets)?;
        content(&out)?;
        manifest(&out, &options.public_url)?;
        index(&out, &assets)?;
        service_worker(&out)
    })
}

/// Compiles a module, generates its glue, and returns its folder relative to the site.
fn module(toolchain: &WasmToolchain, module: &Module, out: &Path) -> Result<String> {
    let Module { name, bin, features, profile, rustflags, start, first_build } = module;
    step(&format!("Compiling {name} (about {first_build} the first time)"), || {
        let mut cargo = toolchain.cargo()?;
        cargo.args(["build", "--target", TARGET, "--no-default-features"]).args([
            "--features",
            features,
            "--profile",
            profile,
            "--bin",
            bin,
        ]);
        // Even an empty list would make cargo compile everything again.
        if !rustflags.is_empty() {
            cargo.arg("--config").arg(format!("target.{TARGET}.rustflags={rustflags:?}"));
        }
        execute(&mut cargo)
    })?;
    let built = target_folder(toolchain)?.join(TARGET).join(profile).join(format!("{bin}.wasm"));
    let wasm = fs::read(&built).with_context(|| format!("{} is missing", built.display()))?;
    let hash = short_hash(&[&wasm, start.as_bytes()]);
    let folder = format!("assets/{name}-{hash}");
    let target = out.join(&folder);
    if !target.join("start.js").exists() {
        step(&format!("Generating the glue of {name}"), || {
            Bindgen::new()
                .input_path(&built)
                .web(true)?
                .typescript(false)
                .omit_default_module_path(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate(&target)?;
            Ok(fs::write(target.join("start.js"), start)?)
        })?;
    }
    Ok(folder)
}

fn target_folder(toolchain: &WasmToolchain) -> Result<PathBuf> {
    let metadata =
        output(toolchain.cargo()?.args(["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"].as_str().context("cargo names no target folder")?;
    Ok(folder.into())
}

fn existing(out: &Path, name: &str) -> Result<Option<String>> {
    let prefix = format!("{name}-");
    for entry in fs::read_dir(out.join("assets"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(&prefix) {
            return Ok(Some(format!("assets/{name}")));
        }
    }
    Ok(None)
}

/// Joins the style sheets in the order of their names.
fn styles(out: &Path) -> Result<String> {
    let mut all = String::new();
    for path in sizes::files(&root().join("www/styles"))? {
        all += &fs::read_to_string(&path)?;
        all.push('\n');
    }
    let name = format!("assets/styles-{}.css", short_hash(&[all.as_bytes()]));
    fs::write(out.join(&name), all)?;
    Ok(name)
}

/// Removes what earlier builds left.
fn sweep(out: &Path, assets: &Assets) -> Result<()> {
    let mut kept = vec![&assets.page, &assets.styles];
    kept.extend(assets.engine_cpu.iter().chain(&assets.engine_text).chain(&assets.engine_gpu));
    for entry in fs::read_dir(out.join("assets"))? {
        let path = entry?.path();
        if kept.iter().any(|name| out.join(name) == path) {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
    }
    Ok(())
}

/// Copies what is shipped as it is.
fn content(out: &Path) -> Result<()> {
    let www = root().join("www");
    fs::copy(www.join("early.js"), out.join("early.js")).context("www/early.js is missing")?;
    for folder in ["lessons", "photos", "icons", "guard"] {
        mirror(&www.join(folder), &out.join(folder), &|path| {
            path.file_name().is_none_or(|name| name != "README.md")
        })?;
    }
    let models = root().join("models");
    mirror(&models, &out.join("models"), &|path| models::is_shipped(&models, path))?;
    models::add_imported(&models, &out.join("models/manifest.json"))
}

/// Makes `to` hold those files of `from` that are wanted, and no others.
fn mirror(from: &Path, to: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    for path in sizes::files(from).with_context(|| format!("{} is missing", from.display()))? {
        if wanted(&path) {
            let target = to.join(path.strip_prefix(from)?);
            fs::create_dir_all(target.parent().unwrap_or(to))?;
            // Nobody edits a piece, so it need not take up its room twice.
            if !(sizes::is_piece(&path) && fs::hard_link(&path, &target).is_ok()) {
                fs::copy(&path, target)?;
            }
        }
    }
    Ok(())
}

fn manifest(out: &Path, public_url: &str) -> Result<()> {
    let name = "manifest.webmanifest";
    let text = fs::read_to_string(root().join("www").join(name))?;
    let mut manifest: serde_json::Value = serde_json::from_str(&text).context(name)?;
    manifest["id"] = json!(public_url);
    Ok(fs::write(out.join(name), serde_json::to_string_pretty(&manifest)?)?)
}

fn index(out: &Path, assets: &Assets) -> Result<()> {
    let start = |folder: &Option<String>| folder.as_ref().map(|f| format!("{f}/start.js"));
    let addresses = json!({
        "engineCpu": start(&assets.engine_cpu),
        "engineText": start(&assets.engine_text),
        "engineGpu": start(&assets.engine_gpu),
    });
    let html = fs::read_to_string(root().join("index.html"))?
        .replace("{{styles}}", &assets.styles)
        .replace("{{page}}", &assets.page)
        .replace("{{assets}}", &addresses.to_string().replace('\'', "&#39;"));
    if let Some(start) = html.find("{{") {
        let rest: String = html[start..].chars().take(40).collect();
        bail!("index.html has a placeholder that nothing fills: {rest}");
    }
    Ok(fs::write(out.join("index.html"), html)?)
}

/// Tells the service worker what to fetch beforehand: all but the models and the engines that not
/// everybody needs, which are kept when they are first used.
fn service_worker(out: &Path) -> Result<()> {
    let name = "sw.js";
    let mut addresses = vec!["./".to_owned()];
    let mut hash = Sha256::new();
    for path in sizes::files(out)? {
        let address = path.strip_prefix(out)?.to_string_lossy().replace('\\', "/");
        let later = ["models/", "assets/engine-gpu", "assets/engine-text"]
            .iter()
            .any(|start| address.starts_with(start));
        if address == name || (later && address != "models/manifest.json") {
            continue;
        }
        hash.update(&address);
        hash.update(fs::read(&path)?);
        addresses.push(address);
    }
    let script = fs::read_to_string(root().join("www").join(name))?
        .replace("\"{{precache}}\"", &serde_json::to_string(&addresses)?)
        .replace("{{version}}", &hex(&hash.finalize()[..8]));
    Ok(fs::write(out.join(name), script)?)
}

fn short_hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize()[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where a test or a bench writes what it wants to keep.
pub fn artifacts() -> PathBuf {
    env::var_os("RESILIENT_ARTIFACTS").map_or_else(|| root().join("artifacts"), PathBuf::from)
}
