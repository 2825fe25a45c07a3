//! From the published files to a folder of pieces, slab by slab.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use resilient_ai::weights::packing::Slab;

use crate::papers::{self, Papers, WEIGHTS};
use crate::piece_files::PieceFiles;
use crate::progress::Progress;
use crate::source::Source;
use crate::space::{self, megabytes};
use crate::{Outcome, about};

/// What the other files of the folder need besides the tokenizer.
const PAPERS_BYTES: u64 = 1 << 20;
/// Lines that tell how far it is.
const TELLINGS: usize = 10;

/// Packs what is in `source`. Only when all of it is done is there a folder `target`, in the place of
/// an earlier one.
pub fn run(source: &Path, target: &Path) -> Outcome<()> {
    let id = target.file_name().and_then(|name| name.to_str());
    let id = id.ok_or_else(|| format!("{} has no name", target.display()))?;
    if target.exists() && !target.join(papers::ENTRY).exists() {
        return Err(format!("{} holds something else: choose another name", target.display()));
    }
    let source = Source::open(source)?;
    let unfinished = unfinished(target, id);
    fs::create_dir_all(&unfinished).map_err(about(&unfinished))?;
    pack(&source, &unfinished)?;
    finish(&source, id, &unfinished)?;
    if target.exists() {
        fs::remove_dir_all(target).map_err(about(target))?;
    }
    fs::rename(&unfinished, target).map_err(about(target))?;
    println!("{} holds {id}, {} in all", target.display(), megabytes(source.plan.bytes()));
    println!("{}", papers::DUTIES);
    Ok(())
}

/// Where it is packed until it is whole.
fn unfinished(target: &Path, id: &str) -> PathBuf {
    target.with_file_name(format!("{id}.unfinished"))
}

/// Packs the slabs that an earlier run has not.
fn pack(source: &Source, folder: &Path) -> Outcome<()> {
    let plan = &source.plan;
    let pieces = PieceFiles::new(folder, WEIGHTS, plan.bytes());
    let digest = plan.digest();
    let mut progress = match Progress::read(folder, &digest, &source.identity) {
        Some(progress) => {
            println!("Going on: {} of {} parts are packed", progress.slabs, plan.slabs().len());
            progress
        }
        None => {
            fs::remove_dir_all(folder)
                .and_then(|()| fs::create_dir_all(folder))
                .map_err(about(folder))?;
            Progress { digest, sources: source.identity.clone(), slabs: 0 }
        }
    };
    let rest = plan.slabs().get(progress.slabs..).unwrap_or_default();
    let needed: u64 = rest.iter().map(Slab::packed_bytes).sum();
    space::check(folder, needed + source.tokenizer_json.len() as u64 + PAPERS_BYTES)?;
    pieces.write(0, plan.header())?;
    let begin = Instant::now();
    let mut read = 0;
    for slab in rest {
        let bytes = source.read(slab.source, slab.start, slab.length)?;
        let packed = slab.pack(&bytes);
        for (offset, bytes) in packed.map_err(about(Path::new(source.name(slab.source))))? {
            pieces.write(offset, &bytes)?;
        }
        progress.slabs += 1;
        progress.write(folder)?;
        read += slab.length as u64;
        tell(progress.slabs, plan.slabs().len(), read, begin);
    }
    Ok(())
}

/// Says how far it is, now and then.
fn tell(done: usize, all: usize, read: u64, begin: Instant) {
    let step = |slabs: usize| slabs * TELLINGS / all.max(1);
    if step(done) > step(done.saturating_sub(1)) {
        let seconds = begin.elapsed().as_secs_f64().max(1e-3);
        let speed = read as f64 / 1e6 / seconds;
        println!("{:>3} % after {seconds:.0} s, {speed:.0} MB/s", 100 * done / all.max(1));
    }
}

/// Writes what goes with the weights.
fn finish(source: &Source, id: &str, folder: &Path) -> Outcome<()> {
    let pieces = PieceFiles::new(folder, WEIGHTS, source.plan.bytes()).list()?;
    let papers = Papers { id, source, pieces: &pieces };
    for (name, bytes) in papers.files()? {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(about(&path))?;
    }
    Progress::remove(folder)
}
