//! A guard model and what can be done with its verdicts: lesson 1's instruments.
//!
//! Modules without Leptos are plain data and functions, tested natively.

pub mod counts;
pub mod draft;
pub mod examples;
pub mod influence;
pub mod levels;
pub mod measured;
pub mod pieces;
pub mod pipeline;
pub mod rules;
