//! A guard around a chatbot: what is checked where, what is decided, and what is noted of it.

use serde::{Deserialize, Serialize};

use crate::protocol::{Judgement, Policy, TextCaution};

/// What is switched on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether messages are checked before the chatbot sees them.
    pub input: bool,
    /// Whether answers are checked before the user sees them.
    pub output: bool,
    /// Whether a check that fails blocks; otherwise it lets through.
    pub fails_closed: bool,
    /// What differs from the usual for a policy; all others are on, at the usual threshold.
    pub checks: Vec<Check>,
}

/// How a policy is checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The policy's id.
    pub policy: String,
    pub on: bool,
    /// None for the usual threshold.
    pub threshold: Option<f32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { input: true, output: true, fails_closed: true, checks: Vec::new() }
    }
}

impl Settings {
    /// Drops what cannot be.
    pub fn settle(&mut self) {
        for check in &mut self.checks {
            check.threshold = check.threshold.filter(|it| (0.0..=1.0).contains(it));
        }
    }

    /// How a policy is checked.
    pub fn check(&self, policy: &str) -> Check {
        let found = self.checks.iter().find(|check| check.policy == policy).cloned();
        found.unwrap_or_else(|| Check { policy: policy.to_owned(), on: true, threshold: None })
    }

    /// Changes how a policy is checked.
    pub fn set(&mut self, changed: Check) {
        self.checks.retain(|check| check.policy != changed.policy);
        if !changed.on || changed.threshold.is_some() {
            self.checks.push(changed);
        }
    }

    /// The policies that are checked.
    pub fn active(&self, rules: &[Policy]) -> Vec<Policy> {
        rules.iter().filter(|rule| self.check(&rule.id).on).cloned().collect()
    }

    /// What the verdicts mean at each policy's threshold.
    pub fn findings(&self, rules: &[Policy], said: &[Judgement], usual: f32) -> Vec<Finding> {
        let finding = |judgement: &Judgement| {
            let rule = rules.iter().find(|rule| rule.id == judgement.policy);
            Finding {
                name: rule.map(|rule| rule.name.clone()).unwrap_or_default(),
                p_yes: judgement.p_yes,
                threshold: self.check(&judgement.policy).threshold.unwrap_or(usual),
            }
        };
        said.iter().map(finding).collect()
    }
}

/// What was found by one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub name: String,
    pub p_yes: f32,
    pub threshold: f32,
}

impl Finding {
    /// Whether the text is flagged.
    pub fn is_flagged(&self) -> bool {
        self.p_yes >= self.threshold
    }
}

/// What came of one of the two checks.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    /// It is switched off, or no policy is.
    Off,
    Done(Reading),
    /// It could not be made; why, in English.
    Failed(String),
}

/// A text that was read, and what was found in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub findings: Vec<Finding>,
    /// How many tokens nobody read, since the text is too long.
    pub cut: usize,
    /// What else is to be known of the text.
    pub cautions: Vec<TextCaution>,
}

impl Checked {
    /// Whether the text goes on. A text that was read in part only is a check that failed, unless
    /// the part is flagged already.
    pub fn lets_through(&self, fails_closed: bool) -> bool {
        match self {
            Self::Off => true,
            Self::Done(Reading { findings, cut, .. }) => {
                let is_whole = *cut == 0 || !fails_closed;
                is_whole && !findings.iter().any(Finding::is_flagged)
            }
            Self::Failed(_) => !fails_closed,
        }
    }
}

/// Where a message came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    StoppedAtInput,
    StoppedAtOutput,
    Delivered,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// From 1.
    pub number: usize,
    pub message: String,
    /// None if the chatbot was never asked.
    pub answer: Option<String>,
    pub input: Checked,
    pub output: Option<Checked>,
    pub fails_closed: bool,
    /// Which version of the rules decided, from 1.
    pub version: usize,
}

impl Entry {
    /// Where the message came to its end.
    pub fn outcome(&self) -> Outcome {
        if !self.input.lets_through(self.fails_closed) {
            return Outcome::StoppedAtInput;
        }
        match &self.output {
            Some(output) if !output.lets_through(self.fails_closed) => Outcome::StoppedAtOutput,
            _ => Outcome::Delivered,
        }
    }
}

/// Everything that decides: when it differs, it is another version.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub rules: Vec<Policy>,
    pub settings: Settings,
    pub usual: f32,
}

/// The number of a version, from 1; a new one is noted.
pub fn number_of(versions: &mut Vec<Version>, version: Version) -> usize {
    if let Some(place) = versions.iter().position(|known| *known == version) {
        return place + 1;
    }
    versions.push(version);
    versions.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(policy: &str, p_yes: f32) -> Judgement {
        Judgement { policy: policy.to_owned(), yes_logit: 0.0, no_logit: 0.0, p_yes }
    }

    /// A check of a text of which `cut` tokens were not read.
    fn read(p_yes: f32, cut: usize) -> Checked {
        let findings = vec![Finding { name: String::new(), p_yes, threshold: 0.5 }];
        Checked::Done(Reading { findings, cut, cautions: Vec::new() })
    }

    fn rule(id: &str) -> Policy {
        Policy {
            id: id.to_owned(),
            name: id.to_uppercase(),
            description: String::new(),
            forbids: true,
        }
    }

    #[test]
    fn each_policy_has_a_threshold_of_its_own() {
        let rules = [rule("hate"), rule("sexual")];
        let mut settings = Settings::default();
        settings.set(Check { policy: "hate".to_owned(), on: true, threshold: Some(0.9) });
        let said = [said("hate", 0.8), said("sexual", 0.4)];
        let findings = settings.findings(&rules, &said, 0.5);
        assert!(!findings.iter().any(Finding::is_flagged));
        assert_eq!((findings[0].name.as_str(), findings[1].threshold), ("HATE", 0.5));
        settings.set(Check { policy: "hate".to_owned(), on: false, threshold: None });
        assert_eq!(settings.active(&rules).len(), 1);
        settings.set(Check { policy: "hate".to_owned(), on: true, threshold: None });
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn a_message_ends_where_it_is_stopped() {
        let flagged = |p_yes| read(p_yes, 0);
        let entry = |input, output| Entry {
            number: 1,
            message: String::new(),
            answer: None,
            input,
            output,
            fails_closed: true,
            version: 1,
        };
        assert_eq!(entry(flagged(0.5), None).outcome(), Outcome::StoppedAtInput);
        assert_eq!(entry(flagged(0.4), Some(Checked::Off)).outcome(), Outcome::Delivered);
        let late = entry(Checked::Off, Some(flagged(0.9)));
        assert_eq!(late.outcome(), Outcome::StoppedAtOutput);
        let failed = || Checked::Failed(String::new());
        assert_eq!(entry(failed(), None).outcome(), Outcome::StoppedAtInput);
        let open = Entry { fails_closed: false, ..entry(failed(), Some(failed())) };
        assert_eq!(open.outcome(), Outcome::Delivered);
    }

    #[test]
    fn a_text_that_was_not_read_to_its_end_is_a_check_that_failed() {
        let cut = read(0.1, 7);
        assert!(!cut.lets_through(true));
        assert!(cut.lets_through(false));
        // What is flagged in its beginning is flagged.
        assert!(!read(0.6, 7).lets_through(false));
        assert!(read(0.1, 0).lets_through(true));
    }

    #[test]
    fn a_changed_rule_is_another_version() {
        let version =
            |usual| Version { rules: vec![rule("hate")], settings: Settings::default(), usual };
        let mut known = Vec::new();
        let numbers: Vec<_> =
            [0.5, 0.4, 0.5].map(|usual| number_of(&mut known, version(usual))).into();
        assert_eq!(numbers, [1, 2, 1]);
    }
}
