//! Starting, pausing and ending the attacks; the models take turns.

use leptos::prelude::*;

use super::run::Subject;
use super::{Arena, Notice, Phase};
use crate::page::bench::job::Attempt;
use crate::page::pgd::aim::goal_for;
use crate::page::pgd::settings::attack_settings;
use crate::page::pgd::turns::{self, Need};
use crate::protocol::{Problem, ProblemKind, Progress, Request};

impl Arena {
    /// Attacks the square with every model that has seen it.
    pub fn start(self) {
        if self.prepare() {
            self.go(false);
        }
    }

    /// Makes one step with every model, beginning if nothing has begun.
    pub fn step(self) {
        let going = self.phase.get_untracked() == Phase::Paused;
        if going || self.prepare() {
            self.go(true);
        }
    }

    /// Goes on after a pause.
    pub fn resume(self) {
        self.go(false);
    }

    /// Stops after the turn that is being taken: a few steps at most.
    pub fn pause(self) {
        if self.phase.get_untracked() == Phase::Running {
            self.phase.set(Phase::Pausing);
        }
    }

    /// Ends the attacks at once. What was seen of them stays, and what they had come to, finished
    /// restarts included, is still asked for.
    pub fn cancel(self) {
        self.driver.cancel(self.engine);
        self.phase.set(Phase::Idle);
        let work = move |attempt| self.ask_so_far(attempt);
        self.driver.start(self.engine, work, move |_| {
            self.close();
            for lane in self.lanes {
                lane.run.halt();
            }
        });
    }

    /// Ends attacks on what is no longer there, and forgets them.
    pub(super) fn abandon(self) {
        let lost = self.lanes.iter().any(|lane| lane.run.has_begun());
        self.driver.cancel(self.engine);
        self.close();
        for lane in self.lanes {
            lane.run.set(None, None);
        }
        self.started.set(None);
        self.phase.set(Phase::Idle);
        self.notice.set(lost.then_some(Notice::Stopped));
    }

    /// Lets the engine forget the runs.
    fn close(self) {
        for run in self.lanes.iter().filter_map(|lane| lane.run.id()) {
            // Nobody waits for the answer: a run that is not closed makes room for a ninth one.
            self.engine.call(Request::CloseRun { run });
        }
    }

    /// Sets every model's attack up. Whether there is any.
    fn prepare(self) -> bool {
        let link = self.link.get_untracked();
        let Some(settings) = attack_settings(&link) else { return false };
        self.driver.cancel(self.engine);
        self.close();
        let labels = untrack(|| self.labels());
        let mut any = false;
        for lane in self.lanes {
            let Some(seen) = untrack(|| lane.current()) else {
                lane.run.set(None, None);
                continue;
            };
            match goal_for(link.goal, &labels, &seen.model.labels) {
                Ok(goal) => {
                    let id = self.next_run.get_value();
                    self.next_run.set_value(id.wrapping_add(1));
                    let (model, square) = (seen.model.clone(), seen.square.clone());
                    lane.run.set(Some(Subject { id, model, square, goal, settings }), None);
                    any = true;
                }
                Err(label) => {
                    let name = labels.en.get(label).cloned().unwrap_or_else(|| format!("#{label}"));
                    let problem = Problem::new(
                        ProblemKind::NoSuchLabel,
                        name,
                        "not among the model's labels",
                    );
                    lane.run.set(None, Some(problem));
                }
            }
        }
        self.started.set(any.then_some(link));
        self.notice.set(None);
        any
    }

    fn go(self, single: bool) {
        for lane in self.lanes {
            // What was said at the pause is of a step that is past.
            if lane.run.need.get_untracked() == Need::Steps {
                lane.run.outcome.set(None);
            }
        }
        self.phase.set(Phase::Running);
        let work = move |attempt| self.drive(attempt, single);
        self.driver.start(self.engine, work, move |_| {
            let paused = self.unfinished();
            self.phase.set(if paused { Phase::Paused } else { Phase::Finished });
        });
    }

    /// Gives each model its turn until none needs one, or a pause is wanted, or, if `single`, each
    /// has made a step.
    async fn drive(self, attempt: Attempt, single: bool) -> Result<(), Problem> {
        let mut last = None;
        let mut stepped = self.lanes.map(|_| false);
        while self.phase.get_untracked() == Phase::Running {
            let mut needs = self.lanes.map(|lane| lane.run.need.get_untracked());
            for (need, stepped) in needs.iter_mut().zip(stepped) {
                if single && stepped && *need == Need::Steps {
                    *need = Need::Nothing;
                }
            }
            let Some(place) = turns::next(&needs, last) else { break };
            last = Some(place);
            let run = self.lanes[place].run;
            match needs[place] {
                Need::Nothing => {}
                Need::Opening => run.open(attempt).await?,
                Need::Steps => {
                    run.advance(attempt, single).await?;
                    stepped[place] = true;
                }
                Need::Outcome => run.finish(attempt, true).await?,
            }
            if run.was_reopened() && self.notice.get_untracked().is_none() {
                self.notice.set(Some(Notice::BeganAgain));
            }
        }
        // At a pause, and after a single step.
        self.ask_so_far(attempt).await
    }

    /// Asks what the attacks that have steps left have come to so far.
    async fn ask_so_far(self, attempt: Attempt) -> Result<(), Problem> {
        for lane in self.lanes {
            if lane.run.need.get_untracked() == Need::Steps {
                lane.run.finish(attempt, false).await?;
            }
        }
        Ok(())
    }

    /// Hands each step that the engine reports to the run that it is of.
    pub(super) fn hear_steps(self) {
        Effect::new(move |_| {
            if let Some(Progress::Step(step)) = self.driver.progress() {
                let lane = self.lanes.iter().find(|lane| lane.run.id() == Some(step.run));
                if let Some(lane) = lane {
                    lane.run.take(step);
                }
            }
        });
    }
}
