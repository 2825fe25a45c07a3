//! What the attack aims at.

use leptos::html::Select;
use leptos::prelude::*;

use super::labels;
use super::state::use_attack;
use super::text::{BenchText, fill};
use super::words::use_words;
use crate::page::link::GoalLink;

/// With more classes than this there is a field to search them by.
const FEW: usize = 12;

/// A goal without its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Away,
    AwayFrom,
    Towards,
}

impl Kind {
    fn of(goal: GoalLink) -> Self {
        match goal {
            GoalLink::Away => Self::Away,
            GoalLink::AwayFrom(_) => Self::AwayFrom,
            GoalLink::Towards(_) => Self::Towards,
        }
    }

    fn with(self, label: usize) -> GoalLink {
        match self {
            Self::Away => GoalLink::Away,
            Self::AwayFrom => GoalLink::AwayFrom(label),
            Self::Towards => GoalLink::Towards(label),
        }
    }
}

/// Away from a label, or towards one.
#[component]
pub fn GoalPanel() -> impl IntoView {
    let (state, words) = (use_attack(), use_words());
    let kind = Memo::new(move |_| Kind::of(state.goal_link.get()));
    let classes = Memo::new(move |_| {
        state.prediction.model.loaded.get().map_or(0, |model| labels::count(&model.labels))
    });
    // The label to begin with: the prediction to lead away from, or another one to lead towards.
    let first_label = move |kind: Kind| {
        let best = untrack(|| state.prediction.current()).and_then(|seen| seen.best()).unwrap_or(0);
        match kind {
            Kind::Towards if best == 0 => 1.min(classes.get_untracked().saturating_sub(1)),
            Kind::Towards => 0,
            Kind::Away | Kind::AwayFrom => best,
        }
    };
    let choose = move |to: Kind| {
        let label = match state.goal_link.get_untracked() {
            GoalLink::Towards(label) if to == Kind::Towards => label,
            _ => first_label(to),
        };
        state.set_goal(to.with(label));
    };
    let choice = move |to: Kind, name: Signal<String>| {
        view! {
            <label class="bench-choice">
                <input
                    type="radio"
                    name="bench-goal"
                    prop:checked=move || kind.get() == to
                    disabled=move || to != Kind::Away && classes.get() == 0
                    on:change=move |_| choose(to)
                />
                <span>{move || name.get()}</span>
            </label>
        }
    };
    let named = move |name: fn(&BenchText) -> &'static str| {
        Signal::derive(move || name(words.text()).to_owned())
    };
    let away = Signal::derive(move || {
        let seen = state.prediction.current();
        match seen.and_then(|seen| Some((seen.best()?, seen))) {
            Some((best, seen)) => {
                let label = words.label(&seen.model, best);
                fill(words.text().goal_away_now, &[("label", &label)])
            }
            None => words.text().goal_away.to_owned(),
        }
    });
    view! {
        <fieldset class="bench-panel bench-goal">
            <legend>{move || words.text().goal}</legend>
            {choice(Kind::Away, away)}
            {choice(Kind::Towards, named(|text| text.goal_towards))}
            {choice(Kind::AwayFrom, named(|text| text.goal_away_from))}
            <Show when=move || kind.get() != Kind::Away && classes.get() != 0>
                <ClassSelect classes kind />
            </Show>
        </fieldset>
    }
}

/// One class of the model's, with a search where there are many.
#[component]
fn ClassSelect(classes: Memo<usize>, kind: Memo<Kind>) -> impl IntoView {
    let (state, words) = (use_attack(), use_words());
    let query = RwSignal::new(String::new());
    let chosen = Memo::new(move |_| match state.goal_link.get() {
        GoalLink::Away => None,
        GoalLink::AwayFrom(label) | GoalLink::Towards(label) => Some(label),
    });
    let found = Memo::new(move |_| {
        let model = state.prediction.model.loaded.get();
        model
            .map(|model| query.with(|query| labels::matching(&model.labels, query)))
            .unwrap_or_default()
    });
    // The chosen class stays in the list, so that the list never shows a choice that is not made.
    let extra = Memo::new(move |_| {
        chosen.get().filter(|chosen| found.with(|found| !found.contains(chosen)))
    });
    // Of a thousand options none is built anew because another one was chosen.
    let options = move || {
        let model = state.prediction.model.loaded.get()?;
        let option = |label: usize| {
            view! { <option value=label>{words.label(&model, label)}</option> }
        };
        let listed = extra.get().into_iter().chain(found.get());
        Some(listed.map(option).collect_view())
    };
    let select = NodeRef::<Select>::new();
    Effect::new(move |_| {
        let (Some(select), Some(chosen)) = (select.get(), chosen.get()) else { return };
        found.track();
        extra.track();
        words.lang();
        // By then the options are there.
        request_animation_frame(move || select.set_value(&chosen.to_string()));
    });
    let take = move |label: usize| state.set_goal(kind.get_untracked().with(label));
    let searched = move |event| {
        query.set(event_target_value(&event));
        if let [only] = found.get_untracked()[..] {
            take(only);
        }
    };
    let tally = move || {
        let count = found.with(Vec::len);
        if count == 0 {
            words.text().no_class.to_owned()
        } else {
            fill(words.text().classes_found, &[("count", &words.whole(count))])
        }
    };
    let search = move || {
        (classes.get() > FEW).then(|| {
            let label = move || {
                let count = words.whole(classes.get());
                fill(words.text().filter_classes, &[("count", &count)])
            };
            view! {
                <label class="bench-field">
                    <span>{label}</span>
                    <input type="search" autocomplete="off" on:input=searched />
                    <small role="status">{tally}</small>
                </label>
            }
        })
    };
    let picked = move |event| {
        if let Ok(label) = event_target_value(&event).parse() {
            take(label);
        }
    };
    view! {
        <div class="bench-row">
            {search}
            <label class="bench-field bench-field-wide">
                <span>{move || words.text().class}</span>
                <select node_ref=select on:change=picked>
                    {options}
                </select>
            </label>
        </div>
    }
}
