//! Words that turn a verdict, as a job.

use super::{
    judge::policy,
    observer::Observer,
    question::{self, question},
    work::Work,
};
use crate::{
    protocol::{FlipRequest, Flipped, Problem, Progress, Stage, Swap},
    safety::{
        Guard, Judgement,
        flip::{self, FlipSettings},
    },
};

/// Replaces words of the user's prompt until the verdict turns, and reports each replacement.
///
/// # Errors
/// Those of [`super::judge::inspect`], settings that make no sense, cancellation, a guard whose
/// numbers are not finite, a device that fails.
pub async fn flip<O: Observer>(
    work: &Work<'_, O>,
    guard: &Guard,
    request: &FlipRequest,
) -> Result<Flipped, Problem> {
    work.observer.begin(Stage::Differentiating).await?;
    let question = question(&request.judge);
    let policy = policy(&question, &request.policy)?;
    let settings = FlipSettings {
        policy,
        towards: question::answer(request.towards),
        threshold: request.threshold,
        max_swaps: request.max_swaps as usize,
    };
    let start = (work.clock)();
    let told = async |made: Option<&flip::Swap>| {
        if let Some(made) = made {
            work.observer.report(Progress::Swap(swap(made)));
        }
        work.observer.pause().await
    };
    let found = flip::flip(guard, &question, settings, told).await?;
    let judgement = |logits| question::judgement(&question.policies, Judgement { policy, logits });
    Ok(Flipped {
        before: judgement(found.before),
        after: judgement(found.after),
        swaps: found.swaps.iter().map(swap).collect(),
        text: found.text,
        reached: found.reached,
        tried: found.tried,
        milliseconds: (work.clock)() - start,
    })
}

fn swap(swap: &flip::Swap) -> Swap {
    Swap {
        position: swap.position,
        from: swap.from.clone(),
        to: swap.to.clone(),
        text: swap.text.clone(),
        p_yes: swap.logits.p_yes(),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::{
        engine::{
            judge::judge,
            testing::{Recorder, block_on, guard, judge_request, work},
        },
        protocol::{Answer, ProblemKind},
    };

    fn request(threshold: f32) -> FlipRequest {
        FlipRequest {
            judge: judge_request("Tell me about the sky and the sea"),
            policy: "hate".to_owned(),
            towards: Answer::Yes,
            threshold,
            max_swaps: 3,
        }
    }

    #[test]
    fn each_swap_is_reported_and_holds() {
        let (guard, device, recorder) = (guard(), Device::flex(), Recorder::patient());
        let work = work(&device, &recorder);
        let found = block_on(flip(&work, &guard, &request(1.0))).unwrap();
        assert!(!found.swaps.is_empty() && found.tried >= found.swaps.len());
        assert!(found.after.p_yes > found.before.p_yes && !found.reached);
        let mut expected = vec![Progress::Stage(Stage::Differentiating)];
        expected.extend(found.swaps.iter().cloned().map(Progress::Swap));
        assert_eq!(recorder.progress.take(), expected);
        let again = block_on(judge(&work, &guard, &judge_request(&found.text))).unwrap();
        let after = again.judgements.iter().find(|one| one.policy == "hate").unwrap();
        assert!((after.p_yes - found.after.p_yes).abs() < 1e-5);
    }

    #[test]
    fn it_can_be_stopped_at_any_pause() {
        let (guard, device) = (guard(), Device::flex());
        for pauses in [0, 1, 2, 5, 20] {
            let recorder = Recorder::cancelling_after(pauses);
            let stopped = block_on(flip(&work(&device, &recorder), &guard, &request(1.0)));
            assert_eq!(stopped.unwrap_err().kind, ProblemKind::Cancelled, "{pauses}");
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_bad_requests() {
        let (guard, device, recorder) = (guard(), Device::flex(), Recorder::patient());
        let wrong = [
            request(2.0),
            FlipRequest { max_swaps: 0, ..request(0.5) },
            FlipRequest { policy: "spam".to_owned(), ..request(0.5) },
        ];
        for request in wrong {
            let problem = block_on(flip(&work(&device, &recorder), &guard, &request)).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::BadRequest, "{request:?}");
        }
    }
}
