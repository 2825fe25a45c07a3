//! The page's language at hand: strings, numbers and names, following the language switch.

use leptos::prelude::*;

use super::text::{BenchText, bench_text};
use super::{epsilon, labels};
use crate::page::lang::Lang;
use crate::page::numbers;
use crate::page::place::use_lang;
use crate::page::text;
use crate::protocol::{DeviceKind, Localised, ModelSummary};

/// Strings, numbers and names in the language of the page. Reading them follows the language.
#[derive(Clone, Copy)]
pub struct Words(Memo<Lang>);

/// The words of the page's language.
pub fn use_words() -> Words {
    Words(use_lang())
}

impl Words {
    /// The language itself.
    pub fn lang(self) -> Lang {
        self.0.get()
    }

    /// The bench's strings.
    pub fn text(self) -> &'static BenchText {
        bench_text(self.0.get())
    }

    fn vietnamese(self) -> bool {
        self.0.get() == Lang::Vi
    }

    /// The text in the page's language, where it is known in it.
    pub fn localised(self, text: &Localised<String>) -> String {
        labels::localised(text, self.vietnamese()).clone()
    }

    /// The name of one of a model's classes.
    pub fn label(self, model: &ModelSummary, label: usize) -> String {
        labels::label_name(&model.labels, self.vietnamese(), label)
    }

    /// The name of a device.
    pub fn device(self, device: DeviceKind) -> &'static str {
        text::device_label(text::text(self.0.get()), device)
    }

    /// A confidence from 0 to 1, to a tenth of a percent.
    pub fn confidence(self, confidence: f32) -> String {
        numbers::percent(self.0.get(), confidence, 1)
    }

    /// An epsilon or a change in pixel units as n of n/255, with as few decimals as it needs.
    pub fn levels(self, value: f32) -> String {
        self.short(f64::from(epsilon::levels(value)), 3)
    }

    /// An epsilon in pixel units on the [-1, 1] scale.
    pub fn signed(self, value: f32) -> String {
        self.short(f64::from(epsilon::on_signed_scale(value)), 4)
    }

    /// A number with a fixed count of decimals.
    pub fn decimal(self, value: f64, decimals: usize) -> String {
        numbers::decimal(self.0.get(), value, decimals)
    }

    /// A count.
    pub fn whole(self, value: usize) -> String {
        numbers::whole(self.0.get(), value as u64)
    }

    /// A size in bytes.
    pub fn bytes(self, count: u64) -> String {
        numbers::bytes(self.0.get(), count)
    }

    /// A span of time in milliseconds.
    pub fn duration(self, milliseconds: f64) -> String {
        numbers::duration(self.0.get(), milliseconds)
    }

    /// A number with as few decimals as it needs, and no more than `most`.
    pub fn short(self, value: f64, most: usize) -> String {
        self.decimal(value, epsilon::decimals(value, most))
    }
}
