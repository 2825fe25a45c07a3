//! An attack holds as much after a thousand steps as after ten.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::Tensor;
use burn::tensor::Device;
use resilient_ai::attacks::{Attack, AttackConfig, Goal, Norm, Running, ThreatModel, UpdateRule};
use resilient_ai::vision::PixelTensor;
use support::models::SmallModel;
use support::{block_on, formula};

/// Counts the bytes that are allocated and not freed.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

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

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SIDE: usize = 16;
/// One batch of pictures in bytes.
const BATCH: usize = 2 * 3 * SIDE * SIDE * 4;

/// Bytes held when the attack stands before that step.
fn held_before(running: &mut Running<'_>, step: usize) -> usize {
    while running.position().step < step {
        let read = running.position().step.is_multiple_of(7);
        drop(block_on(running.step(read)).unwrap());
    }
    HELD.load(Ordering::Relaxed)
}

#[test]
fn a_thousand_steps_hold_no_more_than_ten() {
    let device = Device::flex();
    let first = formula::tensor("small.first.weight", &[3 * SIDE * SIDE, 8]);
    let second = formula::tensor("small.second.weight", &[8, 4]);
    let model = SmallModel::smooth(first, second, 4, &device);
    let pixels = PixelTensor::clamp_from(Tensor::full([2, 3, SIDE, SIDE], 0.5, &device));
    for rule in [UpdateRule::Gradient, UpdateRule::Momentum { decay: 1.0 }, UpdateRule::Adam] {
        for norm in [Norm::Linf, Norm::L2] {
            let config = AttackConfig { rule, ..AttackConfig::pgd(1e-3, 1000, 1) };
            let threat = ThreatModel::new(norm, 0.1).unwrap();
            let attack = Attack::new(config).unwrap();
            let goal = Goal::Untargeted(vec![0, 1]);
            let mut running = attack.start(&model, &pixels, &goal, &threat).unwrap();
            let early = held_before(&mut running, 10);
            let late = held_before(&mut running, 1000);
            // A graph that stayed would be at least a batch for each step.
            let grown = late.saturating_sub(early);
            eprintln!("{rule:?} {norm}: {early} bytes, then {late}");
            assert!(grown < BATCH, "{rule:?} {norm}: {early} bytes, then {late}");
        }
    }
}
