//! An attack's verdict in plain words.

use super::sweep_points::succeeded;
use super::text::{BenchText, fill};
use crate::protocol::{AttackOutcome, Classification, Goal, Verdict};

/// A verdict as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictWords {
    /// As the attack's; where it changed nothing, that there was nothing to do.
    pub verdict: Verdict,
    /// One or two words.
    pub headline: &'static str,
    /// A sentence with the labels and confidences.
    pub why: String,
    /// What to do about an attack in one step that changed nothing of what the model says.
    pub advice: &'static str,
}

/// Words for how an attack ended. `name` gives a class's name, `percent` writes a confidence.
pub fn verdict_words(
    text: &BenchText,
    outcome: &AttackOutcome,
    goal: Goal,
    name: impl Fn(usize) -> String,
    percent: impl Fn(f32) -> String,
) -> VerdictWords {
    let targeted = matches!(goal, Goal::Targeted { .. });
    let unchanged = outcome.verdict == Verdict::Resisted && outcome.change.linf == 0.0;
    let (headline, template) = match outcome.verdict {
        // A model that was not attacked has not held.
        Verdict::Resisted if unchanged => (text.unchanged, text.unchanged_why),
        Verdict::Fooled => (text.fooled, text.fooled_why),
        Verdict::HitTarget => (text.hit_target, text.hit_target_why),
        Verdict::MissedTarget => (text.missed_target, text.missed_target_why),
        Verdict::Resisted if targeted => (text.resisted, text.resisted_target_why),
        Verdict::Resisted => (text.resisted, text.resisted_why),
        Verdict::NothingToDo if targeted => (text.nothing_to_do, text.already_target_why),
        Verdict::NothingToDo => (text.nothing_to_do, text.already_away_why),
    };
    let before = outcome.original.top.first();
    let after = outcome.adversarial.top.first();
    let label = |score: Option<&crate::protocol::Score>| {
        score.map_or_else(String::new, |score| name(score.label))
    };
    let confidence = |score: Option<&crate::protocol::Score>| {
        score.map_or_else(String::new, |score| percent(score.confidence))
    };
    let why = fill(
        template,
        &[
            ("before", &label(before)),
            ("before_confidence", &confidence(before)),
            ("after", &label(after)),
            ("after_confidence", &confidence(after)),
            ("label", &name(outcome.label)),
        ],
    );
    let advice = match outcome.verdict {
        Verdict::Resisted if unchanged => "",
        Verdict::Resisted if targeted => text.resisted_target_advice,
        Verdict::Resisted => text.resisted_advice,
        Verdict::Fooled | Verdict::HitTarget | Verdict::MissedTarget | Verdict::NothingToDo => "",
    };
    let verdict = if unchanged { Verdict::NothingToDo } else { outcome.verdict };
    VerdictWords { verdict, headline, why, advice }
}

/// What 8 bits made of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// It succeeds on the file as well.
    Survived,
    /// It succeeds on the picture as computed, and not on the file.
    Lost,
    /// It succeeds on the file only.
    Gained,
    /// There was nothing to survive: it succeeds on neither.
    Held,
}

/// What became of an attack whose picture was saved, by the model's best label of the file.
pub fn rounding(outcome: &AttackOutcome, goal: Goal, file: usize) -> Rounding {
    let before = matches!(outcome.verdict, Verdict::Fooled | Verdict::HitTarget);
    // A model that was wrong from the start was not attacked, whatever it says of the file.
    let attacked = outcome.verdict != Verdict::NothingToDo;
    match (before, attacked && succeeded(file, goal, outcome.label)) {
        (true, true) => Rounding::Survived,
        (true, false) => Rounding::Lost,
        (false, true) => Rounding::Gained,
        (false, false) => Rounding::Held,
    }
}

/// Words for what became of an attack whose picture was saved and classified again. `name` gives a
/// class's name.
pub fn rounding_words(
    text: &BenchText,
    outcome: &AttackOutcome,
    goal: Goal,
    file: &Classification,
    name: impl Fn(usize) -> String,
) -> String {
    let best = |of: &Classification| of.top.first().map(|score| score.label);
    let (Some(computed), Some(file)) = (best(&outcome.adversarial), best(file)) else {
        return String::new();
    };
    let template = match rounding(outcome, goal, file) {
        Rounding::Survived if computed == file => text.png_same,
        Rounding::Survived => text.png_survives,
        Rounding::Lost => text.png_lost,
        Rounding::Gained => text.png_gained,
        Rounding::Held => text.png_held,
    };
    let (computed, file) = (name(computed), name(file));
    fill(template, &[("label", &file), ("file", &file), ("computed", &computed)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::bench::text::bench_text;
    use crate::page::lang::Lang;
    use crate::protocol::{Change, Picture, Score};

    fn says(label: usize, confidence: f32) -> Classification {
        Classification { top: vec![Score { label, confidence }], milliseconds: 1.0 }
    }

    fn outcome(verdict: Verdict) -> AttackOutcome {
        let nothing = Picture { width: 0, height: 0, rgb: Vec::new() };
        AttackOutcome {
            verdict,
            label: 1,
            original: says(1, 0.9),
            adversarial: says(3, 0.6),
            rounded: says(3, 0.5),
            picture: nothing.clone(),
            perturbation: nothing,
            magnification: 1.0,
            change: Change { linf: 0.005, l2: 1.0, psnr: Some(46.0) },
            loss: [0.0, 1.0],
            milliseconds: 1.0,
        }
    }

    #[test]
    fn every_verdict_has_whole_sentences_in_every_language() {
        let goals = [Goal::Untargeted { label: None }, Goal::Targeted { label: 1 }];
        let verdicts = [
            Verdict::Fooled,
            Verdict::HitTarget,
            Verdict::MissedTarget,
            Verdict::Resisted,
            Verdict::NothingToDo,
        ];
        for lang in [Lang::En, Lang::Vi] {
            for goal in goals {
                for verdict in verdicts {
                    let words = verdict_words(
                        bench_text(lang),
                        &outcome(verdict),
                        goal,
                        |label| format!("flower {label}"),
                        |confidence| format!("{:.0} %", confidence * 100.0),
                    );
                    assert!(!words.headline.is_empty() && words.why.contains("flower"));
                    assert!(!words.why.contains(['{', '}']), "{}", words.why);
                    assert_eq!(words.advice.is_empty(), verdict != Verdict::Resisted);
                }
            }
        }
    }

    #[test]
    fn fooled_names_both_labels() {
        let away = Goal::Untargeted { label: None };
        let words = verdict_words(
            bench_text(Lang::En),
            &outcome(Verdict::Fooled),
            away,
            |label| format!("flower {label}"),
            |confidence| format!("{:.0} %", confidence * 100.0),
        );
        assert_eq!(words.why, "The model said flower 1 (90 %) and now says flower 3 (60 %).");
    }

    #[test]
    fn a_model_that_was_not_attacked_has_not_held() {
        let mut outcome = outcome(Verdict::Resisted);
        let goals = [Goal::Untargeted { label: None }, Goal::Targeted { label: 1 }];
        for lang in [Lang::En, Lang::Vi] {
            let text = bench_text(lang);
            for goal in goals {
                let headline = |outcome: &AttackOutcome| {
                    let name = |label| format!("flower {label}");
                    let words = verdict_words(text, outcome, goal, name, |it| it.to_string());
                    assert!(words.why.contains("flower"), "{}", words.why);
                    assert!(!words.why.contains(['{', '}']), "{}", words.why);
                    (words.headline, words.verdict)
                };
                outcome.change.linf = 0.0;
                assert_eq!(headline(&outcome), (text.unchanged, Verdict::NothingToDo));
                outcome.change.linf = 0.001;
                assert_eq!(headline(&outcome), (text.resisted, Verdict::Resisted));
            }
        }
    }

    #[test]
    fn an_attack_that_failed_has_nothing_to_survive() {
        let away = Goal::Untargeted { label: None };
        assert_eq!(rounding(&outcome(Verdict::Fooled), away, 3), Rounding::Survived);
        assert_eq!(rounding(&outcome(Verdict::Fooled), away, 1), Rounding::Lost);
        assert_eq!(rounding(&outcome(Verdict::Resisted), away, 1), Rounding::Held);
        assert_eq!(rounding(&outcome(Verdict::Resisted), away, 3), Rounding::Gained);
        // The goal was to lead away from label 1, but the model said something else all along.
        assert_eq!(rounding(&outcome(Verdict::NothingToDo), away, 3), Rounding::Held);
        let towards = Goal::Targeted { label: 1 };
        assert_eq!(rounding(&outcome(Verdict::HitTarget), towards, 1), Rounding::Survived);
        assert_eq!(rounding(&outcome(Verdict::HitTarget), towards, 3), Rounding::Lost);
        assert_eq!(rounding(&outcome(Verdict::MissedTarget), towards, 1), Rounding::Gained);
        assert_eq!(rounding(&outcome(Verdict::MissedTarget), towards, 3), Rounding::Held);
    }

    #[test]
    fn what_became_of_the_file_has_whole_sentences_in_every_language() {
        let away = Goal::Untargeted { label: None };
        for lang in [Lang::En, Lang::Vi] {
            for verdict in [Verdict::Fooled, Verdict::Resisted] {
                for file in [1, 3, 4] {
                    let name = |label| format!("flower {label}");
                    let outcome = outcome(verdict);
                    let text = bench_text(lang);
                    let said = rounding_words(text, &outcome, away, &says(file, 0.5), name);
                    assert!(said.contains(&format!("flower {file}")), "{said}");
                    assert!(!said.contains(['{', '}']), "{said}");
                }
            }
        }
    }
}
