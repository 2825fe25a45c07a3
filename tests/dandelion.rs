//! The lesson's first attack, on the shipped photograph, square and weights: what the model's card,
//! `metrics.json` and the lesson say of the dandelion is what the page computes.

mod support;

use std::path::Path;

use burn::tensor::Device;
use resilient_ai::attacks::{FgsmGradient, Goal, Norm, ThreatModel, fgsm_at, fgsm_gradient};
use resilient_ai::vision::picture::decode;
use resilient_ai::vision::{Classifier, MobileNetV2, ModelSpec, PixelTensor};
use resilient_ai::weights::{Archive, Manifest};
use serde_json::Value;
use support::{best, values};

const MODEL: &str = "mobilenet_v2_flowers";
const METRICS: &str = "models/mobilenet_v2_flowers/metrics.json";
/// The class of the model that is called dandelion.
const DANDELION: usize = 1;
const SUNFLOWERS: usize = 3;

/// A file of the project.
fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn json(path: &str) -> Value {
    serde_json::from_slice(&file(path)).unwrap()
}

fn model(device: &Device) -> MobileNetV2 {
    let manifest = String::from_utf8(file("models/manifest.json")).unwrap();
    let manifest = Manifest::parse(&manifest).unwrap();
    let entry = manifest.get(MODEL).unwrap();
    let spec = ModelSpec {
        name: entry.id.clone(),
        names: entry.names,
        padding: entry.padding,
        mean: entry.mean,
        std: entry.std,
        num_classes: entry.num_classes,
        input_size: entry.input_size,
    };
    let archive = Archive::parse(file(&format!("models/{}", entry.weights.url))).unwrap();
    MobileNetV2::load(&archive, &spec, device).unwrap()
}

/// The square [1, 3, 224, 224] that the page cuts out before the learner moves it.
fn square(device: &Device) -> PixelTensor {
    let list = json("www/photos/photos.json");
    let photo = &list["photos"][0];
    assert_eq!(photo["id"], "dandelion");
    let name = photo["file"].as_str().unwrap();
    assert_eq!(photo["crop"], json(METRICS)["dandelion"]["crop"], "it was measured elsewhere");
    let place = |key: &str| photo["crop"][key].as_f64().unwrap() as f32;
    let picture = decode(name, &file(&format!("www/photos/{name}"))).unwrap();
    let square = picture.crop(place("x"), place("y"), place("zoom"), 224).unwrap();
    PixelTensor::from_rgb(&square.rgb, 224, 224, device).unwrap()
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[test]
fn the_dandelion_falls_as_its_card_says() {
    let device = Device::flex();
    let (model, square) = (model(&device), square(&device));
    let said = &json(METRICS)["dandelion"];
    let labels = json("models/labels/flowers.json");
    let name = |label: usize| &labels["en"][label];

    let FgsmGradient { sign, logits, .. } =
        fgsm_gradient(&model, &square, &Goal::Untargeted(vec![DANDELION])).unwrap();
    let clean = softmax(&values(logits));
    assert_eq!(best(&clean, 1), [DANDELION]);
    assert_eq!(said["clean"], *name(DANDELION));
    let sure = said["clean_probability"].as_f64().unwrap() as f32;
    assert!((clean[DANDELION] - sure).abs() < 1e-4, "{}", clean[DANDELION]);

    // The label after a step of n/255 away from the dandelion, and the confidence in it.
    let after = |n: f32| {
        let threat = ThreatModel::new(Norm::Linf, n / 255.0).unwrap();
        let confidences =
            softmax(&values(model.logits(&fgsm_at(&square, &sign, &threat).unwrap())));
        let label = best(&confidences, 1)[0];
        eprintln!("{n}/255: {} {:.1} %", name(label), 100.0 * confidences[label]);
        (label, confidences[label])
    };
    let flip = (1..=64).map(|quarter| quarter as f32 / 4.0).find(|&n| after(n).0 != DANDELION);
    assert_eq!(flip.map(f64::from), said["n_of_255"].as_f64());
    assert_eq!(said["becomes"], *name(after(flip.unwrap()).0));

    // The presets and the sweep: it never comes back, and is a sunflower up to 20/255.
    let (label, sure) = after(1.275);
    assert!(label == SUNFLOWERS && sure > 0.9, "the smallest preset: {label} with {sure}");
    for n in [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 12.75, 16.0, 20.0] {
        assert_eq!(after(n).0, SUNFLOWERS, "at {n}/255");
    }
    for n in [25.5, 26.0, 32.0] {
        assert_ne!(after(n).0, DANDELION, "at {n}/255");
    }
}
