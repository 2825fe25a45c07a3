//! An attack in many steps, which stays between the jobs that move it on.

use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};

use super::{
    checks,
    classify::{Prediction, pixels, predict, read},
    flags,
    judgement::{Judgement, judge, measure},
    observer::Observer,
    perturbation::{magnified, run_magnification},
    problem::{not_finite, unreadable},
    scores,
    settings::Plan,
    verdict::{attack_goal, attacked_label, verdict},
    work::Work,
};
use crate::{
    attacks::{self, Ending, Position, Readback, Running, StepValues},
    protocol::{
        Goal, HonestyFlag, Picture, Problem, Progress, RunId, RunOpened, RunOutcome, RunRequest,
        RunStep, Stage,
    },
    vision::{Classifier, PixelTensor},
};

/// A run with its model, its picture, and what is known of them.
pub struct Run {
    id: RunId,
    model: Rc<dyn Classifier>,
    goal: Goal,
    /// The label that the attack moves away from or towards.
    label: usize,
    /// The clean picture.
    picture: Picture,
    /// The same [1, 3, h, w].
    clean: PixelTensor,
    /// The model's best label of it.
    prediction: usize,
    /// The attack's loss of it.
    loss: f32,
    /// What is suspicious about the model's logits.
    flag: Option<HonestyFlag>,
    magnification: f32,
    running: Running<Rc<dyn Classifier>>,
    /// The time of all steps so far.
    milliseconds: f64,
}

/// How far a run is to go, and what it is to tell.
#[derive(Clone, Copy, Debug)]
pub struct Advance {
    /// The most steps to make.
    pub steps: u32,
    /// Which steps of a restart to report: multiples of this; none if it is 0.
    pub every: u32,
    /// Whether to report the perturbation too.
    pub perturbation: bool,
}

impl Run {
    /// Asks the model about the clean picture and stands ready for the first step.
    ///
    /// # Errors
    /// Settings, a goal or a picture that make no sense, cancellation, a device that fails.
    pub async fn open<O: Observer>(
        work: &Work<'_, O>,
        model: Rc<dyn Classifier>,
        request: RunRequest,
    ) -> Result<(Self, RunOpened), Problem> {
        let RunRequest { run: id, picture, goal, settings, .. } = request;
        let plan = Plan::new(&settings)?;
        checks::goal(goal, model.num_classes())?;
        let clean = pixels(&picture, work.device)?;
        work.observer.begin(Stage::Predicting).await?;
        let original = predict(work, &*model, &clean).await?;
        let prediction = original.best().label;
        let label = attacked_label(goal, prediction);
        let target = attack_goal(goal, label);
        let running = plan.attack.start(Rc::clone(&model), &clean, &target, &plan.threat)?;
        let loss = loss_of(work, &running, &original).await?;
        let cautions = plan.cautions(goal, prediction);
        let classification = original.classification();
        let opened = RunOpened { run: id, label, original: classification, loss, cautions };
        let run = Self {
            id,
            model,
            goal,
            label,
            prediction,
            loss,
            flag: flags::of_logits(&original.logits),
            magnification: run_magnification(&plan.threat, picture.rgb.len()),
            picture,
            clean,
            running,
            milliseconds: 0.0,
        };
        Ok((run, opened))
    }

    pub fn id(&self) -> RunId {
        self.id
    }

    /// Goes on, and says whether there are no more steps. What a reported step tells leaves the
    /// device in one go; besides, only the last step of each restart is read.
    ///
    /// # Errors
    /// Cancellation between two steps, with the run left there to go on from; [`not_finite`], with
    /// the run ended at the last step at which there were numbers; a device that fails.
    pub async fn advance<O: Observer>(
        &mut self,
        work: &Work<'_, O>,
        advance: Advance,
    ) -> Result<bool, Problem> {
        let mut made = 0;
        while made < advance.steps && !self.running.is_done() {
            // A restart's first pictures are evaluated on the way to its first step.
            let is_step = self.running.position().step > 0;
            self.step(work, advance).await?;
            made += u32::from(is_step);
            work.observer.pause().await?;
        }
        if self.running.ending() == Some(Ending::NotFinite) {
            return Err(not_finite(&*self.model));
        }
        Ok(self.running.is_done())
    }

    async fn step<O: Observer>(
        &mut self,
        work: &Work<'_, O>,
        advance: Advance,
    ) -> Result<(), Problem> {
        let position = self.running.position();
        let (step, every) = (position.step, advance.every as usize);
        let reported = step > 0 && every > 0 && step.is_multiple_of(every);
        let readback = match (reported, advance.perturbation) {
            (true, true) => Readback::ValuesAndPixels,
            (true, false) => Readback::Values,
            // Whether the loss is still a number is not to be learnt too late.
            (false, _) => Readback::from(self.running.is_last_step()),
        };
        let start = (work.clock)();
        let report = self.running.step(readback).await?;
        self.milliseconds += (work.clock)() - start;
        let values = report.values.into_iter().flatten().next();
        if let Some(values) = values
            && reported
            && self.running.ending() != Some(Ending::NotFinite)
        {
            work.observer.report(Progress::Step(self.describe(position, values)));
        }
        Ok(())
    }

    fn describe(&self, position: Position, values: StepValues) -> RunStep {
        let (picture, magnification) = (&self.picture, self.magnification);
        RunStep {
            run: self.id,
            restart: position.restart as u32,
            step: position.step as u32,
            loss: values.loss,
            top: scores::top(&values.logits),
            reached: values.reached,
            perturbation: values.pixels.map(|pixels| magnified(picture, &pixels, magnification)),
            magnification,
        }
    }

    /// What the run has come to so far. It can go on afterwards.
    ///
    /// # Errors
    /// Cancellation, a model whose logits are no numbers, a device that fails.
    pub async fn outcome<O: Observer>(
        &mut self,
        work: &Work<'_, O>,
    ) -> Result<RunOutcome, Problem> {
        work.observer.begin(Stage::Predicting).await?;
        let start = (work.clock)();
        let attacks::AttackReport { adversarial, pictures, .. } = self.running.report().await?;
        // Steps that were not read back may still have been at work.
        self.milliseconds += (work.clock)() - start;
        let best = pictures.first().ok_or_else(|| unreadable("an attack without a picture"))?;
        let change = measure(&self.clean, &adversarial).await?;
        let judged = judge(work, &*self.model, &self.clean, &adversarial, self.magnification);
        let Judgement { computed, rounded, picture, perturbation } = judged.await?;
        Ok(RunOutcome {
            run: self.id,
            verdict: verdict(self.goal, self.prediction, computed.best().label),
            label: self.label,
            restart: best.restart as u32,
            steps: best.steps as u32,
            loss: [self.loss, best.loss],
            adversarial: computed.classification(),
            rounded: rounded.classification(),
            picture,
            perturbation,
            magnification: self.magnification,
            change,
            flags: self.flag.into_iter().chain(flags::of_report(&pictures)).collect(),
            milliseconds: self.milliseconds,
        })
    }
}

/// The attack's loss of the clean picture.
async fn loss_of<O: Observer>(
    work: &Work<'_, O>,
    running: &Running<Rc<dyn Classifier>>,
    original: &Prediction,
) -> Result<f32, Problem> {
    let logits = original.logits.clone();
    let shape = [1, logits.len()];
    let logits = Tensor::from_data(TensorData::new(logits, shape), work.device);
    let loss = read(running.loss_of(&logits)).await?;
    loss.first().copied().ok_or_else(|| unreadable("a loss without a picture"))
}

#[cfg(test)]
mod tests;
