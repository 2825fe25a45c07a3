//! The prompt, part by part, as tokens, and in shapes.

use leptos::prelude::*;

use super::fields::{panel, radio, result, select};
use super::pieces::{self, KINDS, Mark};
use super::state::use_lab;
use super::text_panel::TextPanel;
use super::verdict_view::{Pin, Status, bar, name_in, said_by};
use super::words::{filled, part_name, policy_name, text, word};
use crate::page::bench::words::{Words, use_words};
use crate::page::problem_note::ProblemNote;
use crate::protocol::{ControlTokens, PartKind, PromptReport};

/// The text, and the prompt that is made of it.
#[component]
pub fn PromptPanel() -> impl IntoView {
    let lab = use_lab();
    lab.inspection.follow();
    lab.verdict.follow();
    let parts = view! {
        <ProblemNote problem=lab.inspection.problem() retry=move |()| lab.inspection.again() />
        {of_prompt(parts)}
    };
    let tokens = of_prompt(tokens);
    view! {
        <TextPanel exchanges=true />
        <section class="bench-panel">
            <div class="bench-row">
                <PolicySelect />
            </div>
            <ControlSwitch />
        </section>
        {panel("guard-parts-heading", word(|text| text.parts), parts.into_any())}
        {panel("guard-tokens-heading", word(|text| text.tokens), tokens)}
        {panel("guard-shapes-heading", word(|text| text.shapes), of_prompt(shapes))}
        {panel("guard-verdict-heading", word(|text| text.verdict), view! { <OneVerdict /> }.into_any())}
    }
    .into_any()
}

/// Something of the latest prompt.
fn of_prompt(part: fn(Words, &PromptReport) -> AnyView) -> AnyView {
    let (lab, words) = (use_lab(), use_words());
    result(lab.inspection, move || {
        let kept = lab.inspection.get()?;
        Some(part(words, kept.prompt()?))
    })
}

/// Which policy is looked at.
#[component]
pub fn PolicySelect() -> impl IntoView {
    let lab = use_lab();
    let options = Signal::derive(move || {
        lab.rules.with(|rules| rules.iter().map(|it| (it.id.clone(), policy_name(it))).collect())
    });
    let chosen = Signal::derive(move || lab.policy.get().map(|it| it.id).unwrap_or_default());
    let choose = Callback::new(move |id: String| lab.update(|draft| draft.policy = id));
    select(word(|text| text.policy), options, chosen, choose)
}

/// What the words of a control token come to when a user writes them.
#[component]
fn ControlSwitch() -> impl IntoView {
    let lab = use_lab();
    let way = move |to: ControlTokens, label| {
        let chosen = Signal::derive(move || lab.draft.with(|it| it.control_tokens == to));
        let choose = Callback::new(move |()| lab.update(|draft| draft.control_tokens = to));
        radio("guard-control", label, chosen, choose)
    };
    view! {
        <fieldset class="bench-panel">
            <legend>{word(|text| text.control)}</legend>
            {way(ControlTokens::Escaped, word(|text| text.control_escaped))}
            {way(ControlTokens::Interpreted, word(|text| text.control_interpreted))}
            <p class="hint">{word(|text| text.control_hint)}</p>
        </fieldset>
    }
    .into_any()
}

/// How many tokens each kind of part takes, and the texts one after the other.
fn parts(words: Words, report: &PromptReport) -> AnyView {
    let text = text(words);
    let counts = pieces::counts(report);
    let share = |count: usize| format!("{count} 1 0");
    let strip = KINDS.iter().zip(counts).filter(|(_, count)| *count > 0).map(|(kind, count)| {
        view! { <span class=pieces::class(*kind) style:flex=share(count)></span> }
    });
    let legend = KINDS.iter().zip(counts).filter(|(_, count)| *count > 0).map(|(kind, count)| {
        view! {
            <li class=pieces::class(*kind)>
                <span>{part_name(text, Some(*kind))}</span>
                " "
                <span class="bench-number">{count_of(words, count)}</span>
            </li>
        }
    });
    let part = |(place, part): (usize, &crate::protocol::PromptPart)| {
        let (read, cut) = pieces::count(report, place);
        let mut said = count_of(words, read);
        let is_content = matches!(part.kind, PartKind::UserContent | PartKind::ModelContent);
        if cut > 0 {
            said = format!("{said}, {}", filled(text.tokens_cut, &[("count", words.whole(cut))]));
        }
        view! {
            <li class=format!("guard-part {}", pieces::class(part.kind))>
                <p><strong>{part_name(text, Some(part.kind))}</strong> " " <small>{said}</small></p>
                <pre tabindex=is_content.then_some("0")>{part.text.clone()}</pre>
            </li>
        }
    };
    view! {
        <div class="guard-strip" aria-hidden="true">{strip.collect_view()}</div>
        <ul class="guard-legend" aria-label=text.parts_legend>{legend.collect_view()}</ul>
        <ol class="guard-parts">
            {report.parts.iter().enumerate().map(part).collect_view()}
        </ol>
    }
    .into_any()
}

/// “12 tokens”.
fn count_of(words: Words, count: usize) -> String {
    let text = text(words);
    let template = if count == 1 { text.token_of_part } else { text.tokens_of_part };
    filled(template, &[("count", words.whole(count))])
}

/// The tokens with their ids.
fn tokens(words: Words, report: &PromptReport) -> AnyView {
    let text = text(words);
    let (read, all) = (pieces::read(report), report.tokens.len());
    let values = [
        ("read", words.whole(read)),
        ("cut", words.whole(all - read)),
        ("context", words.whole(report.context)),
    ];
    let template = if all > read { text.tokens_some_cut } else { text.tokens_all_read };
    let chip_words = pieces::Words {
        part: &|kind| part_name(text, kind),
        more: &|count| filled(text.tokens_more_cut, &[("count", words.whole(count))]),
    };
    let id = |place: usize| Mark {
        class: "",
        beneath: report.tokens.get(place).map(|token| token.id.to_string()).unwrap_or_default(),
    };
    view! {
        <p>{filled(template, &values)}</p>
        <p class="hint">{text.tokens_signs}</p>
        <div
            class="guard-chips"
            tabindex="0"
            role="region"
            aria-label=text.tokens
            inner_html=pieces::chips(report, &chip_words, &|_| true, &id)
        ></div>
    }
    .into_any()
}

/// What has which shape, and what is never computed.
fn shapes(words: Words, report: &PromptReport) -> AnyView {
    let text = text(words);
    let size = use_lab().guards.known().and_then(|guard| guard.size);
    let (n, vocabulary) = (pieces::read(report), report.vocabulary);
    let bytes = n as u64 * vocabulary as u64 * 4;
    let whole = |value| words.whole(value);
    let mut rows = vec![
        (text.shape_ids, format!("(1, {n})"), text.shape_ids_says.to_owned()),
        (text.shape_mask, format!("(1, {n})"), text.shape_mask_says.to_owned()),
        (
            text.shape_logits,
            format!("(1, {n}, {vocabulary})"),
            filled(
                text.shape_logits_says,
                &[("count", whole(n * vocabulary)), ("bytes", words.bytes(bytes))],
            ),
        ),
    ];
    if let Some(size) = size {
        let hidden = size.hidden_size;
        rows.push((
            text.shape_rows,
            format!("(1, {hidden}) × ({hidden}, 2)"),
            filled(text.shape_rows_says, &[("count", whole(2 * hidden))]),
        ));
    }
    rows.push((
        text.shape_probability,
        "(1, 2)".to_owned(),
        text.shape_probability_says.to_owned(),
    ));
    let row = |(name, shape, says): (&'static str, String, String)| {
        let never = name == text.shape_logits;
        view! {
            <tr class:guard-never=never>
                <th scope="row">{name}</th>
                <td><code>{shape}</code> " " <small>{says}</small></td>
            </tr>
        }
    };
    view! {
        <div class="bench-table guard-table">
            <table>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The verdict by the policy that is looked at.
#[component]
fn OneVerdict() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let inside = move || {
        let (kept, policy) = (lab.verdict.get()?, lab.policy.get()?);
        let judgement = said_by(&kept, &policy.id)?;
        let name = name_in(&kept, &policy.id);
        let before = lab.pinned.get().and_then(|pinned| said_by(&pinned, &policy.id));
        let bar = bar(words, name, &judgement, lab.threshold.get(), before);
        Some(view! { <ul class="guard-bars">{bar}</ul> }.into_any())
    };
    view! {
        <Status />
        {result(lab.verdict, inside)}
        <Pin latest=lab.verdict />
        <super::model::Quality />
    }
    .into_any()
}
