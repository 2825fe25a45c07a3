//! The shipped guard against Transformers on the same int8 weights: see `tests/golden/README.md`.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use burn::tensor::Device;
use resilient_ai::safety::{
    Config, ControlTokens, Error, Exchange, Guard, Placement, Policy, Question, Source, Tokenizer,
    UseCase,
};
use resilient_ai::weights::{Archive, Manifest};
use serde::Deserialize;
use support::block_on;

#[derive(Deserialize)]
struct Golden {
    model: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    response: Option<String>,
    /// By the policy's id.
    policies: BTreeMap<String, Judged>,
}

#[derive(Deserialize)]
struct Judged {
    ids: Vec<u32>,
    yes: f32,
    no: f32,
}

fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A built-in guard with its weights in that place; the page loads it unpacked.
fn guard(id: &str, placement: Placement) -> Guard {
    let manifest = String::from_utf8(file("models/manifest.json")).unwrap();
    let manifest = Manifest::parse(&manifest).unwrap();
    let entry = manifest.guards.iter().find(|entry| entry.id == id).unwrap();
    let read = |path: &str| file(&format!("models/{path}"));
    let config = Config::parse(&String::from_utf8(read(&entry.config)).unwrap()).unwrap();
    let tokenizer = Tokenizer::parse(&read(&entry.tokenizer.url)).unwrap();
    let archive = Archive::parse(read(&entry.weights.url)).unwrap();
    if placement == Placement::Unpacked {
        return Guard::new(&config, tokenizer, archive, entry.context, &Device::flex()).unwrap();
    }
    let archive = Rc::new(archive);
    let source = Source::new(&config, &archive, placement, &Device::flex());
    let mut loaded = Vec::new();
    let told = async |layers| {
        loaded.push(layers);
        Ok::<_, Error>(())
    };
    let guard = block_on(Guard::load(&source, tokenizer, entry.context, told)).unwrap();
    assert_eq!(loaded, (1..=config.layers()).collect::<Vec<_>>());
    guard
}

#[test]
fn tokens_and_verdicts_are_those_of_the_reference() {
    check(Placement::Unpacked, 1e-3);
}

#[test]
fn so_they_are_where_weights_stay_packed_or_in_the_file() {
    check(Placement::Packed, 1e-3);
    check(Placement::Streamed, 1e-3);
}

/// Compares ids and logits with the golden ones.
fn check(placement: Placement, tolerance: f32) {
    let golden: Golden = serde_json::from_slice(&file("tests/golden/guard_small.json")).unwrap();
    let guard = guard(&golden.model, placement);
    assert!(!golden.cases.is_empty());
    let mut worst = 0f32;
    for case in golden.cases {
        let use_case =
            if case.response.is_some() { UseCase::PromptResponse } else { UseCase::PromptOnly };
        let policies = Policy::defaults();
        assert_eq!(policies.len(), case.policies.len());
        let question = Question {
            use_case,
            exchange: Exchange { prompt: case.text.clone(), response: case.response },
            policies: policies.clone(),
            normalise: false,
            control_tokens: ControlTokens::Escaped,
        };
        let prompts = guard.prompts(&question).unwrap();
        let judgements = block_on(guard.judge::<Error>(&prompts, async |_| Ok(()))).unwrap();
        for ((policy, prompt), found) in policies.iter().zip(&prompts.prompts).zip(judgements) {
            let expected = &case.policies[&policy.id];
            assert_eq!(prompt.ids(), expected.ids, "{}, {}", case.text, policy.id);
            let differences = [found.logits.yes - expected.yes, found.logits.no - expected.no];
            worst = differences.iter().fold(worst, |worst, it| worst.max(it.abs()));
        }
    }
    eprintln!("{placement:?}: logits within {worst:.1e}");
    assert!(worst <= tolerance, "{placement:?}: {worst}");
}
