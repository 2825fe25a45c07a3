//! The labelled set at a threshold: counts, curve, prices, and the texts behind them.

use js_sys::Date;
use leptos::prelude::*;

use super::counts::{Counts, Prices, area, best, curve};
use super::examples::Example;
use super::fields::{button, folded, hint, keeper, panel, select, shown, slider, styled_button};
use super::measured::{SETS, precision_recall};
use super::model::Quality;
use super::state::{Lab, Row, use_lab};
use super::words::{filled, policy_name, share, text, word};
use crate::page::bench::words::{Words, use_words};
use crate::page::lang::Lang;
use crate::page::pgd::chart::{Chart, Ticks};
use crate::page::pgd::number_field::NumberField;
use crate::page::pgd::plot::Line;
use crate::page::pgd::table::{Rows, plain_table};
use crate::page::pgd::tally::{Wait, time_left};
use crate::page::problem_note::ProblemNote;
use crate::protocol::UseCase;

/// The most texts of a list that are read out at once.
const MOST_TEXTS: usize = 60;

/// Judging the set, and what a threshold does to it.
#[component]
pub fn ThresholdPanel() -> impl IntoView {
    let lab = use_lab();
    let judged = Memo::new(move |_| lab.labelled.done() > 0);
    let inside = view! {
        <Judging />
        {shown(move || judged.get().then(results))}
    };
    view! {
        {panel("guard-set-heading", word(|text| text.set), inside.into_any())}
        {panel("guard-big-heading", word(|text| text.big_sets), view! { <BigSets /> }.into_any())}
    }
    .into_any()
}

/// The button, and how far it is.
#[component]
fn Judging() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let labelled = lab.labelled;
    let busy = labelled.judging.busy();
    let total = move || lab.texts.get().map_or(0, |texts| texts.texts.len());
    let lead =
        Signal::derive(move || filled(text(words).set_lead, &[("count", words.whole(total()))]));
    let name = Signal::derive(move || {
        let text = text(words);
        if busy.get() {
            words.text().cancel
        } else if labelled.done() == 0 {
            text.judge_set
        } else {
            text.judge_rest
        }
    });
    let all = Memo::new(move |_| total() > 0 && labelled.done() == total());
    let blocked =
        Signal::derive(move || !busy.get() && (total() == 0 || lab.guards.loaded.get().is_none()));
    let press = Callback::new(move |()| {
        if busy.get_untracked() { labelled.cancel(lab) } else { labelled.judge(lab) }
    });
    let advance = move || {
        let advance = labelled.advance.get()?;
        let text = text(words);
        if !busy.get() {
            let (done, total) = (labelled.done(), total());
            let values = [("done", words.whole(done)), ("total", words.whole(total))];
            let said = (done < total && done > 0).then(|| filled(text.set_stopped, &values));
            return said.map(|said| view! { <p class="hint" role="status">{said}</p> }.into_any());
        }
        let (done, total) = (advance.done, advance.total);
        let (now, of) = (done - advance.before, total - advance.before);
        let left =
            time_left(now, of, Date::now() - advance.begin).map(|left| match Wait::of(left) {
                Wait::Seconds(count) => filled(text.seconds_left, &[("count", count.to_string())]),
                Wait::Minutes(count) => filled(text.minutes_left, &[("count", count.to_string())]),
            });
        let values = [("done", words.whole(done)), ("total", words.whole(total))];
        let said = format!("{} {}", filled(text.set_progress, &values), left.unwrap_or_default());
        Some(
            view! {
                <div class="bench-progress">
                    <p>{said}</p>
                    <progress max=total prop:value=done aria-label=text.set></progress>
                </div>
            }
            .into_any(),
        )
    };
    let run = move || {
        (!all.get()).then(|| {
            view! {
                <div class="bench-attack-row">
                    {styled_button("button button-primary", name, blocked, press)}
                </div>
            }
            .into_any()
        })
    };
    view! {
        <p>{lead}</p>
        {keeper(all.into(), shown(run))}
        {shown(advance)}
        <ProblemNote problem=lab.texts.problem() retry=move |()| lab.fetch_texts() />
        <ProblemNote problem=labelled.judging.problem() retry=move |()| labelled.judge(lab) />
    }
    .into_any()
}

/// What the chosen threshold does to the texts that count.
fn results() -> AnyView {
    let (lab, words) = (use_lab(), use_words());
    let rows = Signal::derive(move || lab.labelled.rows(lab));
    let scored = Memo::new(move |_| rows.get().iter().map(|row| row.scored).collect::<Vec<_>>());
    let counts = Memo::new(move |_| scored.with(|all| Counts::at(all, lab.threshold.get())));
    let label = Signal::derive(move || {
        let value = words.decimal(f64::from(lab.threshold.get()), 3);
        filled(text(words).threshold_slider, &[("threshold", value)])
    });
    let set = move |threshold: f32| lab.update(|draft| draft.threshold = Some(threshold));
    let never = Signal::derive(|| false);
    let by_f1 = Callback::new(move |()| {
        let f1 = |counts: Counts| counts.f1().map_or(-1.0, f64::from);
        if let Some((threshold, _)) = scored.with_untracked(|all| best(all, &f1)) {
            set(threshold);
        }
    });
    let own = Callback::new(move |()| lab.update(|draft| draft.threshold = None));
    let plot = Signal::derive(move || {
        let line = Line { points: scored.with(|all| curve(all)), ..Line::default() };
        let counts = counts.get();
        let point = counts.recall().zip(counts.precision()).map(|(x, y)| [x, y]);
        let here = Line {
            series: 1,
            points: point.into_iter().collect(),
            marked: true,
            ..Line::default()
        };
        precision_recall(vec![line, here])
    });
    let title = Signal::derive(move || {
        let area = share(words, scored.with(|all| area(all)));
        filled(
            text(words).curve_title,
            &[("area", area), ("n", words.whole(scored.with(Vec::len)))],
        )
    });
    let x_name = Signal::derive(move || text(words).recall.to_owned());
    let summary = Signal::derive(move || {
        let counts = counts.get();
        filled(
            text(words).curve_summary,
            &[
                ("precision", share(words, counts.precision())),
                ("recall", share(words, counts.recall())),
            ],
        )
    });
    let cut = move || {
        let count = rows.get().iter().filter(|row| row.is_cut).count();
        (count > 0).then(|| filled(text(words).set_cut, &[("count", words.whole(count))]))
    };
    view! {
        <Choices />
        {hint(cut)}
        {slider(
            label,
            lab.threshold.into(),
            [0.0, 1.0, 0.005],
            Callback::new(move |threshold: f32| set(threshold)),
        )}
        <div class="bench-row">
            {button(word(|text| text.best_f1), never, by_f1)}
            {button(word(|text| text.own_threshold), never, own)}
        </div>
        {shown(move || Some(matrix(words, counts.get())))}
        <Chart plot ticks=Ticks::Share title x_name summary />
        <p class="hint">{word(|text| text.curve_signs)}</p>
        <Costs scored counts />
        <Lists rows />
        <Quality />
    }
    .into_any()
}

/// Which texts count, and by what.
#[component]
fn Choices() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let choice = lab.labelled.choice;
    let languages = Signal::derive(move || {
        let all = (String::new(), text(words).both_languages.to_owned());
        let names = Lang::ALL.map(|lang| (lang.code().to_owned(), lang.endonym().to_owned()));
        std::iter::once(all).chain(names).collect()
    });
    let kinds = Signal::derive(move || {
        let text = text(words);
        [("", text.both_kinds), ("prompt", text.only_prompts), ("response", text.only_exchanges)]
            .map(|(value, name)| (value.to_owned(), name.to_owned()))
            .to_vec()
    });
    let policies = Signal::derive(move || {
        let any = (String::new(), text(words).any_policy.to_owned());
        let policies = lab.guards.policies();
        let policies = policies.iter().map(|policy| (policy.id.clone(), policy_name(policy)));
        std::iter::once(any).chain(policies).collect()
    });
    let kind = Signal::derive(move || {
        match choice.get().use_case {
            None => "",
            Some(UseCase::PromptOnly) => "prompt",
            Some(UseCase::PromptResponse) => "response",
        }
        .to_owned()
    });
    let choose_kind = Callback::new(move |to: String| {
        let use_case = match to.as_str() {
            "prompt" => Some(UseCase::PromptOnly),
            "response" => Some(UseCase::PromptResponse),
            _ => None,
        };
        choice.update(|choice| choice.use_case = use_case);
    });
    let language = Signal::derive(move || choice.get().language);
    let policy = Signal::derive(move || choice.get().policy);
    view! {
        <div class="bench-row">
            {select(
                word(|text| text.language),
                languages,
                language,
                Callback::new(move |to: String| choice.update(|choice| choice.language = to)),
            )}
            {select(word(|text| text.kind), kinds, kind, choose_kind)}
            {select(
                word(|text| text.policy),
                policies,
                policy,
                Callback::new(move |to: String| choice.update(|choice| choice.policy = to)),
            )}
        </div>
    }
    .into_any()
}

/// The four counts, and what is made of them.
fn matrix(words: Words, counts: Counts) -> AnyView {
    let text = text(words);
    let cell = |class: &'static str, name: &'static str, count: usize| {
        view! {
            <td class=class><strong class="bench-number">{words.whole(count)}</strong> " " <span>{name}</span></td>
        }
    };
    let figure = |name: &'static str, value: Option<f32>| {
        view! { <div><dt>{name}</dt><dd>{share(words, value)}</dd></div> }
    };
    view! {
        <div class="guard-matrix">
            <table>
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">{text.flagged}</th>
                        <th scope="col">{text.let_through}</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <th scope="row">{text.violates}</th>
                        {cell("held", text.caught, counts.caught)}
                        {cell("success", text.missed, counts.missed)}
                    </tr>
                    <tr>
                        <th scope="row">{text.harmless}</th>
                        {cell("half", text.alarms, counts.alarms)}
                        {cell("held", text.passed, counts.passed)}
                    </tr>
                </tbody>
            </table>
            <dl class="bench-facts">
                {figure(text.precision, counts.precision())}
                {figure(text.recall, counts.recall())}
                {figure("F1", counts.f1())}
                {figure(text.alarm_rate, counts.alarm_rate())}
            </dl>
        </div>
    }
    .into_any()
}

/// What the mistakes cost, and where they cost least.
#[component]
fn Costs(scored: Memo<Vec<super::counts::Scored>>, counts: Memo<Counts>) -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let prices = lab.labelled.prices;
    let priced = move || {
        let [miss, alarm] = prices.get();
        Prices { miss, alarm }
    };
    let cheapest = Memo::new(move |_| {
        let prices = priced();
        scored.with(|all| best(all, &|counts: Counts| -counts.cost(prices)))
    });
    let price = move |place: usize, label| {
        let value = Signal::derive(move || {
            let price = prices.get()[place];
            words.short(price, 3)
        });
        let take = Callback::new(move |typed: String| {
            let number = typed.trim().replace(',', ".").parse::<f64>().ok();
            let number = number.filter(|number| (0.0..=1e6).contains(number));
            if let Some(number) = number {
                prices.update(|prices| prices[place] = number);
            }
            number.is_some()
        });
        let allowed = Signal::derive(move || text(words).price_allowed.to_owned());
        view! { <NumberField label value take allowed /> }.into_any()
    };
    let cost = move || {
        let (threshold, least) = cheapest.get()?;
        let prices = priced();
        let cost = |counts: Counts| words.short(counts.cost(prices), 2);
        Some(filled(
            text(words).cost,
            &[
                ("misses", words.whole(counts.get().missed)),
                ("alarms", words.whole(counts.get().alarms)),
                ("cost", cost(counts.get())),
                ("least", cost(least)),
                ("threshold", words.decimal(f64::from(threshold), 3)),
            ],
        ))
    };
    let said = Signal::derive(move || cost().unwrap_or_default());
    let take = Callback::new(move |()| {
        if let Some((threshold, _)) = cheapest.get_untracked() {
            lab.update(|draft| draft.threshold = Some(threshold));
        }
    });
    let none = Signal::derive(move || cheapest.get().is_none());
    view! {
        <h4>{word(|text| text.prices)}</h4>
        <div class="bench-row">
            {price(0, word(|text| text.price_miss))}
            {price(1, word(|text| text.price_alarm))}
        </div>
        <p>{said}</p>
        <div class="bench-row">{button(word(|text| text.take_cheapest), none, take)}</div>
    }
    .into_any()
}

/// The texts that were missed, and those that were flagged for nothing.
#[component]
fn Lists(rows: Signal<Vec<Row>>) -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let of = move |missed: bool| {
        let threshold = lab.threshold.get();
        let mut wrong = rows.get();
        wrong.retain(|row| {
            let flagged = row.scored.p_yes >= threshold;
            row.scored.violates == missed && flagged != missed
        });
        wrong.sort_by(|one, other| one.scored.p_yes.total_cmp(&other.scored.p_yes));
        if !missed {
            wrong.reverse();
        }
        wrong
    };
    let list = move |missed: bool, name: fn(&super::text::GuardText) -> &'static str| {
        let summary = Signal::derive(move || {
            filled(name(text(words)), &[("count", words.whole(of(missed).len()))])
        });
        let inside = move |()| {
            let rows = move || {
                let rows = of(missed).into_iter().take(MOST_TEXTS).map(wrong).collect_view();
                Some(rows.into_any())
            };
            view! {
                <ul class="guard-wrong" tabindex="0" aria-label=move || summary.get()>
                    {shown(rows)}
                </ul>
            }
            .into_any()
        };
        folded(summary, Callback::new(inside))
    };
    view! {
        {list(true, |text| text.list_missed)}
        {list(false, |text| text.list_alarms)}
    }
    .into_any()
}

/// A text that was judged wrongly.
fn wrong(row: Row) -> AnyView {
    let (lab, words) = (use_lab(), use_words());
    let Some(texts) = lab.texts.get() else { return ().into_any() };
    let Some(example) = texts.texts.get(row.place) else { return ().into_any() };
    let Example { prompt, response, violates, .. } = example.clone();
    let response = response.map(|response| view! { <span>" → " {response}</span> });
    let cut = row.is_cut.then_some(text(words).caution_cut);
    let policies = lab.guards.policies();
    let names = policies.iter().filter(|policy| violates.contains(&policy.id));
    let names: Vec<_> = names.map(|policy| policy.name.clone()).collect();
    view! {
        <li>
            <span class="bench-number">{words.confidence(row.scored.p_yes)}</span>
            <span>{prompt} {response} " " <small>{names.join(", ")} " " {cut}</small></span>
        </li>
    }
    .into_any()
}

/// What was measured on the public sets.
#[component]
fn BigSets() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let labelled = lab.labelled;
    let load = move || labelled.load_measured(lab, lab.guards);
    Effect::new(move |_| load());
    let unmeasured = move || {
        lab.guards.known()?;
        lab.guards.metrics().is_none().then(|| text(words).not_measured.to_owned())
    };
    view! {
        {hint(unmeasured)}
        <ProblemNote problem=labelled.measured.problem() retry=move |()| load() />
        {shown(move || labelled.measured.get().map(|_| big_curves(lab, words)))}
    }
    .into_any()
}

fn big_curves(lab: Lab, words: Words) -> AnyView {
    let measured = lab.labelled.measured;
    let policy = RwSignal::new(String::new());
    let policies = Signal::derive(move || {
        let any = (String::new(), text(words).any_policy.to_owned());
        let has = |id: &str| {
            measured
                .get()
                .is_some_and(|it| (0..SETS.len()).any(|set| it.figures(set, id).is_some()))
        };
        let policies = lab.guards.policies();
        let policies = policies.iter().filter(|policy| has(&policy.id));
        let policies = policies.map(|policy| (policy.id.clone(), policy_name(policy)));
        std::iter::once(any).chain(policies).collect()
    });
    let plot = Signal::derive(move || {
        let (threshold, policy) = (lab.threshold.get(), policy.get());
        let mut lines = measured.get().map(|it| it.lines(&policy)).unwrap_or_default();
        if let Some(measured) = measured.get() {
            for series in 0..SETS.len() {
                let Some(point) = measured.at(series, &policy, threshold) else { continue };
                let points = vec![[point.recall, point.precision]];
                lines.push(Line { series, points, marked: true, ..Line::default() });
            }
        }
        precision_recall(lines)
    });
    let title = Signal::derive(move || text(words).big_title.to_owned());
    let x_name = Signal::derive(move || text(words).recall.to_owned());
    let rows = move || {
        let text = text(words);
        let heads = [
            text.set_name,
            "n",
            "AU-PRC",
            "ROC-AUC",
            "F1",
            text.best_threshold,
            text.calibration_error,
            text.precision_here,
            text.recall_here,
        ];
        let policy = policy.get();
        let row = |place: usize| {
            let measured = measured.get()?;
            let figures = measured.figures(place, &policy)?;
            let here = measured.at(place, &policy, lab.threshold.get());
            Some(vec![
                SETS.get(place).map(|(_, name)| (*name).to_owned()).unwrap_or_default(),
                words.whole(figures.n),
                share(words, Some(figures.au_prc)),
                share(words, figures.roc_auc),
                share(words, figures.f1),
                share(words, Some(figures.threshold)),
                share(words, figures.ece),
                share(words, here.map(|point| point.precision)),
                share(words, here.map(|point| point.recall)),
            ])
        };
        let rows = (0..SETS.len()).filter_map(row).collect();
        Rows { heads: heads.map(str::to_owned).to_vec(), rows }
    };
    let summary = Signal::derive(move || {
        let said = rows().rows.into_iter().map(|row| {
            let value = |place: usize| row.get(place).cloned().unwrap_or_default();
            filled(text(words).big_summary, &[("set", value(0)), ("area", value(2))])
        });
        said.collect::<Vec<_>>().join(" ")
    });
    let shieldgemma = move || {
        let published = measured.get()?.shieldgemma(0).filter(|_| policy.with(String::is_empty))?;
        let values = [
            ("area", words.decimal(f64::from(published.au_prc), 3)),
            ("f1", words.decimal(f64::from(published.f1), 3)),
        ];
        Some(filled(text(words).big_shieldgemma, &values))
    };
    let refusals = move || {
        let measured = measured.get()?;
        let (set, _) = SETS.iter().enumerate().find(|(_, (key, _))| *key == "xstest")?;
        let chosen = measured.figures(set, "")?.false_positive_rate?;
        let here = measured.false_alarms_at(set, lab.threshold.get());
        let percent = |share: f32| words.confidence(share);
        let values =
            [("chosen", percent(chosen)), ("here", here.map_or_else(|| "–".to_owned(), percent))];
        Some(filled(text(words).big_refusals, &values))
    };
    let legend = SETS.iter().enumerate().map(|(place, (_, name))| {
        view! { <li><span class=format!("pgd-sign s{place}")></span>{*name}</li> }
    });
    view! {
        <div class="bench-row">
            {select(
                word(|text| text.policy),
                policies,
                policy.into(),
                Callback::new(move |to: String| policy.set(to)),
            )}
        </div>
        <Chart plot ticks=Ticks::Share title x_name summary />
        <ul class="bench-legend pgd-legend">{legend.collect_view()}</ul>
        <div class="bench-table">
            <div
                class="bench-table-scroll"
                tabindex="0"
                role="region"
                aria-label=word(|text| text.big_sets)
            >
                {shown(move || Some(plain_table(rows())))}
            </div>
        </div>
        <p>{move || refusals()}</p>
        <p>{move || shieldgemma()}</p>
        <p class="hint">{word(|text| text.big_note)}</p>
    }
    .into_any()
}
