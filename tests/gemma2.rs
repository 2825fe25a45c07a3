//! Gemma 2 against Transformers: see `tests/golden/README.md` for where the numbers come from.

mod support;

use std::rc::Rc;

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use resilient_ai::safety::{Config, Error, Gemma2, Padding, Placement, Source, YesNo, soft_cap};
use resilient_ai::weights::Archive;
use support::formula::{self, gemma2_shapes};
use support::golden::Golden;
use support::{block_on, largest_difference, relative_l2, values};

const LOGITS: f32 = 1e-4;
const GRADIENT: f64 = 1e-4;
/// The two answers where there is no tokenizer.
const YES: u32 = 7;
const NO: u32 = 9;
const NETWORKS: [&str; 3] = ["grouped", "one_key_head", "named_layers"];

fn load(config: &Config, archive: Archive, placement: Placement) -> Result<Gemma2, Error> {
    Gemma2::load(&Source::new(config, &Rc::new(archive), placement, &Device::flex()))
}

/// A network of the golden files with the formula's weights, and its batch.
struct Case {
    network: Gemma2,
    golden: Golden,
    tokens: Vec<u32>,
    read: Vec<bool>,
    length: usize,
}

impl Case {
    fn open(name: &str) -> Self {
        let golden = Golden::open(&format!("gemma2_{name}"));
        let config = Config::parse(&golden.description("config")).unwrap();
        let archive = formula::archive(&gemma2_shapes(&config), 1.0);
        let network = load(&config, archive, Placement::Unpacked).unwrap();
        let tokens: Vec<u32> =
            golden.labels("tokens").into_iter().map(|token| token as u32).collect();
        let read: Vec<bool> = golden.labels("mask").into_iter().map(|read| read == 1).collect();
        let length = golden.floats("gradient").len() / config.hidden;
        Self { network, golden, tokens, read, length }
    }

    fn config(&self) -> &Config {
        self.network.config()
    }

    fn padding(&self) -> Padding {
        Padding::new(self.read.clone(), self.length).unwrap()
    }

    /// All logits [rows, length, vocabulary], which the product never computes.
    fn full(&self, hidden: Tensor<3>) -> Tensor<3> {
        let [rows, length, size] = hidden.dims();
        let words = self.network.embedding().unwrap().clone().transpose();
        let logits = hidden.reshape([rows * length, size]).matmul(words);
        let logits = soft_cap(logits, self.config().final_cap);
        logits.reshape([rows, length, self.config().vocabulary])
    }

    /// Of the golden logits one entry.
    fn expected(&self, row: usize, position: usize, token: usize) -> f32 {
        let logits = self.golden.floats("logits");
        logits[(row * self.length + position) * self.config().vocabulary + token]
    }
}

#[test]
fn every_position_that_is_read_has_the_logits_of_transformers() {
    for name in NETWORKS {
        let case = Case::open(name);
        let embedded = case.network.embed(&case.tokens, case.length).unwrap();
        let hidden = case.network.hidden(embedded, Some(&case.padding()), None).unwrap();
        let found = values(case.full(hidden));
        let expected = case.golden.floats("logits");
        let vocabulary = case.config().vocabulary;
        let pairs = found.chunks(vocabulary).zip(expected.chunks(vocabulary)).zip(&case.read);
        let differences = pairs.filter(|(_, read)| **read);
        let largest = differences.map(|((a, b), _)| largest_difference(a, b)).fold(0.0, f32::max);
        eprintln!("{name}: {largest:.1e}");
        assert!(largest <= LOGITS, "{name}: {largest}");
    }
}

#[test]
fn two_rows_of_the_embedding_and_each_rows_own_last_position_are_enough() {
    for name in NETWORKS {
        let case = Case::open(name);
        let embedded = case.network.embed(&case.tokens, case.length).unwrap();
        let padding = case.padding();
        let hidden = case.network.hidden(embedded, Some(&padding), None).unwrap();
        let last = padding.last();
        let full = values(case.full(hidden.clone()));
        let found = values(YesNo::new(&case.network, YES, NO).unwrap().logits(hidden, &last));
        for (row, &position) in last.iter().enumerate() {
            let at = (row * case.length + position) * case.config().vocabulary;
            for (answer, token) in [YES as usize, NO as usize].into_iter().enumerate() {
                let found = found[row * 2 + answer];
                assert!((found - full[at + token]).abs() < 1e-6, "{name}, row {row}");
                assert!((found - case.expected(row, position, token)).abs() < LOGITS);
            }
        }
        // The original reads row 0's position of every row.
        let differ = last.iter().any(|&position| position != last[0]);
        assert_eq!(differ, name == "grouped", "{name}: {last:?}");
    }
}

#[test]
fn a_prefix_that_is_computed_once_changes_nothing() {
    for name in NETWORKS {
        let case = Case::open(name);
        let row = &case.tokens[..case.length];
        let whole =
            case.network.hidden(case.network.embed(row, case.length).unwrap(), None, None).unwrap();
        let whole = values(whole);
        for split in [1, case.length / 2, case.length - 1] {
            let (first, rest) = row.split_at(split);
            let cache = case.network.prefix(case.network.embed(first, split).unwrap()).unwrap();
            assert_eq!(cache.length(), split);
            let rest_length = rest.len();
            let alone = case
                .network
                .hidden(case.network.embed(rest, rest_length).unwrap(), None, Some(&cache))
                .unwrap();
            let expected = &whole[split * case.config().hidden..];
            let difference = largest_difference(&values(alone), expected);
            assert!(difference < 1e-5, "{name} after {split}: {difference}");

            let embedded = case.network.embed(rest, rest_length).unwrap();
            let last = values(case.network.last_hidden(embedded, Some(&cache)).unwrap());
            let difference = largest_difference(&last, &whole[whole.len() - last.len()..]);
            assert!(difference < 1e-5, "{name} after {split}, the last: {difference}");

            // Several continuations at once, one of them shorter.
            let twice = [rest, rest].concat();
            let mut read = vec![true; 2 * rest_length];
            read[2 * rest_length - 1] = rest_length == 1;
            let padding = Padding::new(read, rest_length).unwrap();
            let embedded = case.network.embed(&twice, rest_length).unwrap();
            let both = values(case.network.hidden(embedded, Some(&padding), Some(&cache)).unwrap());
            let second = rest_length * case.config().hidden;
            let kept = (rest_length - 1).max(1) * case.config().hidden;
            let difference = largest_difference(&both[..second], expected);
            assert!(difference < 1e-5, "{name} after {split}: {difference}");
            let difference = largest_difference(&both[second..second + kept], &expected[..kept]);
            assert!(difference < 1e-5, "{name} after {split}, padded: {difference}");
        }
    }
}

/// The gap between the answers after row 0's tokens, before the soft-cap.
#[test]
fn several_texts_in_one_pass_end_as_each_alone() {
    for name in NETWORKS {
        let case = Case::open(name);
        let text = &case.tokens[..case.length];
        let (first, rest) = text.split_at(case.length / 3);
        let rests = [rest, &rest[..1], &rest[2..]];
        let end = |rest: &&[u32]| {
            let alone = [first, rest].concat();
            let embedded = case.network.embed(&alone, alone.len()).unwrap();
            values(case.network.last_hidden(embedded, None).unwrap())
        };
        let expected: Vec<f32> = rests.iter().flat_map(end).collect();
        let together = [&[first], &rests[..]].concat().concat();
        let embedded = case.network.embed(&together, together.len()).unwrap();
        let lengths = rests.map(<[u32]>::len);
        let mut heard = Vec::new();
        let told = async |done| {
            heard.push(done);
            Ok::<_, Error>(())
        };
        let ends = block_on(case.network.ends(embedded, first.len(), &lengths, told)).unwrap();
        assert_eq!(ends.dims(), [3, 1, case.config().hidden]);
        let difference = largest_difference(&values(ends), &expected);
        assert!(difference < 1e-5, "{name}: {difference}");
        assert_eq!(heard, (1..=case.config().layers()).collect::<Vec<_>>());
    }
}

#[test]
fn weights_that_stay_in_the_file_give_the_same() {
    for name in NETWORKS {
        let case = Case::open(name);
        let archive = || formula::archive(&gemma2_shapes(case.config()), 1.0);
        let hidden = |network: &Gemma2| {
            let embedded = network.embed(&case.tokens, case.length).unwrap();
            values(network.hidden(embedded, Some(&case.padding()), None).unwrap())
        };
        let expected = hidden(&case.network);
        for placement in [Placement::Packed, Placement::Streamed] {
            let network = load(case.config(), archive(), placement).unwrap();
            assert_eq!(hidden(&network), expected, "{name}, {placement:?}");
            assert_eq!(network.embedding().unwrap_err(), Error::NoGradient);
        }
    }
}

fn gap(case: &Case, embedded: Tensor<3>) -> Tensor<2> {
    let hidden = case.network.hidden(embedded, None, None).unwrap();
    let raw = YesNo::new(&case.network, YES, NO).unwrap().raw(hidden, &[case.length - 1]);
    raw.clone().narrow(1, 0, 1) - raw.narrow(1, 1, 1)
}

#[test]
fn the_gradient_of_the_embedded_tokens_is_that_of_transformers_and_of_differences() {
    for name in NETWORKS {
        let case = Case::open(name);
        let embedded = case.network.embed(&case.tokens[..case.length], case.length).unwrap();
        let tracked = embedded.clone().autodiff().require_grad();
        let gradients = gap(&case, tracked.clone()).sum().backward();
        let gradient = values(tracked.grad(&gradients).unwrap());
        let difference = relative_l2(&gradient, &case.golden.floats("gradient"));
        eprintln!("{name}: relative L2 {difference:.1e}");
        assert!(difference <= GRADIENT, "{name}: {difference}");

        let origin = values(embedded);
        let shape = [1, case.length, case.config().hidden];
        for place in (0..origin.len()).step_by(origin.len() / 12) {
            let step = 0.02 * origin[place].abs().max(0.1);
            let at = |offset: f32| {
                let mut moved = origin.clone();
                moved[place] += offset;
                let moved = Tensor::from_data(TensorData::new(moved, shape), &Device::flex());
                values(gap(&case, moved))[0]
            };
            let slope = (at(step) - at(-step)) / (2.0 * step);
            let error = (slope - gradient[place]).abs();
            assert!(error < 0.02 * gradient[place].abs() + 2e-3, "{name} at {place}: {error}");
        }
    }
}

#[test]
fn padding_that_reads_nothing_is_none() {
    assert!(Padding::new(vec![true, false, false, false], 2).is_none());
    assert!(Padding::new(vec![true; 3], 2).is_none());
    assert!(Padding::new(Vec::new(), 2).is_none());
    assert!(Padding::new(vec![true], 0).is_none());
    let padding = Padding::new(vec![true, false, false, true], 2).unwrap();
    assert_eq!(padding.last(), [0, 1]);
}

#[test]
fn other_networks_and_wrong_weights_are_named() {
    let case = Case::open("grouped");
    let config = case.config();
    let load_unpacked = |config, archive| load(config, archive, Placement::Unpacked);
    let load =
        |shapes: &[(String, Vec<usize>)]| load_unpacked(config, formula::archive(shapes, 1.0));
    let mut gemma3 = gemma2_shapes(config);
    gemma3.push(("model.layers.0.self_attn.q_norm.weight".to_owned(), vec![config.head_dim]));
    let found = |error| matches!(error, Error::Architecture { found } if found == "gemma3");
    assert!(found(load(&gemma3).unwrap_err()));
    let mut gemma1 = gemma2_shapes(config);
    gemma1.retain(|(name, _)| !name.contains("feedforward_layernorm"));
    let found = |error| matches!(error, Error::Architecture { found } if found == "gemma");
    assert!(found(load(&gemma1).unwrap_err()));
    let mut missing = gemma2_shapes(config);
    missing.retain(|(name, _)| name != "model.layers.3.mlp.up_proj.weight");
    let error = load(&missing).unwrap_err().to_string();
    assert!(error.contains("model.layers.3.mlp.up_proj.weight"), "{error}");
    let mut wrong = gemma2_shapes(config);
    wrong[0].1[1] += 1;
    let error = load(&wrong).unwrap_err().to_string();
    assert!(error.contains("embed_tokens") && error.contains("33"), "{error}");
    let nothing = Archive::parse(b"\x02\0\0\0\0\0\0\0{}".to_vec()).unwrap();
    assert!(load_unpacked(config, nothing).is_err());
}
