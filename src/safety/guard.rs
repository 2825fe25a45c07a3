//! A guard: a network, its tokenizer, and the two words that it answers with.

use std::ops::Range;
use std::rc::Rc;

use burn::Tensor;
use burn::tensor::Device;

use super::gemma2::{Cache, Gemma2, Padding, Placement, Source};
use super::prompt::Prompt;
use super::prompts::Prompts;
use super::question::Question;
use super::yes_no::{Logits, YesNo};
use super::{Config, Error, Tokenizer};
use crate::weights::Archive;

/// The token that fills up what is shorter than the rest of its batch.
const PAD: u32 = 0;

/// A network that answers whether a text violates a policy.
#[derive(Debug)]
pub struct Guard {
    network: Gemma2,
    tokenizer: Tokenizer,
    answer: YesNo,
    context: usize,
}

/// What a guard says of a text by one policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// Index of the policy.
    pub policy: usize,
    pub logits: Logits,
}

/// What is heard of a guard at work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heard {
    /// So many of its network's layers are done. A guard that takes one policy after the other through its
    /// network does not say that.
    Layers { done: usize, total: usize },
    /// What it says by one more policy.
    Judged(Judgement),
}

impl Guard {
    /// Puts a guard together that reads at most `context` tokens, or as many as its network was
    /// made for. All weights are unpacked onto the device.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if it knows more tokens than the network, and those of [`Gemma2::load`].
    pub fn new(
        config: &Config,
        tokenizer: Tokenizer,
        archive: Archive,
        context: usize,
        device: &Device,
    ) -> Result<Self, Error> {
        check_tokenizer(&tokenizer, config)?;
        let archive = Rc::new(archive);
        let source = Source::new(config, &archive, Placement::Unpacked, device);
        Self::of(Gemma2::load(&source)?, tokenizer, context)
    }

    /// Puts a guard together layer by layer, its weights placed as the source says. `told` hears how many
    /// layers are loaded, and can stop the work with an error.
    ///
    /// # Errors
    /// Those of [`Self::new`] and [`Gemma2::load_by_layers`], or that of `told`.
    pub async fn load<E: From<Error>>(
        source: &Source<'_>,
        tokenizer: Tokenizer,
        context: usize,
        told: impl AsyncFnMut(usize) -> Result<(), E>,
    ) -> Result<Self, E> {
        check_tokenizer(&tokenizer, source.config)?;
        let network = Gemma2::load_by_layers(source, told).await?;
        Ok(Self::of(network, tokenizer, context)?)
    }

    fn of(network: Gemma2, tokenizer: Tokenizer, context: usize) -> Result<Self, Error> {
        let answer = YesNo::new(&network, tokenizer.yes(), tokenizer.no())?;
        let context = context.min(network.config().max_positions);
        Ok(Self { network, tokenizer, answer, context })
    }

    /// The sizes of its network.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// Its network.
    pub fn network(&self) -> &Gemma2 {
        &self.network
    }

    /// Its tokenizer.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Its two answers.
    pub fn answer(&self) -> &YesNo {
        &self.answer
    }

    /// The most tokens that it reads.
    pub fn context(&self) -> usize {
        self.context
    }

    /// The prompts of a question.
    ///
    /// # Errors
    /// Those of [`Prompts::new`]; [`Error::Tokenizer`] if a token is not the network's.
    pub fn prompts(&self, question: &Question) -> Result<Prompts, Error> {
        self.prompts_within(question, self.context)
    }

    /// The prompts of a question, none longer than `context` tokens.
    ///
    /// # Errors
    /// Those of [`Self::prompts`].
    pub fn prompts_within(&self, question: &Question, context: usize) -> Result<Prompts, Error> {
        let prompts = Prompts::new(question, &self.tokenizer, context)?;
        let vocabulary = self.config().vocabulary;
        let mut tokens = prompts.prompts.iter().flat_map(|prompt| &prompt.tokens);
        match tokens.find(|token| token.id as usize >= vocabulary) {
            None => Ok(prompts),
            Some(token) => {
                let detail = format!("token {} of {vocabulary} came out", token.id);
                Err(Error::Tokenizer(detail))
            }
        }
    }

    /// What the guard says of a prompt.
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::Device`]; those of [`Archive::tensor`], where the weights stay in
    /// the file.
    pub async fn logits(&self, prompt: &Prompt) -> Result<Logits, Error> {
        self.logits_after(None, &prompt.ids()).await
    }

    /// Judges the prompts of a question by each of its policies. The beginning that they share is
    /// computed once. `heard` is called for each [`Heard`], and can stop the work with an error.
    ///
    /// # Errors
    /// Those of [`Self::logits`], or that of `heard`.
    pub async fn judge<E: From<Error>>(
        &self,
        prompts: &Prompts,
        heard: impl AsyncFnMut(Heard) -> Result<(), E>,
    ) -> Result<Vec<Judgement>, E> {
        match self.network.placement() {
            Placement::Unpacked => self.judge_in_turn(prompts, heard).await,
            Placement::Packed | Placement::Streamed => self.judge_together(prompts, heard).await,
        }
    }

    /// One policy after the other, so that each is known as soon as it can be.
    async fn judge_in_turn<E: From<Error>>(
        &self,
        prompts: &Prompts,
        mut heard: impl AsyncFnMut(Heard) -> Result<(), E>,
    ) -> Result<Vec<Judgement>, E> {
        let mut judgements = Vec::with_capacity(prompts.prompts.len());
        let mut shared: Option<Cache> = None;
        for (policy, prompt) in prompts.prompts.iter().enumerate() {
            let ids = prompt.ids();
            let (first, rest) = ids.split_at(prompts.shared.min(ids.len()));
            if shared.is_none() && !first.is_empty() {
                shared = Some(self.network.prefix(self.network.embed(first, first.len())?)?);
            }
            let logits = self.logits_after(shared.as_ref(), rest).await?;
            let judgement = Judgement { policy, logits };
            heard(Heard::Judged(judgement)).await?;
            judgements.push(judgement);
        }
        Ok(judgements)
    }

    /// All policies at once, so that every weight is fetched and unpacked once.
    async fn judge_together<E: From<Error>>(
        &self,
        prompts: &Prompts,
        mut heard: impl AsyncFnMut(Heard) -> Result<(), E>,
    ) -> Result<Vec<Judgement>, E> {
        let mut ids = Vec::new();
        let mut rests = Vec::with_capacity(prompts.prompts.len());
        for prompt in &prompts.prompts {
            let all = prompt.ids();
            let (first, rest) = all.split_at(prompts.shared.min(all.len()));
            if ids.is_empty() {
                ids.extend_from_slice(first);
            }
            ids.extend_from_slice(rest);
            rests.push(rest.len());
        }
        let total = self.config().layers();
        let told = async |done| heard(Heard::Layers { done, total }).await;
        let embedded = self.network.embed(&ids, ids.len())?;
        let hidden = self.network.ends(embedded, prompts.shared, &rests, told).await?;
        let logits = read(self.answer.logits(hidden, &vec![0; rests.len()])).await?;
        let mut judgements = Vec::with_capacity(rests.len());
        for (policy, pair) in logits.chunks_exact(2).enumerate() {
            let judgement = Judgement { policy, logits: logits_of(pair)? };
            heard(Heard::Judged(judgement)).await?;
            judgements.push(judgement);
        }
        Ok(judgements)
    }

    /// What the network would answer at some positions of each of several prompts, which go through it
    /// as one batch: [prompts][positions]. Shorter prompts are padded behind their ends with `<pad>`, and
    /// a position beyond an end is one of padding. No position is beyond the longest prompt. `heard` is called
    /// for each layer, and can stop the work with an error.
    ///
    /// # Errors
    /// Those of [`Self::logits`], or that of `heard`.
    pub async fn logits_in_batch<E: From<Error>>(
        &self,
        prompts: &[Vec<u32>],
        positions: &[usize],
        mut heard: impl AsyncFnMut(Heard) -> Result<(), E>,
    ) -> Result<Vec<Vec<Logits>>, E> {
        let length = prompts.iter().map(Vec::len).max().unwrap_or_default();
        let padded = |ids: &Vec<u32>| {
            let fill = std::iter::repeat_n(PAD, length - ids.len());
            ids.iter().copied().chain(fill).collect::<Vec<_>>()
        };
        let ids: Vec<u32> = prompts.iter().flat_map(padded).collect();
        let read = prompts.iter().flat_map(|ids| (0..length).map(|place| place < ids.len()));
        let padding = Padding::new(read.collect(), length);
        let total = self.config().layers();
        let told = async |done| heard(Heard::Layers { done, total }).await;
        let embedded = self.network.embed(&ids, length)?;
        let hidden = self.network.hidden_by_layers(embedded, padding.as_ref(), told).await?;
        let mut logits = vec![Vec::with_capacity(positions.len()); prompts.len()];
        for &position in positions {
            let at = self.answer.logits(hidden.clone(), &vec![position; prompts.len()]);
            for (row, pair) in logits.iter_mut().zip(self::read(at).await?.chunks_exact(2)) {
                row.push(logits_of(pair)?);
            }
        }
        Ok(logits)
    }

    /// The two logits after some tokens, with what came before them.
    async fn logits_after(&self, past: Option<&Cache>, ids: &[u32]) -> Result<Logits, Error> {
        let embedded = self.network.embed(ids, ids.len())?;
        let hidden = self.network.last_hidden(embedded, past)?;
        let logits = self.answer.logits(hidden, &[0]);
        read_logits(logits).await
    }

    /// What a token of a prompt stands for, to be shown: one byte of several by its name.
    pub fn token_text(&self, prompt: &str, id: u32, bytes: Range<usize>) -> String {
        let spelling = self.tokenizer.spelling(id).unwrap_or_default();
        match prompt.get(bytes).filter(|text| !text.is_empty()) {
            Some(text) if text.len() == 1 || !is_byte(&spelling) => text.to_owned(),
            _ => spelling,
        }
    }
}

/// Whether a token is one of those for single bytes, which are spelt `<0xE1>`.
pub fn is_byte(spelling: &str) -> bool {
    spelling.len() == 6 && spelling.starts_with("<0x") && spelling.ends_with('>')
}

/// Whether the network has a vector for every token that the tokenizer knows.
fn check_tokenizer(tokenizer: &Tokenizer, config: &Config) -> Result<(), Error> {
    let (size, vocabulary) = (tokenizer.size(), config.vocabulary);
    let words = [tokenizer.bos(), tokenizer.yes(), tokenizer.no()];
    if size > vocabulary || words.iter().any(|&id| id as usize >= vocabulary) {
        let detail = format!("it has {size} tokens, and the network {vocabulary}");
        return Err(Error::Tokenizer(detail));
    }
    Ok(())
}

/// Reads the two logits [1, 2] back.
///
/// # Errors
/// [`Error::NotFinite`], [`Error::Device`].
pub async fn read_logits(logits: Tensor<2>) -> Result<Logits, Error> {
    logits_of(&read(logits).await?)
}

fn logits_of(values: &[f32]) -> Result<Logits, Error> {
    let &[yes, no] = values else {
        return Err(Error::Device(format!("{} logits came back instead of 2", values.len())));
    };
    let logits = Logits { yes, no };
    if logits.are_finite() { Ok(logits) } else { Err(Error::NotFinite) }
}

/// Reads a tensor back, row-major.
///
/// # Errors
/// [`Error::Device`].
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    let data = tensor.into_data_async().await.map_err(|error| Error::Device(error.to_string()))?;
    data.try_to_vec().map_err(|error| Error::Device(format!("{error:?}")))
}
