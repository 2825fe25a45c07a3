use std::ops::Deref;

use burn::Tensor;
use burn::tensor::{Bool, TensorData};

use super::ball::{Ball, l1};
use super::loss::Objective;
use super::random::start_noise;
use super::state::{Candidate, Evaluation, Tally, read_rows};
use super::update::Update;
use super::{
    AttackConfig, AttackReport, Ending, Error, Goal, PictureReport, Position, Readback, StepReport,
    StepValues, ThreatModel,
};
use crate::vision::{Classifier, PixelTensor};

/// An attack between two of its steps.
///
/// Everything stays on the device, and a step's graph is gone when the step is done, so what is
/// held does not grow. Several can be moved on in turn. `M` points to the model.
pub struct Running<M> {
    model: M,
    config: AttackConfig,
    threat: ThreatModel,
    objective: Objective,
    ball: Ball,
    position: Position,
    ending: Option<Ending>,
    update: Update,
    /// The pictures of this restart [n, 3, h, w].
    x: PixelTensor,
    /// The last of them about which the model had something finite to say.
    good: Option<Candidate>,
    tally: Tally,
    /// The best of the restarts before this one.
    best: Option<Candidate>,
}

impl<M: Deref<Target: Classifier>> Running<M> {
    pub(super) fn new(
        config: AttackConfig,
        model: M,
        pixels: &PixelTensor,
        goal: &Goal,
        threat: ThreatModel,
    ) -> Result<Self, Error> {
        let clean = pixels.untracked();
        let device = clean.inner().device();
        let pictures = clean.dims()[0];
        let sizes = [pictures, model.num_classes()];
        let logits = || model.logits(&clean);
        let objective = Objective::new(config.loss, goal, sizes, &device, logits)?;
        let ball = Ball::new(&clean, threat);
        let mut running = Self {
            model,
            config,
            threat,
            objective,
            ball,
            position: Position { restart: 0, step: 0 },
            ending: None,
            update: Update::new(config.rule),
            x: clean,
            good: None,
            tally: Tally::new(pictures, &device),
            best: None,
        };
        running.begin();
        Ok(running)
    }

    /// Where the next step will be, or the last one was if there is none.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether the next step is the last of its restart, which no update follows.
    pub fn is_last_step(&self) -> bool {
        self.position.step == self.config.steps
    }

    /// Why there is no next step; none while there is one.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The attack's loss [n] of other logits [n, classes] without a graph.
    pub fn loss_of(&self, logits: &Tensor<2>) -> Tensor<1> {
        self.objective.loss(logits)
    }

    /// Whether there is no next step.
    pub fn is_done(&self) -> bool {
        self.ending.is_some()
    }

    /// Asks the model about the pictures and updates them. After the last update of a restart it
    /// only asks, keeps for each picture the better of this and earlier restarts, and begins the
    /// next one. Only what is asked for is read back, and all of it at once.
    ///
    /// # Errors
    /// [`Error::NoGradient`]; [`Error::Device`] if the device does not answer; [`Error::Done`] if
    /// [`Self::is_done`].
    pub async fn step(&mut self, readback: impl Into<Readback>) -> Result<StepReport, Error> {
        if self.is_done() {
            return Err(Error::Done);
        }
        let position = self.position;
        let pixels = self.x.clone();
        let gradient = if position.step < self.config.steps {
            let (evaluation, gradient) = self.differentiate()?;
            self.note(evaluation, Some(&gradient));
            Some(gradient)
        } else {
            self.ask();
            None
        };
        let values = match readback.into() {
            Readback::Nothing => None,
            Readback::Values => Some(self.read(false).await?),
            Readback::ValuesAndPixels => Some(self.read(true).await?),
        };
        match gradient {
            Some(gradient) if !self.is_done() => self.advance(gradient),
            _ => {
                self.keep();
                self.begin_next();
            }
        }
        Ok(StepReport { position, pixels, values })
    }

    /// What the attack has come to. If it is not done it counts as cancelled.
    ///
    /// # Errors
    /// [`Error::Device`] if the device does not answer.
    pub async fn finish(mut self) -> Result<AttackReport, Error> {
        let cancelled = self.ending.is_none();
        // A restart that has not moved its pictures has nothing to offer.
        if cancelled && (self.position.step > 0 || self.best.is_none()) {
            self.ask();
            self.keep();
        }
        self.report().await
    }

    /// What the attack would have come to if it ended with the last step that was made; it goes on
    /// as if nobody had asked. Before the first step, what the model says of the start.
    ///
    /// # Errors
    /// [`Error::Device`] if the device does not answer.
    pub async fn report(&mut self) -> Result<AttackReport, Error> {
        if self.good.is_none() && self.best.is_none() {
            self.ask();
        }
        let Some(best) = self.best_so_far() else { return Err(Error::Done) };
        let columns = [
            best.loss,
            best.prediction,
            best.reached.float(),
            self.tally.reached_at_start.clone().float(),
            best.restart,
            best.steps,
            self.tally.zero_gradients.clone(),
            self.tally.ever_broken.clone().float(),
        ];
        let rows = read_rows(columns, None).await?;
        let picture = |(columns, _): &([f32; 8], Vec<f32>)| {
            let [loss, prediction, reached, at_start, restart, steps, zeros, broken] = *columns;
            PictureReport {
                loss,
                prediction: prediction as usize,
                reached: reached > 0.5,
                reached_at_start: at_start > 0.5,
                restart: restart as usize,
                steps: steps as usize,
                zero_gradients: zeros as usize,
                finite: broken < 0.5,
            }
        };
        Ok(AttackReport {
            adversarial: best.x,
            pictures: rows.iter().map(picture).collect(),
            position: self.position,
            ending: self.ending.unwrap_or(Ending::Cancelled),
            warnings: self.config.warnings(&self.threat),
        })
    }

    /// The first pictures of a restart.
    fn begin(&mut self) {
        self.update = Update::new(self.config.rule);
        self.good = None;
        self.tally.begin();
        let clean = self.ball.clean();
        self.x = match self.config.random_start {
            None => PixelTensor::clamp_from(clean.clone()),
            Some(seed) => {
                let shape = clean.dims();
                let [pictures, channels, height, width] = shape;
                let size = channels * height * width;
                let restart = self.position.restart;
                let noise = start_noise(self.threat, seed, restart, pictures, size);
                let noise = Tensor::from_data(TensorData::new(noise, shape), &clean.device());
                self.ball.project(clean.clone() + noise)
            }
        };
    }

    /// The next restart, or the end.
    fn begin_next(&mut self) {
        if self.is_done() {
            return;
        }
        let restart = self.position.restart + 1;
        if restart == self.config.restarts {
            self.ending = Some(Ending::Finished);
        } else {
            self.position = Position { restart, step: 0 };
            self.begin();
        }
    }

    /// What the model says of the pictures.
    fn ask(&mut self) {
        let logits = self.model.logits(&self.x);
        let evaluation = Evaluation::new(&self.objective, logits);
        self.note(evaluation, None);
    }

    /// What the model says of the pictures, and the gradient [n, 3, h, w] of what is to grow.
    fn differentiate(&self) -> Result<(Evaluation, Tensor<4>), Error> {
        let tracked = self.x.tracked();
        let logits = self.model.logits(&tracked);
        let loss = self.objective.loss(&logits) * self.objective.direction();
        // The pictures do not see each other, so the sum has each one's own gradient.
        let gradients = loss.sum().backward();
        let gradient = tracked
            .gradient(&gradients)
            .ok_or_else(|| Error::NoGradient { model: self.model.name().to_owned() })?;
        Ok((Evaluation::new(&self.objective, logits.inner()), gradient))
    }

    /// Takes what the model says for the pictures' state, unless it is not finite.
    fn note(&mut self, evaluation: Evaluation, gradient: Option<&Tensor<4>>) {
        let mut finite = evaluation.loss.clone().is_finite();
        if let Some(gradient) = gradient {
            let [pictures, ..] = gradient.dims();
            let size = l1(gradient.clone()).reshape([pictures, 1]);
            finite = finite.bool_and(size.clone().is_finite());
            let idle = self.idle(&evaluation.reached);
            self.tally.count_zero_gradients(size.equal_elem(0.0), idle);
        }
        self.tally.mark_broken(finite.bool_not());
        if self.position.step == 0 {
            self.tally.mark_reached_at_start(evaluation.reached.clone());
        }
        let candidate = Candidate {
            x: self.x.clone(),
            logits: evaluation.logits,
            loss: evaluation.loss,
            prediction: evaluation.prediction,
            reached: evaluation.reached,
            restart: self.tally.steps.full_like(self.position.restart as f32),
            steps: self.tally.steps.clone(),
        };
        self.good = Some(match self.good.take() {
            None => candidate,
            Some(good) => candidate.replaced_where(self.tally.broken.clone(), good),
        });
    }

    /// Which pictures are to be left as they are [n, 1].
    fn idle(&self, reached: &Tensor<2, Bool>) -> Tensor<2, Bool> {
        let broken = self.tally.broken.clone();
        if self.config.early_stop { broken.bool_or(reached.clone()) } else { broken }
    }

    /// One update.
    fn advance(&mut self, gradient: Tensor<4>) {
        let Some(good) = &self.good else { return };
        let idle = self.idle(&good.reached);
        let step = self.update.direction(&self.ball, gradient) * self.config.step_size;
        let moved = self.ball.project(good.x.inner().clone() + step);
        self.x = moved.replaced_where(idle.clone(), &good.x);
        self.tally.count_steps(idle.bool_not());
        self.position.step += 1;
    }

    /// Keeps the better of this restart and those before for each picture.
    fn keep(&mut self) {
        self.best = self.best_so_far();
        self.good = None;
    }

    /// The better of this restart and those before for each picture.
    fn best_so_far(&self) -> Option<Candidate> {
        match (self.best.clone(), self.good.clone()) {
            (Some(best), Some(good)) => {
                let better = good.is_better_than(&best, self.objective.direction());
                Some(best.replaced_where(better, good))
            }
            (best, good) => best.or(good),
        }
    }

    /// Reads the pictures' state, and the pictures if wanted, and ends the attack if there is
    /// nothing left to do.
    async fn read(&mut self, pixels: bool) -> Result<Vec<StepValues>, Error> {
        let Some(good) = &self.good else { return Err(Error::Done) };
        let reached_before = match &self.best {
            Some(best) => best.reached.clone().float(),
            None => good.loss.zeros_like(),
        };
        let [pictures, classes] = good.logits.dims();
        let columns = [
            good.loss.clone(),
            good.prediction.clone(),
            good.reached.clone().float(),
            self.tally.broken.clone().float(),
            reached_before,
        ];
        let x = good.x.inner().clone();
        let size = x.dims()[1..].iter().product();
        let rest = [Some(good.logits.clone()), pixels.then(|| x.reshape([pictures, size]))];
        let rows = read_rows(columns, rest.into_iter().flatten()).await?;
        type Row = ([f32; 5], Vec<f32>);
        let reached = |(row, _): &Row| row[2] > 0.5 || row[4] > 0.5;
        let early_stop = self.config.early_stop;
        let idle = |row: &Row| row.0[3] > 0.5 || (early_stop && reached(row));
        if rows.iter().all(idle) {
            let early = early_stop && rows.iter().all(reached);
            self.ending = Some(if early { Ending::Early } else { Ending::NotFinite });
        }
        let values = |([loss, prediction, reached, ..], mut logits): Row| {
            let x = logits.split_off(classes);
            StepValues {
                loss,
                prediction: prediction as usize,
                reached: reached > 0.5,
                logits,
                pixels: pixels.then_some(x),
            }
        };
        Ok(rows.into_iter().map(values).collect())
    }
}
