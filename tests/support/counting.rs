//! The bytes that are held, for the tests that nothing piles up.
//!
//! A test file that asks for them has to make [`Counting`] its `#[global_allocator]`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes that are allocated and not freed.
pub struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

/// The bytes allocated through [`Counting`] and not freed, by all threads together.
pub fn bytes_held() -> usize {
    HELD.load(Ordering::Relaxed)
}

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}
