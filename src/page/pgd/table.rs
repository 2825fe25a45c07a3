//! Numbers as a table, folded away until somebody wants them.

use leptos::prelude::*;

use crate::page::bench::words::use_words;

/// A table's heads and rows; the first cell of a row is its head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The rows, built only while they are unfolded.
#[component]
pub fn FoldedTable(#[prop(into)] rows: Callback<(), Rows>) -> impl IntoView {
    let words = use_words();
    let open = RwSignal::new(false);
    let toggled = move |event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    let name = move || words.text().as_table;
    view! {
        <details class="bench-table" on:toggle=toggled>
            <summary>{name}</summary>
            <div class="bench-table-scroll" tabindex="0" role="region" aria-label=name>
                {move || open.get().then(|| plain_table(rows.run(())))}
            </div>
        </details>
    }
    .into_any()
}

/// The rows as a table.
pub fn plain_table(rows: Rows) -> AnyView {
    let heads = rows.heads.into_iter().map(|head| view! { <th scope="col">{head}</th> });
    let row = |cells: Vec<String>| {
        let mut cells = cells.into_iter();
        let head = cells.next().unwrap_or_default();
        let rest = cells.map(|cell| view! { <td>{cell}</td> }).collect_view();
        view! { <tr><th scope="row">{head}</th>{rest}</tr> }
    };
    view! {
        <table>
            <thead>
                <tr>{heads.collect_view()}</tr>
            </thead>
            <tbody>{rows.rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
