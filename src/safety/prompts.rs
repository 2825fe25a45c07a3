//! The prompts of a question within a network's reach: the texts that are judged make room, the
//! template and the policy never do.

use super::Error;
use super::prompt::Prompt;
use super::question::{Caution, Question};
use super::template::{PartKind, parts};
use super::tokenizer::Tokenizer;

/// The prompts of a question, one a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompts {
    pub prompts: Vec<Prompt>,
    /// Length of the beginning that all have in common; 0 if there is only one.
    pub shared: usize,
    /// Number of tokens that were left out, the same in all.
    pub cut: usize,
    pub cautions: Vec<Caution>,
}

impl Prompts {
    /// The prompts for each of the policies, none longer than `context` tokens. What is cut is the
    /// end of the texts that are judged; of two texts, the shorter one keeps all that is not more
    /// than half of the room.
    ///
    /// # Errors
    /// [`Error::NoPolicy`], [`Error::NoRoom`], those of [`parts`] and of
    /// [`Tokenizer::encode`].
    pub fn new(question: &Question, tokenizer: &Tokenizer, context: usize) -> Result<Self, Error> {
        let mut prompts = Vec::with_capacity(question.policies.len());
        let exchange = question.as_read();
        for policy in &question.policies {
            let parts = parts(question.use_case, &exchange, policy)?;
            let pieces = tokenizer.encode(&parts, question.control_tokens)?;
            prompts.push(Prompt::new(parts, tokenizer.bos(), pieces));
        }
        let longest = prompts.iter().max_by_key(|prompt| prompt.tokens.len());
        let Some(longest) = longest else { return Err(Error::NoPolicy) };
        let cut = longest.tokens.len().saturating_sub(context);
        if cut > 0 {
            let count = |kind| longest.positions(kind).len();
            let (user, model) = (count(PartKind::UserContent), count(PartKind::ModelContent));
            let too_long = Error::NoRoom { needed: longest.tokens.len() - user - model, context };
            let Some(room) = (user + model).checked_sub(cut) else { return Err(too_long) };
            let (user_room, model_room) = share(room, user, model);
            if user_room == 0 || (model_room == 0 && model > 0) {
                return Err(too_long);
            }
            for prompt in &mut prompts {
                prompt.cut(PartKind::UserContent, user - user_room);
                prompt.cut(PartKind::ModelContent, model - model_room);
            }
        }
        let shared = shared_length(&prompts);
        let cautions = question.cautions(&exchange, tokenizer, cut);
        Ok(Self { prompts, shared, cut, cautions })
    }
}

/// What two texts of so many tokens get of a room that is too small for both.
fn share(room: usize, user: usize, model: usize) -> (usize, usize) {
    let half = room / 2;
    if user <= half {
        (user, room - user)
    } else if model <= half {
        (room - model, model)
    } else {
        (room - half, half)
    }
}

/// How many tokens all begin with; each has at least one more.
fn shared_length(prompts: &[Prompt]) -> usize {
    let [first, others @ ..] = prompts else { return 0 };
    let first = first.ids();
    let most = first.len().saturating_sub(1);
    let common = |other: &Prompt| {
        let ids = other.ids();
        let same = first.iter().zip(&ids).take_while(|(a, b)| a == b).count();
        same.min(ids.len().saturating_sub(1))
    };
    others.iter().map(common).min().unwrap_or(0).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_texts_share_the_room() {
        assert_eq!(share(10, 3, 20), (3, 7));
        assert_eq!(share(10, 20, 5), (5, 5));
        assert_eq!(share(11, 20, 20), (6, 5));
        assert_eq!(share(10, 20, 0), (10, 0));
    }
}
