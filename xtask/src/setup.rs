//! Finds or installs what the other commands need: the wasm target, Debian packages.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::shell::{execute, output, root, step, succeeds};

/// What the page and the engines are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Set to `debian` to use Debian's compiler even where rustup could add the target.
const FORCE: &str = "RESILIENT_WASM_TOOLCHAIN";

/// A cargo that can compile for wasm.
pub struct WasmToolchain {
    cargo: PathBuf,
    /// Put before the others on PATH, so that cargo finds the rustc that belongs to it.
    bin: Option<PathBuf>,
}

impl WasmToolchain {
    /// A cargo command that compiles for wasm.
    pub fn cargo(&self) -> Result<Command> {
        let mut command = Command::new(&self.cargo);
        command.current_dir(root());
        if let Some(bin) = &self.bin {
            let mut path = vec![bin.clone()];
            path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
            command.env("PATH", env::join_paths(path)?);
            // rustup sets these for its own toolchain.
            for variable in ["RUSTC", "RUSTDOC", "CARGO", "RUSTUP_TOOLCHAIN"] {
                command.env_remove(variable);
            }
        }
        Ok(command)
    }
}

/// The wasm target: the active toolchain's own, else by rustup, else Debian's compiler with a
/// standard library that is built once from its sources.
pub fn wasm_toolchain() -> Result<WasmToolchain> {
    let forced = env::var(FORCE).is_ok_and(|value| value == "debian");
    if !forced {
        let active = WasmToolchain {
            cargo: env::var_os("CARGO").unwrap_or("cargo".into()).into(),
            bin: None,
        };
        if has_target(Path::new("rustc")) {
            return Ok(active);
        }
        let added = step("Adding the wasm target with rustup", || {
            execute(Command::new("rustup").args(["target", "add", TARGET]))
        });
        match added {
            Ok(()) if has_target(Path::new("rustc")) => return Ok(active),
            Ok(()) => eprintln!("    rustup added it, but the active rustc does not find it"),
            Err(error) => eprintln!("    {error:#}"),
        }
    }
    debian_toolchain()
}

fn has_target(rustc: &Path) -> bool {
    let mut command = Command::new(rustc);
    command.args(["--print", "target-libdir", "--target", TARGET]);
    output(&mut command).is_ok_and(|folder| {
        fs::read_dir(folder).is_ok_and(|mut files| {
            files.any(|file| file.is_ok_and(|f| is_std(&f.file_name().to_string_lossy())))
        })
    })
}

fn is_std(file: &str) -> bool {
    file.starts_with("libstd-") && file.ends_with(".rlib")
}

fn debian_toolchain() -> Result<WasmToolchain> {
    let bin = PathBuf::from("/usr/bin");
    let rustc = bin.join("rustc");
    let toolchain = WasmToolchain { cargo: bin.join("cargo"), bin: Some(bin) };
    if !(rustc.exists() && has_target(&rustc)) {
        packages(&["rustc-web", "cargo-web", "rust-web-src", "lld-19"])?;
        step("Building the wasm standard library from Debian's sources (about a minute)", || {
            build_standard_library(&toolchain, &rustc)
        })?;
    }
    Ok(toolchain)
}

fn build_standard_library(toolchain: &WasmToolchain, rustc: &Path) -> Result<()> {
    // A folder of our own: anybody may write into the shared one.
    let work = env::temp_dir().join(format!("resilient-ai-wasm-std-{}", std::process::id()));
    fs::create_dir(&work).with_context(|| format!("{} cannot be made", work.display()))?;
    fs::create_dir(work.join("src"))?;
    fs::write(
        work.join("Cargo.toml"),
        "[package]\nname = \"standard-library\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [workspace]\n[profile.release]\ncodegen-units = 1\n",
    )?;
    fs::write(work.join("src/lib.rs"), "")?;
    execute(
        toolchain
            .cargo()?
            .current_dir(&work)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env("CARGO_TARGET_DIR", work.join("target"))
            .args(["build", "--release", "-Zbuild-std=std,panic_abort,test", "--target", TARGET]),
    )?;
    let host = output(Command::new(rustc).args(["--print", "target-libdir"]))?;
    let tools = Path::new(&host).parent().context("rustc names no library folder")?.join("bin");
    fs::create_dir_all(&tools)?;
    let linker = tools.join("rust-lld");
    if !linker.exists() {
        std::os::unix::fs::symlink("/usr/bin/lld-19", &linker)
            .with_context(|| format!("{} cannot be made", linker.display()))?;
    }
    let library = PathBuf::from(output(Command::new(rustc).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?);
    install(&work.join("target").join(TARGET).join("release/deps"), &library)?;
    fs::remove_dir_all(&work)?;
    Ok(())
}

/// Copies the compiled crates. The one that tells a whole library from none is the last, and appears
/// at once: what was interrupted is begun again.
fn install(built: &Path, library: &Path) -> Result<()> {
    fs::create_dir_all(library)
        .with_context(|| format!("{} cannot be written: run this as root", library.display()))?;
    let mut crates = Vec::new();
    for file in fs::read_dir(built)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.starts_with("lib") && name.ends_with(".rlib") && !name.contains("standard_library")
        {
            crates.push(name);
        }
    }
    crates.sort_by_key(|name| is_std(name));
    for name in crates {
        let copy = library.join(format!("{name}.part"));
        fs::copy(built.join(&name), &copy)?;
        fs::rename(&copy, library.join(&name))?;
    }
    Ok(())
}

/// Installs those of the Debian packages that are missing.
pub fn packages(names: &[&str]) -> Result<()> {
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| {
            !output(
                Command::new("dpkg-query")
                    .args(["-W", "-f=${Status}", name])
                    .stderr(std::process::Stdio::null()),
            )
            .is_ok_and(|status| status.ends_with("install ok installed"))
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !succeeds(Command::new("apt-get").arg("--version")) {
        bail!("these Debian packages are needed, and there is no apt-get: {list}");
    }
    step(&format!("Installing Debian packages: {list}"), || {
        let root = output(Command::new("id").arg("-u"))? == "0";
        let apt = |words: &[&str]| {
            let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
            if !root {
                command.arg("apt-get");
            }
            command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-y"]).args(words);
            execute(&mut command)
        };
        apt(&["update"])?;
        let mut words = vec!["install", "--no-install-recommends"];
        words.extend(&missing);
        apt(&words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_library_is_not_taken_for_whole() {
        let folder = env::temp_dir().join(format!("resilient-ai-setup-{}", std::process::id()));
        let (built, library) = (folder.join("built"), folder.join("library"));
        fs::create_dir_all(&built).unwrap();
        for name in ["libstd-1.rlib", "libcore-1.rlib", "libstandard_library-1.rlib", "core.d"] {
            fs::write(built.join(name), name).unwrap();
        }
        // A folder where the copy of a crate belongs stops the installation there.
        let obstacle = library.join("libcore-1.rlib.part");
        fs::create_dir_all(&obstacle).unwrap();
        assert!(install(&built, &library).is_err());
        assert!(!library.join("libstd-1.rlib").exists());
        fs::remove_dir(&obstacle).unwrap();
        install(&built, &library).unwrap();
        let mut found: Vec<_> = fs::read_dir(&library)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        assert_eq!(found, ["libcore-1.rlib", "libstd-1.rlib"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
