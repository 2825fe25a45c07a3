//! The picture made for one model, shown to the others.

use std::sync::Arc;

use leptos::prelude::*;

use super::{Arena, Outcome, Phase, use_arena};
use crate::page::bench::job::{Attempt, Job};
use crate::page::bench::state::for_the_page;
use crate::page::pgd::aim::{goal_for, verdict};
use crate::protocol::{Problem, Score, Verdict};

/// What a model says of a picture that may have been made for another.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub best: Score,
    /// None for the original picture, and where the model lacks the goal's label.
    pub verdict: Option<Verdict>,
}

/// Who is fooled by whose picture. Columns are the places of the models.
#[derive(Debug)]
pub struct Matrix {
    /// Places of the models asked.
    pub columns: Vec<usize>,
    /// The place of the model that the picture was made for (none: the original), and its cells.
    pub rows: Vec<(Option<usize>, Vec<Cell>)>,
}

/// The matrix.
#[derive(Clone, Copy)]
pub struct Transfer {
    arena: Arena,
    pub matrix: Job<Matrix>,
}

/// The page's matrix.
pub fn use_transfer() -> Transfer {
    for_the_page(|| {
        let transfer = Transfer { arena: use_arena(), matrix: Job::new() };
        Effect::new(move |_| {
            transfer.arena.outcomes();
            transfer.matrix.reset(transfer.arena.engine);
        });
        transfer
    })
}

impl Transfer {
    /// Whether all attacks are done and some picture is there to be shown around.
    pub fn ready(self) -> bool {
        self.arena.phase.get() == Phase::Finished && !self.arena.outcomes().is_empty()
    }

    /// Asks every model about every picture.
    pub fn run(self) {
        let arena = self.arena;
        let outcomes = untrack(|| arena.outcomes());
        let labels = untrack(|| arena.labels());
        let Some(link) = untrack(|| arena.started()) else { return };
        let work = move |attempt: Attempt| async move {
            let columns: Vec<_> = outcomes.iter().map(|(place, _)| *place).collect();
            let first = |outcome: &Arc<Outcome>| outcome.original.top.first().copied();
            let originals: Vec<_> = outcomes.iter().filter_map(|(_, it)| first(it)).collect();
            if originals.len() != outcomes.len() {
                return Err(nothing_said());
            }
            let plain = originals.iter().map(|&best| Cell { best, verdict: None }).collect();
            let mut rows = vec![(None, plain)];
            for (made_for, attacked) in &outcomes {
                let mut cells = Vec::new();
                for ((asked, outcome), before) in outcomes.iter().zip(&originals) {
                    let top = if asked == made_for {
                        outcome.result.rounded.top.clone()
                    } else {
                        let picture = attacked.adversarial.as_ref().clone();
                        attempt.classify(&outcome.model.id, picture).await?.0.top
                    };
                    let best = *top.first().ok_or_else(nothing_said)?;
                    let goal = goal_for(link.goal, &labels, &outcome.model.labels).ok();
                    let verdict = goal.map(|goal| verdict(goal, before.label, best.label));
                    cells.push(Cell { best, verdict });
                }
                rows.push((Some(*made_for), cells));
            }
            Ok(Matrix { columns, rows })
        };
        self.matrix.start(arena.engine, work, |_| {});
    }

    /// Fills the matrix as soon as there is something to fill it with.
    pub fn run_when_ready(self) {
        Effect::new(move |_| {
            let done = self.matrix.get().is_some() || self.matrix.busy().get_untracked();
            if self.ready() && !done && self.matrix.problem().with(Option::is_none) {
                self.run();
            }
        });
    }
}

fn nothing_said() -> Problem {
    Problem::new(crate::protocol::ProblemKind::Internal, "", "a prediction without labels")
}
