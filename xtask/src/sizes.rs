//! How much a visitor downloads.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::shell::root;

/// The most that the engine which every visitor downloads may weigh, in bytes with Brotli.
const MAX_ENGINE_CPU: u64 = 1_000_000;

/// A shipped file, in bytes as it lies there and as a web server with Brotli sends it.
#[derive(Serialize)]
pub struct Size {
    pub file: String,
    pub raw: u64,
    pub brotli: u64,
}

/// Every file under `folder`, largest first.
fn measure(folder: &Path) -> Result<Vec<Size>> {
    let mut sizes = files(folder)?
        .into_iter()
        .map(|path| {
            let file = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            let raw = fs::metadata(&path)?.len();
            // Packed weights do not become smaller, and there may be gigabytes of them.
            let brotli = if is_piece(&path) { raw } else { brotli_size(&fs::read(&path)?)? };
            Ok(Size { file, raw, brotli })
        })
        .collect::<Result<Vec<_>>>()?;
    sizes.sort_by_key(|size| std::cmp::Reverse(size.raw));
    Ok(sizes)
}

/// Prints a table of the code that is shipped, and returns the sizes of all files.
pub fn report(out: &Path) -> Result<Vec<Size>> {
    let sizes = measure(&root().join(out))?;
    println!("{:>10} {:>10}  file", "raw KB", "Brotli KB");
    for size in &sizes {
        let code = [".wasm", ".js", ".css", ".html"].iter().any(|end| size.file.ends_with(end));
        if code && size.raw > 1000 {
            let kilobytes = |bytes: u64| bytes as f64 / 1000.0;
            println!(
                "{:>10.1} {:>10.1}  {}",
                kilobytes(size.raw),
                kilobytes(size.brotli),
                size.file
            );
        }
    }
    Ok(sizes)
}

/// Refuses a CPU engine that has grown too heavy.
pub fn check(sizes: &[Size]) -> Result<()> {
    let is_engine =
        |size: &&Size| size.file.starts_with("assets/engine-cpu-") && size.file.ends_with(".wasm");
    let engine = sizes.iter().find(is_engine).context("the site has no CPU engine")?;
    if engine.brotli > MAX_ENGINE_CPU {
        let (file, found) = (&engine.file, engine.brotli);
        bail!("{file} has {found} bytes with Brotli, and {MAX_ENGINE_CPU} are allowed");
    }
    Ok(())
}

/// Whether a file is a piece of a larger one: `model.safetensors.000`.
pub fn is_piece(path: &Path) -> bool {
    let number = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let whole = path.file_stem().map(Path::new).and_then(Path::extension);
    whole.is_some_and(|kind| kind == "safetensors") && number.bytes().all(|b| b.is_ascii_digit())
}

/// Every file under `folder`, in order of their names.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn brotli_size(bytes: &[u8]) -> Result<u64> {
    // Quality 9 is within a few per cent of 11 and an order of magnitude faster.
    let mut counter = Counter(0);
    let mut encoder = brotli::CompressorWriter::new(&mut counter, 1 << 16, 9, 22);
    io::Write::write_all(&mut encoder, bytes)?;
    drop(encoder);
    Ok(counter.0)
}

struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(file: &str, brotli: u64) -> Size {
        Size { file: file.to_owned(), raw: 3 * brotli, brotli }
    }

    #[test]
    fn pieces_are_known_by_their_names() {
        assert!(is_piece(Path::new("models/a/model.safetensors.012")));
        for other in ["model.safetensors", "model.safetensors.new", "pieces.json", "a.000", ""] {
            assert!(!is_piece(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn a_heavy_engine_is_refused() {
        let wasm = "assets/engine-cpu-0123/engine_bg.wasm";
        let other = size("assets/engine-gpu-4567/engine_bg.wasm", 2_900_000);
        assert!(check(&[size(wasm, MAX_ENGINE_CPU), other]).is_ok());
        assert!(check(&[size(wasm, MAX_ENGINE_CPU + 1)]).is_err());
        assert!(check(&[size("assets/page-89ab/page_bg.wasm", 1)]).is_err());
    }
}
