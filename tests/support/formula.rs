//! Weights from a hash of their names: `tests/golden/README.md` describes the formula.

use resilient_ai::safety::Config;
use resilient_ai::weights::Archive;
use safetensors::tensor::{Dtype, TensorView, serialize};

fn fnv1a64(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn splitmix64(x: u64) -> u64 {
    let z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The formula's numbers in [0, 1) for a name.
fn uniform(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let seed = fnv1a64(name);
    (0..count as u64)
        .map(move |i| (splitmix64(seed.wrapping_add(i)) >> 40) as f64 / f64::from(1 << 24))
}

/// The formula's tensor of that name and shape.
pub fn tensor(name: &str, shape: &[usize]) -> Vec<f32> {
    let fan_in: usize = shape[1..].iter().product();
    let centred = |scale: f64| move |u: f64| (2.0 * u - 1.0) * scale;
    let value: Box<dyn Fn(f64) -> f64> = if name == "input" {
        Box::new(|u| u)
    } else if name.ends_with("bias") || name.ends_with("running_mean") {
        Box::new(centred(0.2))
    } else if shape.len() == 1 {
        Box::new(|u| 0.5 + u)
    } else if shape.len() == 2 {
        Box::new(centred((1.0 / fan_in as f64).sqrt()))
    } else {
        Box::new(centred((6.0 / fan_in as f64).sqrt()))
    };
    uniform(name, shape.iter().product()).map(|u| value(u) as f32).collect()
}

/// A safetensors file with the formula's tensors, the weights of norms multiplied by `gain`.
pub fn file(shapes: &[(String, Vec<usize>)], gain: f64) -> Vec<u8> {
    let tensors: Vec<(&str, &[usize], Vec<u8>)> = shapes
        .iter()
        .map(|(name, shape)| {
            let mut values = tensor(name, shape);
            if shape.len() == 1 && name.ends_with("weight") {
                values.iter_mut().for_each(|value| *value = (f64::from(*value) * gain) as f32);
            }
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            (name.as_str(), shape.as_slice(), bytes)
        })
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap())
    });
    serialize(views, None).unwrap()
}

/// The formula's tensors, read as any other weights.
pub fn archive(shapes: &[(String, Vec<usize>)], gain: f64) -> Archive {
    Archive::parse(file(shapes, gain)).unwrap()
}

/// Names and shapes of timm's `mobilenetv2_100`.
pub fn timm_shapes(classes: usize) -> Vec<(String, Vec<usize>)> {
    let mut shapes = Shapes::default();
    shapes.conv("conv_stem", "bn1", [32, 3, 3, 3]);
    for block in blocks() {
        let name = format!("blocks.{}.{}", block.stage, block.repeat);
        let (inputs, hidden, outputs) = (block.inputs, block.hidden, block.outputs);
        let norm = |i: usize| format!("{name}.bn{i}");
        if hidden == inputs {
            shapes.conv(&format!("{name}.conv_dw"), &norm(1), [hidden, 1, 3, 3]);
            shapes.conv(&format!("{name}.conv_pw"), &norm(2), [outputs, hidden, 1, 1]);
        } else {
            shapes.conv(&format!("{name}.conv_pw"), &norm(1), [hidden, inputs, 1, 1]);
            shapes.conv(&format!("{name}.conv_dw"), &norm(2), [hidden, 1, 3, 3]);
            shapes.conv(&format!("{name}.conv_pwl"), &norm(3), [outputs, hidden, 1, 1]);
        }
    }
    shapes.conv("conv_head", "bn2", [1280, 320, 1, 1]);
    shapes.biased("classifier", [classes, 1280]);
    shapes.0
}

/// The sizes of one of timm's EfficientNets.
#[derive(Clone, Copy)]
pub struct EfficientNetSizes {
    pub stem: usize,
    /// Repeats and output channels of each stage.
    pub stages: [(usize, usize); 7],
    pub head: usize,
    pub squeeze_excite: bool,
}

pub const EFFICIENTNET_B0: EfficientNetSizes = EfficientNetSizes {
    stem: 32,
    stages: [(1, 16), (2, 24), (2, 40), (3, 80), (3, 112), (4, 192), (1, 320)],
    head: 1280,
    squeeze_excite: true,
};
pub const EFFICIENTNET_LITE0: EfficientNetSizes =
    EfficientNetSizes { squeeze_excite: false, ..EFFICIENTNET_B0 };
pub const EFFICIENTNET_B1: EfficientNetSizes = EfficientNetSizes {
    stages: [(2, 16), (3, 24), (3, 40), (4, 80), (4, 112), (5, 192), (2, 320)],
    ..EFFICIENTNET_B0
};
pub const EFFICIENTNET_B2: EfficientNetSizes = EfficientNetSizes {
    stages: [(2, 16), (3, 24), (3, 48), (4, 88), (4, 120), (5, 208), (2, 352)],
    head: 1408,
    ..EFFICIENTNET_B0
};
pub const EFFICIENTNET_B3: EfficientNetSizes = EfficientNetSizes {
    stem: 40,
    stages: [(2, 24), (3, 32), (3, 48), (5, 96), (5, 136), (6, 232), (2, 384)],
    head: 1536,
    squeeze_excite: true,
};
pub const EFFICIENTNET_B4: EfficientNetSizes = EfficientNetSizes {
    stem: 48,
    stages: [(2, 24), (4, 32), (4, 56), (6, 112), (6, 160), (8, 272), (2, 448)],
    head: 1792,
    squeeze_excite: true,
};

/// Names and shapes of timm's `tf_efficientnet_b0` to `b4` and `tf_efficientnet_lite0`.
pub fn efficientnet_shapes(sizes: EfficientNetSizes, classes: usize) -> Vec<(String, Vec<usize>)> {
    const KERNELS: [usize; 7] = [3, 3, 5, 3, 5, 5, 3];
    let mut shapes = Shapes::default();
    shapes.conv("conv_stem", "bn1", [sizes.stem, 3, 3, 3]);
    let mut inputs = sizes.stem;
    for (stage, ((repeats, outputs), kernel)) in sizes.stages.into_iter().zip(KERNELS).enumerate() {
        for repeat in 0..repeats {
            let name = format!("blocks.{stage}.{repeat}");
            let norm = |i: usize| format!("{name}.bn{i}");
            let hidden = if stage == 0 { inputs } else { 6 * inputs };
            let mut next = 1;
            if stage > 0 {
                shapes.conv(&format!("{name}.conv_pw"), &norm(1), [hidden, inputs, 1, 1]);
                next = 2;
            }
            let depthwise = [hidden, 1, kernel, kernel];
            shapes.conv(&format!("{name}.conv_dw"), &norm(next), depthwise);
            if sizes.squeeze_excite {
                let reduced = inputs / 4;
                shapes.biased(&format!("{name}.se.conv_reduce"), [reduced, hidden, 1, 1]);
                shapes.biased(&format!("{name}.se.conv_expand"), [hidden, reduced, 1, 1]);
            }
            let project = if stage > 0 { "conv_pwl" } else { "conv_pw" };
            shapes.conv(&format!("{name}.{project}"), &norm(next + 1), [outputs, hidden, 1, 1]);
            inputs = outputs;
        }
    }
    shapes.conv("conv_head", "bn2", [sizes.head, inputs, 1, 1]);
    shapes.biased("classifier", [classes, sizes.head]);
    shapes.0
}

/// Names and shapes of the tensors of Transformers' `Gemma2ForCausalLM`.
pub fn gemma2_shapes(config: &Config) -> Vec<(String, Vec<usize>)> {
    let (hidden, size) = (config.hidden, config.head_dim);
    let mut shapes = vec![
        ("model.embed_tokens.weight".to_owned(), vec![config.vocabulary, hidden]),
        ("model.norm.weight".to_owned(), vec![hidden]),
    ];
    for layer in 0..config.layers() {
        let mut add = |part: &str, shape: &[usize]| {
            shapes.push((format!("model.layers.{layer}.{part}.weight"), shape.to_vec()));
        };
        add("self_attn.q_proj", &[config.heads * size, hidden]);
        add("self_attn.k_proj", &[config.kv_heads * size, hidden]);
        add("self_attn.v_proj", &[config.kv_heads * size, hidden]);
        add("self_attn.o_proj", &[hidden, config.heads * size]);
        add("mlp.gate_proj", &[config.intermediate, hidden]);
        add("mlp.up_proj", &[config.intermediate, hidden]);
        add("mlp.down_proj", &[hidden, config.intermediate]);
        for norm in [
            "input_layernorm",
            "post_attention_layernorm",
            "pre_feedforward_layernorm",
            "post_feedforward_layernorm",
        ] {
            add(norm, &[hidden]);
        }
    }
    shapes
}

/// Names and shapes of torchvision's `mobilenet_v2`.
pub fn torchvision_shapes(classes: usize) -> Vec<(String, Vec<usize>)> {
    let mut shapes = Shapes::default();
    shapes.conv("features.0.0", "features.0.1", [32, 3, 3, 3]);
    for (index, block) in blocks().into_iter().enumerate() {
        let name = format!("features.{}.conv", index + 1);
        let (inputs, hidden, outputs) = (block.inputs, block.hidden, block.outputs);
        let mut child = 0;
        if hidden != inputs {
            let norm = format!("{name}.0.1");
            shapes.conv(&format!("{name}.0.0"), &norm, [hidden, inputs, 1, 1]);
            child = 1;
        }
        let norm = format!("{name}.{child}.1");
        shapes.conv(&format!("{name}.{child}.0"), &norm, [hidden, 1, 3, 3]);
        let (conv, norm) = (format!("{name}.{}", child + 1), format!("{name}.{}", child + 2));
        shapes.conv(&conv, &norm, [outputs, hidden, 1, 1]);
    }
    shapes.conv("features.18.0", "features.18.1", [1280, 320, 1, 1]);
    shapes.biased("classifier.1", [classes, 1280]);
    shapes.0
}

struct Block {
    stage: usize,
    repeat: usize,
    inputs: usize,
    hidden: usize,
    outputs: usize,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut inputs = 32;
    let stages =
        [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)];
    for (stage, (expansion, outputs, repeats)) in stages.into_iter().enumerate() {
        for repeat in 0..repeats {
            blocks.push(Block { stage, repeat, inputs, hidden: inputs * expansion, outputs });
            inputs = outputs;
        }
    }
    blocks
}

#[derive(Default)]
struct Shapes(Vec<(String, Vec<usize>)>);

impl Shapes {
    fn conv(&mut self, conv: &str, norm: &str, shape: [usize; 4]) {
        self.0.push((format!("{conv}.weight"), shape.to_vec()));
        for part in ["weight", "bias", "running_mean", "running_var"] {
            self.0.push((format!("{norm}.{part}"), vec![shape[0]]));
        }
    }

    fn biased<const D: usize>(&mut self, name: &str, shape: [usize; D]) {
        self.0.push((format!("{name}.weight"), shape.to_vec()));
        self.0.push((format!("{name}.bias"), vec![shape[0]]));
    }
}
