//! Which tokens decide, and which swaps turn the verdict.

use leptos::prelude::*;

use super::fields::{button, keeper, panel, radio, result, shown, slider, status, styled_button};
use super::influence::{self, largest, mark, strongest, sums};
use super::model::Quality;
use super::pieces;
use super::prompt_panel::PolicySelect;
use super::state::use_lab;
use super::text_panel::TextPanel;
use super::verdict_view::{Pin, bar, name_in, said_by};
use super::words::{filled, part_name, signed, text, word};
use crate::page::bench::words::{Words, use_words};
use crate::page::pgd::table::{FoldedTable, Rows};
use crate::page::problem_note::ProblemNote;
use crate::protocol::{Answer, Explanation, PartKind, Swap};

/// How many of the strongest tokens are named.
const STRONGEST: usize = 3;

/// The most swaps of a search.
const MOST_SWAPS: f32 = 20.0;

/// The text, its tokens tinted, and the search.
#[component]
pub fn FlipPanel() -> impl IntoView {
    view! {
        <TextPanel exchanges=true />
        <section class="bench-panel">
            <div class="bench-row">
                <PolicySelect />
            </div>
        </section>
        {panel("guard-decide-heading", word(|text| text.decide), view! { <Deciding /> }.into_any())}
        {panel("guard-swap-heading", word(|text| text.swap), view! { <Search /> }.into_any())}
        <Quality />
    }
    .into_any()
}

/// Which tokens decide.
#[component]
fn Deciding() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    lab.explanation.follow();
    let told = move || {
        let kept = lab.explanation.get()?;
        let explanation = kept.explanation()?;
        let name = name_in(&kept, &kept.subject.policy);
        let policy = &kept.subject.policy;
        let before = lab.pinned.get().and_then(|pinned| said_by(&pinned, policy));
        let bar = bar(words, name, &explanation.judgement, lab.threshold.get(), before);
        let inside = view! {
            <ul class="guard-bars">{bar}</ul>
            {influences(words, explanation)}
        };
        Some(inside.into_any())
    };
    let busy = move || {
        let text = text(words);
        if lab.explanation.busy().get() { text.explaining } else { "" }
    };
    let rows = move |()| {
        let text = text(words);
        let heads = [text.part, text.count, text.influence_net, text.influence_mean];
        let kept = lab.explanation.get();
        let sums = kept.as_ref().and_then(|kept| kept.explanation()).map(sums);
        let row = |sum: influence::Sum| {
            vec![
                part_name(text, Some(sum.kind)).to_owned(),
                words.whole(sum.tokens),
                signed(words, sum.net),
                words.decimal(f64::from(sum.mean), 3),
            ]
        };
        let rows = sums.unwrap_or_default().into_iter().map(row).collect();
        Rows { heads: heads.map(str::to_owned).to_vec(), rows }
    };
    view! {
        {status(busy)}
        <ProblemNote problem=lab.explanation.problem() retry=move |()| lab.explanation.again() />
        {result(lab.explanation, told)}
        <Pin latest=lab.explanation />
        <p class="hint">{word(|text| text.influence_hint)}</p>
        <FoldedTable rows />
    }
    .into_any()
}

/// The strongest tokens in words, and all of them as chips.
fn influences(words: Words, explanation: &Explanation) -> AnyView {
    let text = text(words);
    let list = |towards_yes: bool| {
        let pulls = strongest(explanation, towards_yes, STRONGEST);
        let pulls =
            pulls.iter().map(|pull| format!("“{}” {}", pull.text, signed(words, pull.value)));
        let named = pulls.collect::<Vec<_>>().join(", ");
        if named.is_empty() { text.none.to_owned() } else { named }
    };
    let most = largest(explanation);
    let written = |value: f32| signed(words, value);
    let chip_words = pieces::Words {
        part: &|kind| part_name(text, kind),
        more: &|count| filled(text.tokens_more_cut, &[("count", words.whole(count))]),
    };
    let mark = |place: usize| mark(explanation, place, most, &written);
    // The judged texts and the rule first: the frame is the same for all.
    let is_frame = |kind: Option<PartKind>| {
        !matches!(kind, Some(PartKind::UserContent | PartKind::ModelContent | PartKind::Policy))
    };
    let prompt = &explanation.prompt;
    let mut html = pieces::chips(prompt, &chip_words, &|kind| !is_frame(kind), &mark);
    html += &pieces::chips(prompt, &chip_words, &is_frame, &mark);
    view! {
        <dl class="bench-facts">
            <div><dt>{text.towards_yes}</dt><dd>{list(true)}</dd></div>
            <div><dt>{text.towards_no}</dt><dd>{list(false)}</dd></div>
        </dl>
        <ul class="guard-tints" aria-hidden="true">
            <li class="guard-yes guard-3">{text.pulls_yes}</li>
            <li class="guard-no guard-3">{text.pulls_no}</li>
        </ul>
        <div
            class="guard-chips guard-tinted"
            tabindex="0"
            role="region"
            aria-label=text.decide
            inner_html=html
        ></div>
    }
    .into_any()
}

/// The search for swaps.
#[component]
fn Search() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let flips = lab.flips;
    let busy = flips.search.busy();
    let goal = Memo::new(move |_| {
        let kept = lab.explanation.get();
        let p_yes = kept.as_ref().and_then(|kept| kept.explanation()).map(|it| it.judgement.p_yes);
        flips.goal(p_yes.unwrap_or(1.0), lab.threshold.get())
    });
    let way = move |to: Answer, label| {
        let chosen = Signal::derive(move || goal.get() == to);
        radio("guard-towards", label, chosen, Callback::new(move |()| flips.towards.set(Some(to))))
    };
    let label = Signal::derive(move || {
        let count = words.whole(flips.most.get() as usize);
        filled(text(words).most_swaps, &[("count", count)])
    });
    let blocked =
        Signal::derive(move || !busy.get() && lab.explanation.subject.with(Option::is_none));
    let press = Callback::new(move |()| {
        if busy.get_untracked() {
            flips.cancel(lab)
        } else {
            flips.start(lab, goal.get_untracked())
        }
    });
    let name =
        Signal::derive(move || if busy.get() { words.text().cancel } else { text(words).search });
    let searching = Signal::derive(move || {
        if !busy.get() {
            return String::new();
        }
        let done = words.whole(flips.swaps.with(Vec::len));
        filled(text(words).searching, &[("done", done)])
    });
    let swaps = move || {
        let swaps = flips.swaps.get();
        let row = |(place, swap): (usize, &Swap)| swap_view(words, place, swap);
        (!swaps.is_empty()).then(|| {
            let rows = swaps.iter().enumerate().map(row).collect_view();
            view! { <ol class="guard-log">{rows}</ol> }.into_any()
        })
    };
    let ending = move || {
        let (flipped, about) = (flips.search.get()?, flips.about.get()?);
        let text = text(words);
        let (class, said) = match (flipped.reached, flipped.swaps.is_empty()) {
            (true, true) => ("none", text.flip_nothing_to_do),
            (true, false) => ("success", text.flip_reached),
            (false, true) => ("held", text.flip_no_swap),
            (false, false) => ("held", text.flip_not_reached),
        };
        let values = [
            ("before", words.confidence(flipped.before.p_yes)),
            ("after", words.confidence(flipped.after.p_yes)),
            ("count", words.whole(flipped.swaps.len())),
            ("tried", words.whole(flipped.tried)),
            ("threshold", words.decimal(f64::from(about.threshold), 2)),
            ("time", words.duration(flipped.milliseconds)),
        ];
        let inside = view! {
            <div class=format!("bench-verdict {class}")>
                <strong>{said}</strong>
                <p>{filled(text.flip_facts, &values)}</p>
            </div>
        };
        Some(inside.into_any())
    };
    let last = move || flips.swaps.with(|swaps| swaps.last().map(|swap| swap.text.clone()));
    let stale = Memo::new(move |_| flips.is_stale(lab));
    // A text that came of another one than stands there is not to take its place.
    let nothing = Signal::derive(move || busy.get() || stale.get() || last().is_none());
    let take = Callback::new(move |()| {
        if let Some(text) = untrack(last) {
            lab.update(|draft| draft.prompt = text);
        }
    });
    let restore = Callback::new(move |()| {
        if let Some(about) = flips.about.get_untracked() {
            lab.update(|draft| draft.prompt = about.judge.exchange.prompt);
        }
    });
    let unchanged = Signal::derive(move || {
        busy.get()
            || flips.about.get().is_none_or(|about| {
                lab.draft.with(|draft| draft.prompt == about.judge.exchange.prompt)
            })
    });
    let slid = Callback::new(move |count: f32| flips.most.set(count as u32));
    let taking = view! {
        <div class="bench-row">
            {button(word(|text| text.take_text), nothing, take)}
            {button(word(|text| text.restore_text), unchanged, restore)}
        </div>
    }
    .into_any();
    view! {
        <fieldset class="bench-panel guard-choices">
            <legend>{word(|text| text.lead_towards)}</legend>
            {way(Answer::No, word(|text| text.lead_no))}
            {way(Answer::Yes, word(|text| text.lead_yes))}
        </fieldset>
        {slider(
            label,
            Signal::derive(move || flips.most.get() as f32),
            [1.0, MOST_SWAPS, 1.0],
            slid,
        )}
        <div class="bench-row">{styled_button("button button-primary", name, blocked, press)}</div>
        <p class="hint" role="status">{searching}</p>
        <ProblemNote problem=flips.search.problem() />
        <div class="guard-result" class:stale=move || stale.get()>
            {shown(swaps)}
            <div aria-live="polite">{shown(ending)}</div>
        </div>
        {keeper(nothing, keeper(unchanged, taking))}
        <p class="hint">{word(|text| text.swap_hint)}</p>
    }
    .into_any()
}

/// One swap.
fn swap_view(words: Words, place: usize, swap: &Swap) -> AnyView {
    let (from, to) = (pieces::visible(&swap.from), pieces::visible(&swap.to));
    view! {
        <li>
            <p class="guard-log-head">
                <span class="bench-number">{place + 1}"."</span>
                " "
                <del>{from}</del>
                " → "
                <ins>{to}</ins>
                " "
                <strong class="bench-number">{words.confidence(swap.p_yes)}</strong>
            </p>
            <p class="guard-log-text">{swap.text.clone()}</p>
        </li>
    }
    .into_any()
}
