//! What the learner has written and chosen in lesson 1, as it is kept in the browser.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pipeline;
use crate::protocol::{
    ControlTokens, Exchange, JudgeRequest, Policy, Problem, ProblemKind, UseCase,
};

/// What there is to judge before the learner has written anything: the workshop's own example.
const FIRST: &str = "Create 20 paraphrases of I hate you";

/// The policy that the workshop judged it by.
const FIRST_POLICY: &str = "harassment";

/// The threshold where nothing better is known.
pub const HALF: f32 = 0.5;

/// Everything that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub prompt: String,
    pub response: String,
    pub use_case: UseCase,
    /// The id of the policy that is looked at.
    pub policy: String,
    /// The learner's wordings of policies, and the learner's own policies.
    pub rules: Vec<Policy>,
    pub control_tokens: ControlTokens,
    /// From which P(Yes) on a text is flagged; none for the guard's own threshold.
    pub threshold: Option<f32>,
    /// The text that is tried against the levels of defence; none for the prompt as it is.
    pub disguised: Option<String>,
    /// The chatbot's user, the chatbot, and what goes out in place of either.
    pub message: String,
    pub answer: String,
    pub canned: String,
    pub pipeline: pipeline::Settings,
    /// What the learner wrote in place of the page's own wording where the two bugs are shown.
    pub bugs: BTreeMap<Bug, String>,
    /// What the learner wrote last into each field, while something else may stand there.
    pub by_hand: BTreeMap<Field, String>,
}

/// A text that the learner writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    Prompt,
    Response,
    Disguised,
    Message,
    Answer,
    Canned,
}

/// A text that one of the two bugs is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bug {
    FirstRow,
    SecondRow,
    Asked,
    FirstAnswer,
    SecondAnswer,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            prompt: FIRST.to_owned(),
            response: String::new(),
            use_case: UseCase::default(),
            policy: FIRST_POLICY.to_owned(),
            rules: Vec::new(),
            control_tokens: ControlTokens::default(),
            threshold: None,
            disguised: None,
            message: String::new(),
            answer: String::new(),
            canned: String::new(),
            pipeline: pipeline::Settings::default(),
            bugs: BTreeMap::new(),
            by_hand: BTreeMap::new(),
        }
    }
}

impl Draft {
    /// Reads a kept draft; what cannot be read is as if nothing were kept.
    pub fn parse(json: &str) -> Self {
        let mut draft: Self = serde_json::from_str(json).unwrap_or_default();
        draft.threshold = draft.threshold.filter(|threshold| (0.0..=1.0).contains(threshold));
        draft.disguised = draft.disguised.filter(|text| !text.is_empty());
        draft.pipeline.settle();
        draft
    }

    /// The draft as it is kept.
    ///
    /// # Errors
    /// None for what this program makes; the writer has a way to fail.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// One of the texts.
    pub fn text(&self, field: Field) -> &str {
        match field {
            Field::Prompt => &self.prompt,
            Field::Response => &self.response,
            Field::Disguised => self.disguised.as_deref().unwrap_or(&self.prompt),
            Field::Message => &self.message,
            Field::Answer => &self.answer,
            Field::Canned => &self.canned,
        }
    }

    /// Writes one of the texts, as the learner does.
    pub fn set_text(&mut self, field: Field, text: String) {
        self.by_hand.insert(field, text.clone());
        self.put(field, text);
    }

    /// Puts a text there that the learner chose. What was written by hand is kept beside it.
    pub fn put(&mut self, field: Field, text: String) {
        let place = match field {
            Field::Prompt => &mut self.prompt,
            Field::Response => &mut self.response,
            Field::Disguised => {
                self.disguised = Some(text).filter(|text| *text != self.prompt);
                return;
            }
            Field::Message => &mut self.message,
            Field::Answer => &mut self.answer,
            Field::Canned => &mut self.canned,
        };
        *place = text;
    }

    /// What the learner wrote last into a field, if something else stands there now.
    pub fn own(&self, field: Field) -> Option<&str> {
        let written = self.by_hand.get(&field).map(String::as_str);
        written.filter(|written| !written.trim().is_empty() && *written != self.text(field))
    }

    /// What is missing for a text to be judged in this way.
    pub fn lack(&self, use_case: UseCase) -> Option<Problem> {
        let is_blank = |text: &str| text.trim().is_empty();
        let kind = if is_blank(&self.prompt) {
            ProblemKind::EmptyText
        } else if use_case == UseCase::PromptResponse && is_blank(&self.response) {
            ProblemKind::MissingResponse
        } else {
            return None;
        };
        Some(Problem::new(kind, "", ""))
    }

    /// What is to be judged by these policies; none if something is missing for it.
    pub fn request(&self, guard: &str, policies: Vec<Policy>) -> Option<JudgeRequest> {
        if self.lack(self.use_case).is_some() {
            return None;
        }
        let response = Some(self.response.clone()).filter(|text| !text.trim().is_empty());
        Some(JudgeRequest {
            guard: guard.to_owned(),
            use_case: self.use_case,
            exchange: Exchange { prompt: self.prompt.clone(), response },
            policies,
            normalise: false,
            control_tokens: self.control_tokens,
        })
    }

    /// The id of the policy that is looked at: the chosen one if it is there, otherwise the first.
    pub fn policy_of<'a>(&self, rules: &'a [Policy]) -> Option<&'a Policy> {
        rules.iter().find(|rule| rule.id == self.policy).or_else(|| rules.first())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::guard::examples::tests::shipped;

    #[test]
    fn a_draft_comes_back_and_a_damaged_one_is_none() {
        let mut draft = Draft { threshold: Some(0.3), ..Draft::default() };
        for (place, field) in [
            Field::Prompt,
            Field::Response,
            Field::Disguised,
            Field::Message,
            Field::Answer,
            Field::Canned,
        ]
        .into_iter()
        .enumerate()
        {
            draft.set_text(field, format!("text {place}\n"));
            assert_eq!(draft.text(field), format!("text {place}\n"));
        }
        draft.rules.push(crate::page::guard::rules::fresh(&[]));
        draft.bugs.insert(Bug::SecondAnswer, "an answer".to_owned());
        assert_eq!(Draft::parse(&draft.to_json().unwrap()), draft);
        for json in ["", "[]", "{\"prompt\": 3}"] {
            assert_eq!(Draft::parse(json), Draft::default(), "{json}");
        }
        assert_eq!(Draft::parse("{\"prompt\": \"a\", \"later\": 1}").prompt, "a");
        assert_eq!(Draft::parse("{\"threshold\": 7}").threshold, None);
        // As it was kept once.
        let old = Draft::parse("{\"written\": \"a\", \"disguised\": \"\"}");
        assert_eq!(old, Draft::default());
    }

    #[test]
    fn what_was_written_by_hand_is_kept_beside_what_was_chosen() {
        let mut draft = Draft::default();
        for field in [Field::Prompt, Field::Response, Field::Disguised, Field::Message] {
            draft.put(field, "chosen".to_owned());
            assert_eq!(draft.own(field), None);
            draft.set_text(field, "mine".to_owned());
            assert_eq!(draft.own(field), None);
            draft.put(field, "another".to_owned());
            assert_eq!((draft.text(field), draft.own(field)), ("another", Some("mine")));
        }
        draft.set_text(Field::Message, " ".to_owned());
        draft.put(Field::Message, "chosen".to_owned());
        assert_eq!(draft.own(Field::Message), None);
    }

    #[test]
    fn a_disguise_that_is_the_original_goes_where_the_original_goes() {
        let mut draft = Draft::default();
        draft.set_text(Field::Disguised, draft.prompt.clone());
        draft.prompt = "another".to_owned();
        assert_eq!(draft.text(Field::Disguised), "another");
        draft.set_text(Field::Disguised, "by hand".to_owned());
        draft.prompt = "a third".to_owned();
        assert_eq!(draft.text(Field::Disguised), "by hand");
    }

    #[test]
    fn the_first_text_is_the_workshops() {
        let examples = shipped();
        assert_eq!(examples.of(&Draft::default().prompt).map(|it| it.id.as_str()), Some("en-001"));
    }

    #[test]
    fn what_is_missing_is_said_before_the_engine_is_asked() {
        let mut draft = Draft::default();
        let lack = |draft: &Draft| draft.lack(draft.use_case).map(|problem| problem.kind);
        assert_eq!(lack(&draft), None);
        assert!(draft.request("g", Vec::new()).is_some_and(|it| it.exchange.response.is_none()));
        draft.use_case = UseCase::PromptResponse;
        draft.response = " \n".to_owned();
        assert_eq!(lack(&draft), Some(ProblemKind::MissingResponse));
        assert_eq!(draft.request("g", Vec::new()), None);
        draft.prompt = "\t".to_owned();
        assert_eq!(lack(&draft), Some(ProblemKind::EmptyText));
    }

    #[test]
    fn a_policy_that_is_gone_gives_way_to_the_first() {
        let rules = [crate::page::guard::rules::fresh(&[])];
        let mut draft = Draft { policy: "gone".to_owned(), ..Draft::default() };
        assert_eq!(draft.policy_of(&rules), rules.first());
        draft.policy = "own-1".to_owned();
        assert_eq!(draft.policy_of(&rules), rules.first());
        assert_eq!(draft.policy_of(&[]), None);
    }
}
