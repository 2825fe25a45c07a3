//! What the engine's native tests share.

use std::{
    cell::RefCell,
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, Waker},
};

use burn::tensor::{Device, Tensor};

use super::{observer::Observer, question::shown_policy, work::Work};
use crate::{
    protocol::{
        AttackSettings, ControlTokens, Exchange, JudgeRequest, Loss, Method, Norm, Picture,
        Problem, ProblemKind, Progress, UseCase,
    },
    safety::{Config, Guard, Policy, Tokenizer},
    vision::{Classifier, PixelTensor},
    weights::Archive,
};

/// Runs a future that waits for nothing outside, as all work on the CPU does.
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

/// A clock that ticks each time somebody looks at it.
pub fn ticking_clock() -> f64 {
    static TICKS: AtomicU64 = AtomicU64::new(0);
    TICKS.fetch_add(1, Ordering::Relaxed) as f64
}

/// Writes everything down, and cancels after so many pauses.
#[derive(Debug)]
pub struct Recorder {
    pub progress: RefCell<Vec<Progress>>,
    pauses_left: RefCell<usize>,
}

impl Recorder {
    pub fn patient() -> Self {
        Self::cancelling_after(usize::MAX)
    }

    pub fn cancelling_after(pauses: usize) -> Self {
        Self { progress: RefCell::default(), pauses_left: RefCell::new(pauses) }
    }
}

impl Observer for Recorder {
    fn report(&self, progress: Progress) {
        self.progress.borrow_mut().push(progress);
    }

    async fn pause(&self) -> Result<(), Problem> {
        let mut left = self.pauses_left.borrow_mut();
        match left.checked_sub(1) {
            Some(fewer) => {
                *left = fewer;
                Ok(())
            }
            None => Err(Problem::new(ProblemKind::Cancelled, "job", "cancelled")),
        }
    }
}

/// Work on the CPU for a recorder.
pub fn work<'a>(device: &'a Device, observer: &'a Recorder) -> Work<'a, Recorder> {
    Work { device, observer, clock: ticking_clock }
}

/// Three classes: the mean of red, of green and of blue, times 20.
pub struct MeanColour;

impl Classifier for MeanColour {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        let [n, channels, height, width] = pixels.dims();
        let flat: Tensor<3> = pixels.inner().clone().reshape([n, channels, height * width]);
        let means: Tensor<2> = flat.mean_dim(2).reshape([n, channels]);
        means * 20.0
    }

    fn input_size(&self) -> usize {
        32
    }

    fn num_classes(&self) -> usize {
        3
    }

    fn name(&self) -> &str {
        "mean colour"
    }
}

/// [`MeanColour`] whose logits go through a function.
pub struct Bent(pub fn(Tensor<2>) -> Tensor<2>);

impl Classifier for Bent {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        (self.0)(MeanColour.logits(pixels))
    }

    fn input_size(&self) -> usize {
        32
    }

    fn num_classes(&self) -> usize {
        3
    }

    fn name(&self) -> &str {
        "bent"
    }
}

/// PGD in Linf with cross-entropy, from the picture itself.
pub fn pgd(epsilon: f32, step_size: f32, steps: u32) -> AttackSettings {
    AttackSettings {
        method: Method::Pgd,
        loss: Loss::CrossEntropy,
        norm: Norm::Linf,
        epsilon,
        step_size,
        steps,
        random_start: false,
        seed: 0,
        restarts: 1,
        early_stop: false,
    }
}

/// A square of one colour.
pub fn plain(side: u32, colour: [u8; 3]) -> Picture {
    Picture { width: side, height: side, rgb: colour.repeat((side * side) as usize) }
}

/// The bytes of a safetensors file with these tensors, in f32, and this description.
pub fn safetensors(tensors: &[NamedTensor], description: &[(&str, &str)]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    if !description.is_empty() {
        let entries: serde_json::Map<_, _> =
            description.iter().map(|(key, text)| (key.to_string(), (*text).into())).collect();
        header.insert("__metadata__".to_owned(), entries.into());
    }
    let mut data: Vec<u8> = Vec::new();
    for (name, shape, values) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let info = serde_json::json!({
            "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]
        });
        header.insert(name.clone(), info);
    }
    let header = serde_json::Value::Object(header).to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

/// One of the golden files about guards: `tokenizer` or `texts`.
pub fn guard_file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    std::fs::read(format!("{folder}/gemma2_{name}.json")).unwrap()
}

/// The configuration of a small network for the golden tokenizer.
pub fn guard_config() -> String {
    let texts: serde_json::Value = serde_json::from_slice(&guard_file("texts")).unwrap();
    texts["config"].to_string()
}

/// A tensor of f32: name, shape, numbers.
pub type NamedTensor = (String, Vec<usize>, Vec<f32>);

/// Weights for it, of no particular meaning.
pub fn guard_weights() -> Vec<u8> {
    safetensors(&guard_tensors(), &[])
}

/// The tensors of these weights.
pub fn guard_tensors() -> Vec<NamedTensor> {
    let Config { vocabulary, hidden, intermediate, heads, kv_heads, head_dim, windows, .. } =
        Config::parse(&guard_config()).unwrap();
    let mut state = 1_u64;
    let mut tensors = Vec::new();
    let mut add = |name: String, shape: &[usize]| {
        let mut number = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        };
        let values = (0..shape.iter().product()).map(|_| number() * 0.3).collect();
        tensors.push((format!("model.{name}.weight"), shape.to_vec(), values));
    };
    add("embed_tokens".to_owned(), &[vocabulary, hidden]);
    add("norm".to_owned(), &[hidden]);
    for layer in 0..windows.len() {
        let mut add = |part: &str, shape: &[usize]| add(format!("layers.{layer}.{part}"), shape);
        add("self_attn.q_proj", &[heads * head_dim, hidden]);
        add("self_attn.k_proj", &[kv_heads * head_dim, hidden]);
        add("self_attn.v_proj", &[kv_heads * head_dim, hidden]);
        add("self_attn.o_proj", &[hidden, heads * head_dim]);
        add("mlp.gate_proj", &[intermediate, hidden]);
        add("mlp.up_proj", &[intermediate, hidden]);
        add("mlp.down_proj", &[hidden, intermediate]);
        for place in ["input", "post_attention", "pre_feedforward", "post_feedforward"] {
            add(&format!("{place}_layernorm"), &[hidden]);
        }
    }
    tensors
}

/// A guard of these that reads 1024 tokens.
pub fn guard() -> Guard {
    let config = Config::parse(&guard_config()).unwrap();
    let tokenizer = Tokenizer::parse(&guard_file("tokenizer")).unwrap();
    let archive = Archive::parse(guard_weights()).unwrap();
    Guard::new(&config, tokenizer, archive, 1024, &Device::flex()).unwrap()
}

/// A request to judge a prompt by the four policies.
pub fn judge_request(prompt: &str) -> JudgeRequest {
    JudgeRequest {
        guard: "g".to_owned(),
        use_case: UseCase::PromptOnly,
        exchange: Exchange { prompt: prompt.to_owned(), response: None },
        policies: Policy::defaults().into_iter().map(shown_policy).collect(),
        normalise: false,
        control_tokens: ControlTokens::Escaped,
    }
}
