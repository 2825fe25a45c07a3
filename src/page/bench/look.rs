//! What is on the bench before anything is attacked.

use leptos::prelude::*;

use super::model_panel::ModelPanel;
use super::picture_panel::PicturePanel;
use super::prediction_panel::PredictionPanel;

/// The picture, the model, and what it sees.
#[component]
pub fn Look() -> impl IntoView {
    view! {
        <div class="bench-look">
            <PicturePanel />
            <div>
                <ModelPanel />
                <PredictionPanel />
            </div>
        </div>
    }
}
