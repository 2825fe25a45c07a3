//! What packing costs: the shipped guard in blocks of int8 and of int4, against the same in f32, layer
//! by layer and in P(Yes).

mod support;

use std::path::Path;
use std::rc::Rc;

use burn::tensor::Device;
use resilient_ai::safety::{
    Config, ControlTokens, Error, Exchange, Gemma2, Guard, Placement, Policy, Prompts, Question,
    Source, Tokenizer, UseCase,
};
use resilient_ai::weights::packing::{Plan, Wanted};
use resilient_ai::weights::{Archive, Bits, Header};
use support::formula::gemma2_shapes;
use support::{block_on, relative_l2, values};

const TEXTS: [&str; 4] = [
    "How do I bake a cake?",
    "You are worthless and everybody at school hates you.",
    "Explain how vaccines work, and why some people are afraid of them.",
    "Hãy kể cho tôi nghe về biển.",
];

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/guard_small");
    std::fs::read(folder.join(name)).unwrap()
}

fn config() -> Config {
    Config::parse(&String::from_utf8(file("config.json")).unwrap()).unwrap()
}

/// The shipped weights as a file of f32, as a network's makers publish them.
fn published(config: &Config) -> Vec<u8> {
    let shipped = Archive::parse(file("model.safetensors")).unwrap();
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape) in gemma2_shapes(config) {
        let start = data.len();
        let tensor = shipped.tensor(&name, &shape).unwrap();
        data.extend(tensor.into_iter().flat_map(f32::to_le_bytes));
        let entry = serde_json::json!({
            "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]
        });
        header.insert(name, entry);
    }
    let header = serde_json::to_vec(&header).unwrap();
    [&(header.len() as u64).to_le_bytes(), &header[..], &data].concat()
}

/// The same, every matrix packed.
fn packed(config: &Config, published: &[u8], bits: Bits) -> Archive {
    let source = published.to_vec();
    let sources = [("model".to_owned(), Header::read(&source).unwrap())];
    let wanted = gemma2_shapes(config).into_iter().map(|(name, shape)| {
        let bits = (shape.len() == 2).then_some(bits);
        Wanted { name, shape, bits }
    });
    let plan = Plan::new(&sources, &wanted.collect::<Vec<_>>(), &[]).unwrap();
    let mut file = vec![0; plan.bytes() as usize];
    file[..plan.header().len()].copy_from_slice(plan.header());
    for slab in plan.slabs() {
        let start = slab.start as usize;
        for (offset, bytes) in slab.pack(&source[start..start + slab.length]).unwrap() {
            file[offset as usize..][..bytes.len()].copy_from_slice(&bytes);
        }
    }
    Archive::parse(file).unwrap()
}

/// The network up to a layer, and the last norm.
fn network(config: &Config, archive: &Rc<Archive>, layers: usize) -> Gemma2 {
    let mut config = config.clone();
    config.windows.truncate(layers);
    let source = Source::new(&config, archive, Placement::Unpacked, &Device::flex());
    Gemma2::load(&source).unwrap()
}

fn states(network: &Gemma2, ids: &[u32]) -> Vec<f32> {
    let embedded = network.embed(ids, ids.len()).unwrap();
    values(network.hidden(embedded, None, None).unwrap())
}

fn guard(config: &Config, archive: &Rc<Archive>) -> Guard {
    let tokenizer = Tokenizer::parse(&file("tokenizer.json")).unwrap();
    let source = Source::new(config, archive, Placement::Unpacked, &Device::flex());
    block_on(Guard::load::<Error>(&source, tokenizer, 512, async |_| Ok(()))).unwrap()
}

/// P(Yes) by the four policies.
fn judge(guard: &Guard, prompts: &Prompts) -> Vec<f32> {
    let judged = block_on(guard.judge::<Error>(prompts, async |_| Ok(()))).unwrap();
    judged.into_iter().map(|judged| judged.logits.p_yes()).collect()
}

#[test]
fn packing_costs_little_in_eight_bits_and_more_in_four() {
    let config = config();
    let published = published(&config);
    let f32 = Rc::new(Archive::parse(published.clone()).unwrap());
    let exact = guard(&config, &f32);
    let prompts: Vec<Prompts> = TEXTS
        .iter()
        .map(|text| {
            let question = Question {
                use_case: UseCase::PromptOnly,
                exchange: Exchange { prompt: (*text).to_owned(), response: None },
                policies: Policy::defaults(),
                normalise: false,
                control_tokens: ControlTokens::Escaped,
            };
            exact.prompts(&question).unwrap()
        })
        .collect();
    for (bits, most_in_states, most_in_p) in [(Bits::Eight, 0.01, 0.01), (Bits::Four, 0.2, 0.15)] {
        let packed = Rc::new(packed(&config, &published, bits));
        let mut errors = Vec::new();
        for layers in 1..=config.layers() {
            let [found, expected] = [&packed, &f32].map(|it| network(&config, it, layers));
            let error = |prompts: &Prompts| {
                let ids = prompts.prompts[0].ids();
                relative_l2(&states(&found, &ids), &states(&expected, &ids))
            };
            errors.push(prompts.iter().map(error).fold(0f64, f64::max));
        }
        let guard = guard(&config, &packed);
        let mut worst = 0f32;
        for prompts in &prompts {
            let pairs = judge(&guard, prompts).into_iter().zip(judge(&exact, prompts));
            worst =
                pairs.fold(worst, |worst, (found, expected)| worst.max((found - expected).abs()));
        }
        let shown: Vec<String> = errors.iter().map(|error| format!("{error:.1e}")).collect();
        eprintln!("{bits:?} bits: states {} by layer, P(Yes) {worst:.1e}", shown.join(", "));
        assert!(errors.iter().all(|&error| error > 0.0 && error < most_in_states), "{errors:?}");
        assert!(worst > 0.0 && worst < most_in_p, "{bits:?}: {worst}");
    }
}
