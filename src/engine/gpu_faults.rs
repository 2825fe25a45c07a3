//! What a GPU complains of on its own time, outside the call that caused it. Unheard, it would end the
//! engine; some of it is no mistake, but says that this GPU cannot do what was asked.

use std::cell::{Cell, RefCell};

use crate::protocol::Problem;
#[cfg(any(feature = "webgpu", test))]
use crate::protocol::ProblemKind;

thread_local! {
    /// The first complaint since the last [`take`].
    static FAULT: RefCell<Option<Problem>> = const { RefCell::new(None) };
    static TRYING: Cell<bool> = const { Cell::new(false) };
}

/// Says that something is tried which this GPU may refuse: until it is dropped, a refusal is a fault like
/// want of memory.
#[derive(Debug)]
pub struct Trying;

impl Trying {
    /// From now on.
    pub fn begin() -> Self {
        TRYING.set(true);
        Self
    }
}

impl Drop for Trying {
    fn drop(&mut self) {
        TRYING.set(false);
    }
}

/// What the GPU has complained of, once.
pub fn take() -> Option<Problem> {
    FAULT.take()
}

/// Takes note of a complaint. Whatever follows a noted one follows from it.
///
/// # Panics
/// At what can only be a mistake of ours. The engine is then ended and started again.
#[cfg(feature = "webgpu")]
pub fn hear(error: &wgpu::Error) {
    let kind = match error {
        wgpu::Error::OutOfMemory { .. } => ProblemKind::OutOfGpuMemory,
        _ if FAULT.with_borrow(Option::is_some) => return,
        _ if TRYING.get() => ProblemKind::SelfCheckFailed,
        other => panic!("the GPU refuses what was asked of it: {other}"),
    };
    note(Problem::new(kind, "WebGPU", error));
}

#[cfg(any(feature = "webgpu", test))]
fn note(problem: Problem) {
    FAULT.with_borrow_mut(|fault| {
        fault.get_or_insert(problem);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fault_is_told_once() {
        assert_eq!(take(), None);
        for detail in ["first", "second"] {
            note(Problem::new(ProblemKind::OutOfGpuMemory, "WebGPU", detail));
        }
        assert_eq!(take().map(|fault| fault.detail).as_deref(), Some("first"));
        assert_eq!(take(), None);
    }

    #[test]
    fn a_trial_ends_with_its_scope() {
        let trying = Trying::begin();
        assert!(TRYING.get());
        drop(trying);
        assert!(!TRYING.get());
    }
}
