//! Weights from a hash of their names: `tests/golden/README.md` describes the formula.

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

/// A safetensors file with the formula's tensors.
pub fn file(shapes: &[(String, Vec<usize>)]) -> Vec<u8> {
    let tensors: Vec<(&str, &[usize], Vec<u8>)> = shapes
        .iter()
        .map(|(name, shape)| {
            let bytes = tensor(name, shape).iter().flat_map(|value| value.to_le_bytes()).collect();
            (name.as_str(), shape.as_slice(), bytes)
        })
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap())
    });
    serialize(views, None).unwrap()
}

/// The formula's tensors, read as any other weights.
pub fn archive(shapes: &[(String, Vec<usize>)]) -> Archive {
    Archive::parse(file(shapes)).unwrap()
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
    shapes.linear("classifier", classes);
    shapes.0
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
    shapes.linear("classifier.1", classes);
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

    fn linear(&mut self, name: &str, classes: usize) {
        self.0.push((format!("{name}.weight"), vec![classes, 1280]));
        self.0.push((format!("{name}.bias"), vec![classes]));
    }
}
