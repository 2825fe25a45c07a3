//! How much room there is on a disk.

use std::path::Path;
use std::process::Command;

use crate::Outcome;

/// Refuses if fewer than `needed` bytes are free where the folder is. What cannot be found out is no
/// reason to refuse: a full disk is told when it is full.
pub fn check(folder: &Path, needed: u64) -> Outcome<()> {
    match free(folder) {
        Some(free) if free < needed => Err(format!(
            "{} has {} free, and {} are needed. Make room and run it again",
            folder.display(),
            megabytes(free),
            megabytes(needed)
        )),
        _ => Ok(()),
    }
}

/// A size as people read it.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}

/// As POSIX's `df` says.
fn free(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    available(&String::from_utf8_lossy(&output.stdout))
}

fn available(table: &str) -> Option<u64> {
    let blocks: u64 = table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(blocks * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                     /dev/vda 263940716 38000000 55000000 41% /\n";
        assert_eq!(available(table), Some(55_000_000 * 1024));
        assert_eq!(available("Filesystem\n"), None);
        assert!(free(&std::env::temp_dir()).is_some_and(|free| free > 0));
        assert!(check(&std::env::temp_dir(), 0).is_ok());
        let error = check(&std::env::temp_dir(), u64::MAX).unwrap_err();
        assert!(error.contains("needed"), "{error}");
    }
}
