//! The lessons' attacks on the shipped photograph, square and weights: what the models' cards,
//! `metrics.json` and the lessons say of the dandelion is what the page computes.

mod support;

use std::path::Path;

use burn::tensor::Device;
use resilient_ai::attacks::{
    Attack, AttackConfig, FgsmGradient, Goal, Norm, ThreatModel, Unobserved, fgsm_at, fgsm_gradient,
};
use resilient_ai::vision::picture::decode;
use resilient_ai::vision::{Classifier, ModelSpec, Network, PixelTensor};
use resilient_ai::weights::{Archive, Manifest};
use serde_json::Value;
use support::{best, block_on, values};

const MODEL: &str = "mobilenet_v2_flowers";
const METRICS: &str = "models/mobilenet_v2_flowers/metrics.json";
/// The class of the model that is called dandelion.
const DANDELION: usize = 1;
const SUNFLOWERS: usize = 3;
const TULIPS: usize = 4;

/// A file of the project.
fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn json(path: &str) -> Value {
    serde_json::from_slice(&file(path)).unwrap()
}

/// A built-in model as the page loads it.
fn model(id: &str, device: &Device) -> Network {
    let manifest = String::from_utf8(file("models/manifest.json")).unwrap();
    let manifest = Manifest::parse(&manifest).unwrap();
    let entry = manifest.get(id).unwrap();
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
    Network::load(entry.architecture, &archive, &spec, device).unwrap()
}

/// The square [1, 3, side, side] that the page cuts out before the learner moves it.
fn square(side: u32, device: &Device) -> PixelTensor {
    let list = json("www/photos/photos.json");
    let photo = &list["photos"][0];
    assert_eq!(photo["id"], "dandelion");
    let name = photo["file"].as_str().unwrap();
    let place = |key: &str| photo["crop"][key].as_f64().unwrap() as f32;
    let picture = decode(name, &file(&format!("www/photos/{name}"))).unwrap();
    let square = picture.crop(place("x"), place("y"), place("zoom"), side).unwrap();
    PixelTensor::from_rgb(&square.rgb, side as usize, side as usize, device).unwrap()
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
    let (model, square) = (model(MODEL, &device), square(224, &device));
    let said = &json(METRICS)["dandelion"];
    let measured_at = &json("www/photos/photos.json")["photos"][0]["crop"];
    assert_eq!(*measured_at, said["crop"], "it was measured elsewhere");
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

/// Whether PGD as in the evaluation, from one random start, leads the square to tulips within n/255.
fn becomes_tulips(model: &Network, square: &PixelTensor, n: f32) -> bool {
    let epsilon = n / 255.0;
    let mut config = AttackConfig::pgd(2.5 * epsilon / 20.0, 20, 0);
    config.early_stop = true;
    let attack = Attack::new(config).unwrap();
    let threat = ThreatModel::new(Norm::Linf, epsilon).unwrap();
    let goal = Goal::Targeted(vec![TULIPS]);
    let report = block_on(attack.run(model, square, &goal, &threat, &mut Unobserved)).unwrap();
    report.pictures[0].reached
}

#[test]
fn the_three_models_fall_where_their_cards_say() {
    let device = Device::flex();
    let square = square(160, &device);
    for method in ["standard", "advprop", "adversarial"] {
        let id = format!("efficientnet_lite0_flowers_{method}");
        let model = model(&id, &device);
        let said = &json(&format!("models/{id}/metrics.json"))["dandelion"];
        let clean = softmax(&values(model.logits(&square)));
        assert_eq!(best(&clean, 1), [DANDELION], "{method}");
        let sure = said["clean_probability"].as_f64().unwrap() as f32;
        assert!((clean[DANDELION] - sure).abs() < 1e-3, "{method}: {}", clean[DANDELION]);
        // The starts are drawn otherwise than in the evaluation, which moves the border a little.
        let border = said["n_of_255"].as_f64().unwrap() as f32;
        assert!(becomes_tulips(&model, &square, border + 0.5), "{method} above {border}/255");
        let below = border - 0.5;
        assert!(below <= 0.0 || !becomes_tulips(&model, &square, below), "{method} at {below}/255");
    }
}
