//! Which job runs, which wait.

use std::collections::VecDeque;

use crate::protocol::{JobId, Request};

/// A request with the name it was given.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub request: Request,
}

/// What a cancellation met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// The job had not begun and is out of the queue.
    TakenOut,
    /// The job runs: it has to be told to stop.
    Running,
    /// There is no such job (any more).
    Unknown,
}

/// Jobs in the order they came, at most one of them running.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Job>,
    running: Option<JobId>,
}

impl Queue {
    /// Adds a job at the end.
    pub fn push(&mut self, job: Job) {
        self.waiting.push_back(job);
    }

    /// Starts the job that has waited longest; none while another one runs.
    pub fn start_next(&mut self) -> Option<Job> {
        if self.running.is_some() {
            return None;
        }
        let job = self.waiting.pop_front()?;
        self.running = Some(job.id);
        Some(job)
    }

    /// Marks the running job as ended.
    pub fn finish(&mut self) {
        self.running = None;
    }

    /// Takes a waiting job out; says so if it is running instead.
    pub fn cancel(&mut self, id: JobId) -> Cancellation {
        if self.running == Some(id) {
            return Cancellation::Running;
        }
        match self.waiting.iter().position(|job| job.id == id) {
            Some(index) => {
                self.waiting.remove(index);
                Cancellation::TakenOut
            }
            None => Cancellation::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue_of(ids: &[JobId]) -> Queue {
        let mut queue = Queue::default();
        for &id in ids {
            queue.push(Job { id, request: Request::ListModels });
        }
        queue
    }

    #[test]
    fn jobs_run_one_at_a_time_in_order() {
        let mut queue = queue_of(&[1, 2]);
        assert_eq!(queue.start_next().map(|job| job.id), Some(1));
        assert!(queue.start_next().is_none());
        queue.finish();
        assert_eq!(queue.start_next().map(|job| job.id), Some(2));
        queue.finish();
        assert!(queue.start_next().is_none());
    }

    #[test]
    fn a_waiting_job_is_taken_out() {
        let mut queue = queue_of(&[1, 2, 3]);
        assert_eq!(queue.cancel(2), Cancellation::TakenOut);
        assert_eq!(queue.start_next().map(|job| job.id), Some(1));
        queue.finish();
        assert_eq!(queue.start_next().map(|job| job.id), Some(3));
    }

    #[test]
    fn a_running_job_stays_until_it_ends() {
        let mut queue = queue_of(&[1, 2]);
        queue.start_next();
        assert_eq!(queue.cancel(1), Cancellation::Running);
        assert!(queue.start_next().is_none());
        queue.finish();
        assert_eq!(queue.cancel(1), Cancellation::Unknown);
    }
}
