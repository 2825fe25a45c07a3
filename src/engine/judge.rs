//! Verdicts on texts as jobs: what a guard says, how its prompt looks, and which tokens decide.

use super::{
    observer::Observer,
    question::{self, cautions, question, report},
    work::Work,
};
use crate::{
    protocol::{
        BatchReading, BatchReport, BatchRequest, BatchRow, ExplainRequest, Explanation,
        InspectRequest, JudgeManyRequest, JudgeRequest, Judged, Problem, ProblemKind, Progress,
        PromptReport, Stage,
    },
    safety::{self, ControlTokens, Guard, Heard, Judgement, Logits, Prompt, Question, saliency},
};

/// Judges an exchange by some policies, and reports each as soon as it is known.
///
/// # Errors
/// A text, response or policy that is missing or too long, cancellation, a guard whose numbers are
/// not finite, a device that fails.
pub async fn judge<O: Observer>(
    work: &Work<'_, O>,
    guard: &Guard,
    request: &JudgeRequest,
) -> Result<Judged, Problem> {
    work.observer.begin(Stage::Predicting).await?;
    let question = question(request);
    let tell = |heard| {
        work.observer.report(match heard {
            Heard::Layers { done, total } => Progress::Layers { done, total },
            Heard::Judged(judgement) => {
                Progress::Judged(question::judgement(&question.policies, judgement))
            }
        });
    };
    judge_one(work, guard, &question, tell).await
}

/// Judges many exchanges, one after the other, and reports each.
///
/// # Errors
/// Those of [`judge`], for the first exchange that has one; the detail counts it from 1.
pub async fn judge_many<O: Observer>(
    work: &Work<'_, O>,
    guard: &Guard,
    request: &JudgeManyRequest,
) -> Result<Vec<Judged>, Problem> {
    work.observer.begin(Stage::Predicting).await?;
    let policies: Vec<_> = request.policies.iter().map(question::policy).collect();
    let mut all = Vec::with_capacity(request.exchanges.len());
    for (index, exchange) in request.exchanges.iter().enumerate() {
        let question = Question {
            use_case: question::use_case(request.use_case),
            exchange: question::exchange(exchange),
            policies: policies.clone(),
            normalise: request.normalise,
            control_tokens: ControlTokens::Escaped,
        };
        let which = |problem: Problem| Problem {
            detail: format!(
                "text {} of {}: {}",
                index + 1,
                request.exchanges.len(),
                problem.detail
            ),
            ..problem
        };
        let tell = |heard| {
            if let Heard::Layers { done, total } = heard {
                work.observer.report(Progress::Layers { done, total });
            }
        };
        let judged = judge_one(work, guard, &question, tell).await.map_err(which)?;
        work.observer.report(Progress::Exchange { index, judged: judged.clone() });
        all.push(judged);
    }
    Ok(all)
}

async fn judge_one<O: Observer>(
    work: &Work<'_, O>,
    guard: &Guard,
    question: &Question,
    tell: impl Fn(Heard),
) -> Result<Judged, Problem> {
    let prompts = guard.prompts(question)?;
    // Reports and pauses, in which the worker hears of a cancellation, are no part of the passes.
    let mut between = 0.0;
    let told = async |heard| {
        let passed = (work.clock)();
        tell(heard);
        let goes_on = work.observer.pause().await;
        between += (work.clock)() - passed;
        goes_on
    };
    let start = (work.clock)();
    let judgements = guard.judge(&prompts, told).await?;
    let milliseconds = (work.clock)() - start - between;
    let judgement = |judged| question::judgement(&question.policies, judged);
    Ok(Judged {
        judgements: judgements.into_iter().map(judgement).collect(),
        shared_tokens: prompts.shared,
        tokens: prompts.prompts.iter().map(|prompt| prompt.ids().len()).collect(),
        cut: prompts.cut,
        cautions: cautions(question, &prompts),
        milliseconds,
    })
}

/// Puts several texts through the guard as one batch, and reads each row where any of them ends.
///
/// # Errors
/// [`ProblemKind::BadRequest`] without a text; those of [`judge`].
pub async fn judge_batch<O: Observer>(
    work: &Work<'_, O>,
    guard: &Guard,
    request: &BatchRequest,
) -> Result<BatchReport, Problem> {
    work.observer.begin(Stage::Predicting).await?;
    let mut prompts = Vec::with_capacity(request.texts.len());
    let mut notes = Vec::with_capacity(request.texts.len());
    for text in &request.texts {
        let question = Question {
            use_case: safety::UseCase::PromptOnly,
            exchange: safety::Exchange { prompt: text.clone(), response: None },
            policies: vec![question::policy(&request.policy)],
            normalise: false,
            control_tokens: ControlTokens::Escaped,
        };
        let found = guard.prompts(&question)?;
        notes.push((found.cut, cautions(&question, &found)));
        prompts.extend(found.prompts);
    }
    let ids: Vec<Vec<u32>> = prompts.iter().map(Prompt::ids).collect();
    let Some(length) = ids.iter().map(Vec::len).max() else {
        return Err(Problem::new(ProblemKind::BadRequest, "texts", "there is none"));
    };
    let ends: Vec<usize> = ids.iter().map(|ids| ids.len().saturating_sub(1)).collect();
    let heard = async |heard| {
        if let Heard::Layers { done, total } = heard {
            work.observer.report(Progress::Layers { done, total });
        }
        work.observer.pause().await
    };
    let logits = guard.logits_in_batch(&ids, &ends, heard).await?;
    let rows = ids.iter().zip(logits).zip(notes).map(|((ids, logits), (cut, cautions))| {
        let reading = |(&position, logits): (&usize, Logits)| BatchReading {
            position,
            token: ids.get(position).map(|&id| guard.tokenizer().spelling(id).unwrap_or_default()),
            p_yes: logits.p_yes(),
        };
        let at = ends.iter().zip(logits).map(reading).collect();
        BatchRow { tokens: ids.len(), cut, cautions, at }
    });
    Ok(BatchReport { length, rows: rows.collect() })
}

/// The prompt for one policy of a request, with its parts and tokens.
///
/// # Errors
/// [`ProblemKind::BadRequest`] if the policy is not the request's, or those of [`Guard::prompts`].
pub fn inspect(guard: &Guard, request: &InspectRequest) -> Result<PromptReport, Problem> {
    let question = question(&request.judge);
    let policy = policy(&question, &request.policy)?;
    let prompts = guard.prompts(&question)?;
    let prompt = prompts.prompts.get(policy).ok_or_else(|| unknown(&request.policy))?;
    Ok(report(guard, prompt, cautions(&question, &prompts)))
}

/// Which tokens of the prompt for one policy speak for a violation, and which against.
///
/// # Errors
/// Those of [`inspect`], cancellation, a gradient that is not finite, a device that fails.
pub async fn explain<O: Observer>(
    work: &Work<'_, O>,
    guard: &Guard,
    request: &ExplainRequest,
) -> Result<Explanation, Problem> {
    work.observer.begin(Stage::Differentiating).await?;
    let question = question(&request.judge);
    let policy = policy(&question, &request.policy)?;
    let prompts = guard.prompts(&question)?;
    let prompt = prompts.prompts.get(policy).ok_or_else(|| unknown(&request.policy))?;
    let start = (work.clock)();
    let gradient = saliency::gradient(guard, prompt).await?;
    let influences = gradient.influences(prompt).await?;
    let judgement = Judgement { policy, logits: gradient.logits };
    Ok(Explanation {
        judgement: question::judgement(&question.policies, judgement),
        prompt: report(guard, prompt, cautions(&question, &prompts)),
        influences,
        milliseconds: (work.clock)() - start,
    })
}

/// The place of a policy among those of a question.
///
/// # Errors
/// [`ProblemKind::BadRequest`] if it is not there.
pub fn policy(question: &Question, id: &str) -> Result<usize, Problem> {
    let place = question.policies.iter().position(|policy| policy.id == id);
    place.ok_or_else(|| unknown(id))
}

fn unknown(policy: &str) -> Problem {
    Problem::new(ProblemKind::BadRequest, policy, "it is none of the request's policies")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use burn::tensor::Device;

    use super::*;
    use crate::{
        engine::testing::{Recorder, block_on, guard, judge_request, work},
        protocol::{self, Exchange, PartKind, TextCaution, UseCase},
    };

    #[test]
    fn each_policy_is_reported_as_soon_as_it_is_known() {
        let (guard, device, recorder) = (guard(), Device::flex(), Recorder::patient());
        let request = judge_request("How do I bake a cake?");
        let judged = block_on(judge(&work(&device, &recorder), &guard, &request)).unwrap();
        let ids: Vec<&str> = judged.judgements.iter().map(|one| one.policy.as_str()).collect();
        assert_eq!(ids, ["dangerous", "harassment", "hate", "sexual"]);
        let mut expected = vec![Progress::Stage(Stage::Predicting)];
        expected.extend(judged.judgements.iter().cloned().map(Progress::Judged));
        assert_eq!(recorder.progress.take(), expected);
        assert!(judged.shared_tokens > 50 && judged.cut == 0 && judged.cautions.is_empty());
        assert!(judged.tokens.iter().all(|&tokens| tokens > judged.shared_tokens));
        assert!(judged.milliseconds > 0.0);
        for one in &judged.judgements {
            let p = 1.0 / (1.0 + (one.no_logit - one.yes_logit).exp());
            assert!((one.p_yes - p).abs() < 1e-6);
        }
    }

    thread_local! {
        static NOW: Cell<f64> = const { Cell::new(0.0) };
    }

    /// Takes its time for all that is not a pass.
    struct Slow;

    impl Observer for Slow {
        fn report(&self, _: Progress) {
            NOW.set(NOW.get() + 7.0);
        }

        async fn pause(&self) -> Result<(), Problem> {
            NOW.set(NOW.get() + 1000.0);
            Ok(())
        }
    }

    #[test]
    fn reports_and_pauses_are_not_counted() {
        let (guard, device) = (guard(), Device::flex());
        let work = Work { device: &device, observer: &Slow, clock: || NOW.get() };
        let judged = block_on(judge(&work, &guard, &judge_request("How are you?"))).unwrap();
        assert_eq!((judged.judgements.len(), judged.milliseconds), (4, 0.0));
        assert!(NOW.get() > 4000.0);
    }

    #[test]
    fn work_can_be_stopped_between_policies() {
        let (guard, device) = (guard(), Device::flex());
        let request = judge_request("How do I bake a cake?");
        for pauses in 0..4 {
            let recorder = Recorder::cancelling_after(pauses);
            let stopped = block_on(judge(&work(&device, &recorder), &guard, &request));
            assert_eq!(stopped.unwrap_err().kind, ProblemKind::Cancelled);
            assert_eq!(recorder.progress.take().len(), pauses + 1);
        }
    }

    #[test]
    fn many_exchanges_are_judged_like_each_alone() {
        let (guard, device, recorder) = (guard(), Device::flex(), Recorder::patient());
        let work = work(&device, &recorder);
        let texts = ["How do I bake a cake?", "Tôi thích biển", "No."];
        let exchange = |text: &&str| Exchange { prompt: text.to_string(), response: None };
        let request = JudgeManyRequest {
            guard: "g".to_owned(),
            use_case: UseCase::PromptOnly,
            policies: judge_request("").policies,
            exchanges: texts.iter().map(exchange).collect(),
            normalise: false,
        };
        let all = block_on(judge_many(&work, &guard, &request)).unwrap();
        let reported: Vec<usize> = recorder
            .progress
            .take()
            .into_iter()
            .filter_map(|progress| match progress {
                Progress::Exchange { index, judged } => (judged == all[index]).then_some(index),
                _ => None,
            })
            .collect();
        assert_eq!(reported, [0, 1, 2]);
        for (text, judged) in texts.into_iter().zip(&all) {
            let alone = block_on(judge(&work, &guard, &judge_request(text))).unwrap();
            assert_eq!(alone.judgements, judged.judgements);
        }
        let exchanges = ["a", " "].iter().map(exchange).collect();
        let empty = JudgeManyRequest { exchanges, ..request };
        let problem = block_on(judge_many(&work, &guard, &empty)).unwrap_err();
        assert_eq!((problem.kind, &problem.subject[..]), (ProblemKind::EmptyText, "prompt"));
        assert!(problem.detail.starts_with("text 2 of 2"), "{}", problem.detail);
    }

    #[test]
    fn a_row_of_a_batch_is_right_at_its_own_end_alone() {
        let (guard, device, recorder) = (guard(), Device::flex(), Recorder::patient());
        let work = super::tests::work(&device, &recorder);
        let texts = ["How do I bake a cake?", "Why?"];
        let request = BatchRequest {
            guard: "g".to_owned(),
            texts: texts.map(str::to_owned).to_vec(),
            policy: judge_request("").policies[1].clone(),
        };
        let report = block_on(judge_batch(&work, &guard, &request)).unwrap();
        let layers = Progress::Layers { done: 2, total: guard.config().layers() };
        assert_eq!(recorder.progress.take().last(), Some(&layers));
        assert_eq!(report.length, report.rows[0].tokens);
        assert!(report.rows.iter().all(|row| row.cut == 0 && row.cautions.is_empty()));
        let long = BatchRequest { texts: vec!["Why? ".repeat(600)], ..request.clone() };
        let cut = block_on(judge_batch(&work, &guard, &long)).unwrap();
        assert!(cut.rows[0].cut > 100 && cut.rows[0].cautions == [TextCaution::Cut]);
        let stopped = Recorder::cancelling_after(1);
        let stopped =
            block_on(judge_batch(&super::tests::work(&device, &stopped), &guard, &request));
        assert_eq!(stopped.unwrap_err().kind, ProblemKind::Cancelled);
        assert!(report.rows[1].tokens < report.length);
        for (row, text) in texts.into_iter().enumerate() {
            let alone = block_on(judge(&work, &guard, &judge_request(text))).unwrap();
            let (found, other) = (&report.rows[row].at[row], &report.rows[row].at[1 - row]);
            assert!((found.p_yes - alone.judgements[1].p_yes).abs() < 1e-5);
            assert!((other.p_yes - found.p_yes).abs() > 1e-5);
        }
        // The longer one is read in its middle, the shorter one in its padding.
        assert!(report.rows[0].at[1].token.is_some() && report.rows[1].at[0].token.is_none());
        let nothing = BatchRequest { texts: Vec::new(), ..request };
        let problem = block_on(judge_batch(&work, &guard, &nothing)).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::BadRequest);
    }

    #[test]
    fn a_prompt_is_shown_with_its_parts_and_tokens() {
        let guard = guard();
        let judge = judge_request("a<end_of_turn>b");
        let request = InspectRequest { judge, policy: "hate".to_owned() };
        let shown = inspect(&guard, &request).unwrap();
        assert_eq!((shown.vocabulary, shown.context), (607, 1024));
        assert_eq!(shown.cautions, [TextCaution::ControlTokensEscaped]);
        let user = shown.parts.iter().position(|part| part.kind == PartKind::UserContent);
        let words: Vec<&str> = shown
            .tokens
            .iter()
            .filter(|token| token.part == user)
            .map(|token| token.text.as_str())
            .collect();
        assert_eq!(words.concat().trim(), "a<end_of_turn>b");
        assert!(words.len() > 5, "{words:?}");
        assert_eq!(shown.tokens[0].text, "<bos>");
        let mut interpreted = request.clone();
        interpreted.judge.control_tokens = protocol::ControlTokens::Interpreted;
        let shown = inspect(&guard, &interpreted).unwrap();
        assert_eq!(shown.cautions, [TextCaution::ControlTokensInterpreted]);
        let turns = shown.tokens.iter().filter(|token| token.text == "<end_of_turn>");
        assert_eq!(turns.count(), 2);
        let other = InspectRequest { policy: "spam".to_owned(), ..request };
        let problem = inspect(&guard, &other).unwrap_err();
        assert_eq!((problem.kind, &problem.subject[..]), (ProblemKind::BadRequest, "spam"));
    }

    #[test]
    fn every_token_has_an_influence() {
        let (guard, device, recorder) = (guard(), Device::flex(), Recorder::patient());
        let judge = judge_request(&"Tell me why? ".repeat(400));
        let request = ExplainRequest { judge, policy: "sexual".to_owned() };
        let found = block_on(explain(&work(&device, &recorder), &guard, &request)).unwrap();
        assert_eq!(found.influences.len(), found.prompt.tokens.len());
        assert_eq!(found.judgement.policy, "sexual");
        assert_eq!(found.prompt.cautions, [TextCaution::Cut]);
        let pairs = found.influences.iter().zip(&found.prompt.tokens);
        assert!(pairs.clone().all(|(influence, token)| !token.cut || *influence == 0.0));
        assert!(pairs.filter(|(influence, _)| **influence != 0.0).count() > 500);
        assert_eq!(recorder.progress.take(), [Progress::Stage(Stage::Differentiating)]);
    }

    #[test]
    fn what_is_missing_is_a_problem_of_its_own() {
        let (guard, device, recorder) = (guard(), Device::flex(), Recorder::patient());
        let work = work(&device, &recorder);
        let mut request = judge_request("hi");
        request.use_case = UseCase::PromptResponse;
        let kind =
            |request: &JudgeRequest| block_on(judge(&work, &guard, request)).unwrap_err().kind;
        assert_eq!(kind(&request), ProblemKind::MissingResponse);
        request.exchange.response = Some(String::new());
        assert_eq!(kind(&request), ProblemKind::EmptyText);
        let mut wordy = judge_request("hi");
        wordy.policies[0].description = "is long ".repeat(2000);
        assert_eq!(kind(&wordy), ProblemKind::PolicyTooLong);
        wordy.policies.clear();
        assert_eq!(kind(&wordy), ProblemKind::BadRequest);
    }
}
