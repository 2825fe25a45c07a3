//! A run of the engine holds as much after a thousand steps as after ten, whatever it reports.

mod support;

use std::cell::Cell;
use std::rc::Rc;

use burn::tensor::Device;
use resilient_ai::engine::import::{self, Model};
use resilient_ai::engine::observer::Observer;
use resilient_ai::engine::run::{Advance, Run};
use resilient_ai::engine::work::Work;
use resilient_ai::protocol::{
    AttackSettings, Goal, Loss, Method, Norm, Picture, Problem, Progress, RunRequest,
};
use resilient_ai::vision::Classifier;
use support::counting::{Counting, bytes_held};
use support::models::SmallModel;
use support::{block_on, formula};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SIDE: u32 = 32;
/// One picture as the device holds it, in bytes.
const PICTURE: usize = 3 * (SIDE * SIDE * 4) as usize;

/// Counts the reported steps, and keeps none.
#[derive(Default)]
struct Counter(Cell<u32>);

impl Observer for Counter {
    fn report(&self, progress: Progress) {
        if let Progress::Step(_) = progress {
            self.0.set(self.0.get() + 1);
        }
    }

    async fn pause(&self) -> Result<(), Problem> {
        Ok(())
    }
}

/// The shipped network's operations. How it was trained to see its pictures is nothing to its memory.
fn flowers(device: &Device) -> Model {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/models/mobilenet_v2_flowers/model.safetensors");
    import::own_model("flowers", std::fs::read(path).unwrap(), None, device).unwrap()
}

fn small(device: &Device) -> SmallModel {
    let first = formula::tensor("small.first.weight", &[3 * (SIDE * SIDE) as usize, 8]);
    SmallModel::smooth(first, formula::tensor("small.second.weight", &[8, 4]), 4, device)
}

/// Bytes held after ten steps, and at the end of so many.
fn held(model: Rc<dyn Classifier>, method: Method, norm: Norm, steps: u32) -> [usize; 2] {
    let (device, counter) = (Device::flex(), Counter::default());
    let work = Work { device: &device, observer: &counter, clock: || 0.0 };
    let rgb = (0..3 * SIDE * SIDE).map(|at| (at * 37 % 251) as u8).collect();
    let settings = AttackSettings {
        method,
        loss: Loss::CrossEntropy,
        norm,
        epsilon: 0.03,
        step_size: 0.003,
        steps,
        random_start: true,
        seed: 1,
        restarts: 1,
        early_stop: false,
    };
    let request = RunRequest {
        run: 1,
        model: String::new(),
        picture: Picture { width: SIDE, height: SIDE, rgb },
        goal: Goal::Untargeted { label: None },
        settings,
    };
    let (mut run, _) = block_on(Run::open(&work, model, request)).unwrap();
    let mut held_after = |steps, every, perturbation| {
        let advance = Advance { steps, every, perturbation };
        let ended = block_on(run.advance(&work, advance)).unwrap();
        (ended, bytes_held())
    };
    let (_, early) = held_after(10, 1, true);
    // Some unseen, some read, some with their picture.
    let third = (steps - 10) / 3;
    held_after(third, 0, false);
    assert_eq!(counter.0.take(), 10);
    held_after(third, 1, false);
    let (ended, late) = held_after(steps, 3, true);
    assert!(ended && counter.0.take() > third);
    [early, late]
}

#[test]
fn a_thousand_steps_hold_no_more_than_ten() {
    let device = Device::flex();
    let cases: [(Rc<dyn Classifier>, _, _, _); 3] = [
        (Rc::new(small(&device)), Method::Pgd, Norm::Linf, 1000),
        (Rc::new(small(&device)), Method::AdamOnDelta, Norm::L2, 1000),
        (Rc::new(flowers(&device)), Method::Pgd, Norm::Linf, 40),
    ];
    for (model, method, norm, steps) in cases {
        let name = model.name().to_owned();
        let [early, late] = held(model, method, norm, steps);
        eprintln!("{name} {method:?} {norm:?}: {early} bytes after 10 steps, {late} after {steps}");
        // A graph that stayed would be at least a picture for each step.
        assert!(late.saturating_sub(early) < PICTURE, "{name} {method:?} {norm:?}");
    }
}
