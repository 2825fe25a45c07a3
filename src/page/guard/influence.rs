//! Which tokens pull a verdict where, and how strongly.

use super::pieces::{KINDS, Mark, kind_of, visible};
use crate::protocol::{Explanation, PartKind};

/// How strongly a token pulls, beside the strongest one.
const STRENGTHS: [f32; 3] = [0.12, 0.35, 0.65];

/// The largest influence of any token, without its sign.
pub fn largest(explanation: &Explanation) -> f32 {
    explanation.influences.iter().map(|value| value.abs()).fold(0.0, f32::max)
}

/// How a token is tinted: towards Yes or No, in four strengths.
pub fn class(value: f32, largest: f32) -> &'static str {
    let share = if largest > 0.0 { value.abs() / largest } else { 0.0 };
    let strength = STRENGTHS.iter().filter(|&&least| share >= least).count();
    match (value > 0.0, strength) {
        (_, 0) => "",
        (true, 1) => "guard-yes guard-1",
        (true, 2) => "guard-yes guard-2",
        (true, _) => "guard-yes guard-3",
        (false, 1) => "guard-no guard-1",
        (false, 2) => "guard-no guard-2",
        (false, _) => "guard-no guard-3",
    }
}

/// The mark of a token's chip; `written` writes a number with its sign.
pub fn mark(
    explanation: &Explanation,
    place: usize,
    largest: f32,
    written: &dyn Fn(f32) -> String,
) -> Mark {
    let cut = explanation.prompt.tokens.get(place).is_none_or(|token| token.cut);
    let value = explanation.influences.get(place).copied().unwrap_or(0.0);
    let beneath = if cut { String::new() } else { written(value) };
    Mark { class: class(value, largest), beneath }
}

/// A token and its influence.
#[derive(Clone, Debug, PartialEq)]
pub struct Pull {
    pub text: String,
    pub kind: Option<PartKind>,
    pub value: f32,
}

/// The tokens of the judged texts that pull most towards Yes, or towards No; strongest first.
pub fn strongest(explanation: &Explanation, towards_yes: bool, most: usize) -> Vec<Pull> {
    let sign = if towards_yes { 1.0 } else { -1.0 };
    let pulls = explanation.prompt.tokens.iter().zip(&explanation.influences);
    let mut pulls: Vec<Pull> = pulls
        .map(|(token, &value)| Pull {
            text: visible(&token.text),
            kind: kind_of(&explanation.prompt, token),
            value,
        })
        .filter(|pull| {
            let judged = matches!(pull.kind, Some(PartKind::UserContent | PartKind::ModelContent));
            judged && pull.value * sign > 0.0
        })
        .collect();
    pulls.sort_by(|one, other| other.value.abs().total_cmp(&one.value.abs()));
    pulls.truncate(most);
    pulls
}

/// What the tokens of a kind of part come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum {
    pub kind: PartKind,
    /// Number of tokens that are read.
    pub tokens: usize,
    /// Their influences together.
    pub net: f32,
    /// Their influences without the sign, a token on average.
    pub mean: f32,
}

/// What each kind of part that is there comes to.
pub fn sums(explanation: &Explanation) -> Vec<Sum> {
    let sum = |kind| {
        let prompt = &explanation.prompt;
        let values: Vec<f32> = prompt
            .tokens
            .iter()
            .zip(&explanation.influences)
            .filter(|(token, _)| !token.cut && kind_of(prompt, token) == Some(kind))
            .map(|(_, &value)| value)
            .collect();
        let tokens = values.len();
        let total: f32 = values.iter().map(|value| value.abs()).sum();
        let mean = total / tokens as f32;
        (tokens > 0).then(|| Sum { kind, tokens, net: values.iter().sum(), mean })
    };
    KINDS.into_iter().filter_map(sum).collect()
}

#[cfg(test)]
mod tests {
    use super::super::pieces::tests::report;
    use super::*;
    use crate::protocol::Judgement;

    fn explanation() -> Explanation {
        Explanation {
            judgement: Judgement {
                policy: String::new(),
                yes_logit: 0.0,
                no_logit: 0.0,
                p_yes: 0.5,
            },
            prompt: report(),
            influences: vec![0.0, -0.2, 0.1, 1.0, 0.0, 0.0, -0.5],
            milliseconds: 1.0,
        }
    }

    #[test]
    fn a_tint_says_direction_and_strength() {
        assert_eq!(class(1.0, 1.0), "guard-yes guard-3");
        assert_eq!(class(-0.4, 1.0), "guard-no guard-2");
        assert_eq!(class(0.2, 1.0), "guard-yes guard-1");
        assert_eq!((class(0.05, 1.0), class(0.0, 0.0)), ("", ""));
        assert_eq!(largest(&explanation()), 1.0);
    }

    #[test]
    fn only_the_judged_texts_are_searched_for_the_strongest() {
        let explanation = explanation();
        let yes = strongest(&explanation, true, 3);
        assert_eq!(yes.iter().map(|pull| pull.text.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(strongest(&explanation, false, 3).is_empty());
    }

    #[test]
    fn parts_are_summed_up_without_what_was_cut() {
        let sums = sums(&explanation());
        let of: Vec<_> = sums.iter().map(|sum| (sum.kind, sum.tokens)).collect();
        assert_eq!(of, [(PartKind::Turn, 2), (PartKind::UserContent, 1), (PartKind::Policy, 1)]);
        assert!((sums[0].mean - 0.15).abs() < 1e-6 && (sums[0].net + 0.1).abs() < 1e-6);
    }

    #[test]
    fn a_cut_token_has_no_number() {
        let explanation = explanation();
        let written = |value: f32| format!("{value:.1}");
        assert_eq!(mark(&explanation, 4, 1.0, &written), Mark::default());
        assert_eq!(mark(&explanation, 3, 1.0, &written).beneath, "1.0");
    }
}
