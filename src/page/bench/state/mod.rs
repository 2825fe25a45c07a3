//! The experiment: what is on the bench, what the model says of it, what an attack does to it.
//!
//! Each part lives as long as the page, so that every bench, at whatever step, shows the same
//! experiment. Picture, model, size, epsilon and goal are the link's; everything else follows. A
//! part knows the parts that it follows from and none that follow from it:
//!
//! ```text
//! picture ─┬─ prediction ─┬─ attack ── png
//! model ───┘              └─ sweep
//! ```

mod attack;
mod model;
mod model_list;
mod own_picture;
mod picture;
mod png;
mod prediction;
mod sweep;

pub use attack::{Attacked, use_attack};
pub use model::use_model;
pub use model_list::{ModelList, use_model_list};
pub use own_picture::use_own_picture;
pub use picture::{CROP_SETTLED, Note, PictureState, Square, use_picture};
pub use png::{FromPng, use_png};
pub use prediction::{Seen, use_prediction};
pub use sweep::{SweepSubject, use_sweep};

use leptos::prelude::*;

/// The page's one part of a kind. The first caller has it created, for as long as the page lives.
pub fn for_the_page<T: Copy + Send + Sync + 'static>(create: fn() -> T) -> T {
    if let Some(known) = use_context() {
        return known;
    }
    let root = std::iter::successors(Owner::current(), Owner::parent).last();
    let create = move || {
        let created = create();
        provide_context(created);
        created
    };
    match root {
        Some(root) => root.with(create),
        None => create(),
    }
}
