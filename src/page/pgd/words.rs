//! A word of the catalogues as a signal. All words then share one piece of code that shows them.

use leptos::prelude::*;

use super::text::{PgdText, pgd_text};
use crate::page::bench::text::BenchText;
use crate::page::bench::words::use_words;

/// A string of the iterative attacks, following the language.
pub fn word(name: fn(&PgdText) -> &'static str) -> Signal<&'static str> {
    let words = use_words();
    Signal::derive(move || name(pgd_text(words.lang())))
}

/// A string of the bench, following the language.
pub fn bench_word(name: fn(&BenchText) -> &'static str) -> Signal<&'static str> {
    let words = use_words();
    Signal::derive(move || name(words.text()))
}
