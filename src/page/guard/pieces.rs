//! A prompt's parts and tokens: how many, and as chips. The style sheet colours them; names and
//! signs say the same without colour.

use std::fmt::Write;

use crate::protocol::{PartKind, PromptReport, Token};

/// The most chips of what was cut that are shown in one part.
const MOST_CUT: usize = 40;

/// The kinds of part, in the order of the legend.
pub const KINDS: [PartKind; 6] = [
    PartKind::Instruction,
    PartKind::Turn,
    PartKind::UserContent,
    PartKind::ModelContent,
    PartKind::Policy,
    PartKind::Question,
];

/// The class that colours a kind of part.
pub fn class(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Instruction => "guard-instruction",
        PartKind::Turn => "guard-turn",
        PartKind::UserContent => "guard-user",
        PartKind::ModelContent => "guard-model",
        PartKind::Policy => "guard-policy",
        PartKind::Question => "guard-question",
    }
}

/// The kind of part that a token lies in; none for the `<bos>`.
pub fn kind_of(report: &PromptReport, token: &Token) -> Option<PartKind> {
    token.part.and_then(|part| report.parts.get(part)).map(|part| part.kind)
}

/// How many tokens are read.
pub fn read(report: &PromptReport) -> usize {
    report.tokens.iter().filter(|token| !token.cut).count()
}

/// How many tokens of a part are read, and how many were cut.
pub fn count(report: &PromptReport, part: usize) -> (usize, usize) {
    let of_part = || report.tokens.iter().filter(|token| token.part == Some(part));
    let cut = of_part().filter(|token| token.cut).count();
    (of_part().count() - cut, cut)
}

/// How many tokens of each of [`KINDS`] are read.
pub fn counts(report: &PromptReport) -> [usize; KINDS.len()] {
    KINDS.map(|kind| {
        let is_kind = |token: &&Token| !token.cut && kind_of(report, token) == Some(kind);
        report.tokens.iter().filter(is_kind).count()
    })
}

/// A piece of text with what is not seen made visible.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' ' => shown.push('·'),
            '\n' => shown.push('↵'),
            '\t' => shown.push('⇥'),
            // What normalising leaves out, and the two breaks that no screen tells from spaces.
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => {
                // Writing into a string does not fail.
                let _ = write!(shown, "U+{:04X}", u32::from(character));
            }
            other if other.is_control() => {
                let _ = write!(shown, "U+{:04X}", u32::from(other));
            }
            other => shown.push(other),
        }
    }
    shown
}

/// What a chip has beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub class: &'static str,
    /// Below the text.
    pub beneath: String,
}

/// The words of the chips.
pub struct Words<'a> {
    /// The name of a kind of part; none is the `<bos>`.
    pub part: &'a dyn Fn(Option<PartKind>) -> &'static str,
    /// “and so many more that were cut”.
    pub more: &'a dyn Fn(usize) -> String,
}

/// The tokens of the wanted kinds of part as chips, part by part, as HTML. `mark` is asked for each
/// token by its place.
pub fn chips(
    report: &PromptReport,
    words: &Words,
    wanted: &dyn Fn(Option<PartKind>) -> bool,
    mark: &dyn Fn(usize) -> Mark,
) -> String {
    let mut html = String::new();
    let places: Vec<usize> = (0..report.tokens.len()).collect();
    let part_of = |place: &usize| report.tokens.get(*place).and_then(|token| token.part);
    for run in places.chunk_by(|one, other| part_of(one) == part_of(other)) {
        let Some(first) = run.first().and_then(|place| report.tokens.get(*place)) else { continue };
        let kind = kind_of(report, first);
        if !wanted(kind) {
            continue;
        }
        html += &format!(
            "<div class=\"guard-run {}\"><p>{}</p><ol>",
            kind.map(class).unwrap_or_default(),
            escaped((words.part)(kind)),
        );
        let mut cut = 0;
        for place in run {
            let Some(token) = report.tokens.get(*place) else { continue };
            cut += usize::from(token.cut);
            if cut <= MOST_CUT {
                html += &chip(token, &mark(*place));
            }
        }
        html += "</ol>";
        if cut > MOST_CUT {
            html += &format!("<p>{}</p>", escaped(&(words.more)(cut - MOST_CUT)));
        }
        html += "</div>";
    }
    html
}

fn chip(token: &Token, mark: &Mark) -> String {
    let text = escaped(&visible(&token.text));
    let text = if token.cut { format!("<del>{text}</del>") } else { format!("<b>{text}</b>") };
    format!("<li class=\"{}\">{text}<i>{}</i></li>", mark.class, escaped(&mark.beneath))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::protocol::PromptPart;

    /// A prompt of a turn, a user's text of which the end was cut, and a policy.
    pub fn report() -> PromptReport {
        let part = |kind, text: &str| PromptPart { kind, text: text.to_owned() };
        let token = |id, text: &str, part, cut| Token { id, text: text.to_owned(), part, cut };
        PromptReport {
            parts: vec![
                part(PartKind::Turn, "Q: "),
                part(PartKind::UserContent, "a <b>\n"),
                part(PartKind::Policy, "No."),
            ],
            tokens: vec![
                token(2, "<bos>", None, false),
                token(10, "Q", Some(0), false),
                token(11, ": ", Some(0), false),
                token(12, "a", Some(1), false),
                token(13, " <b>", Some(1), true),
                token(14, "\n", Some(1), true),
                token(15, "No.", Some(2), false),
            ],
            vocabulary: 100,
            context: 5,
            cautions: Vec::new(),
        }
    }

    #[test]
    fn tokens_are_counted_by_part() {
        let report = report();
        assert_eq!((read(&report), count(&report, 1)), (5, (1, 2)));
        assert_eq!(counts(&report), [0, 2, 1, 0, 1, 0]);
    }

    #[test]
    fn chips_stand_part_by_part_and_what_is_cut_is_struck_through() {
        let words =
            Words { part: &|kind| kind.map_or("start", |_| "part"), more: &|_| String::new() };
        let mark = |place: usize| Mark { class: "", beneath: place.to_string() };
        let html = chips(&report(), &words, &|_| true, &mark);
        assert_eq!(html.matches("guard-run").count(), 4);
        assert_eq!(html.matches("<li").count(), 7);
        assert!(html.contains("<del>·&lt;b></del><i>4</i>") && html.contains("<del>↵</del>"));
        assert!(html.contains("<b>&lt;bos></b>"));
        let only = chips(&report(), &words, &|kind| kind == Some(PartKind::Policy), &mark);
        assert_eq!(only.matches("<li").count(), 1);
    }

    #[test]
    fn of_a_long_text_only_the_beginning_of_what_is_cut_is_shown() {
        let mut report = report();
        let cut = report.tokens[4].clone();
        let place = report.tokens.len() - 1;
        report.tokens.splice(place..place, vec![cut; 100]);
        let words = Words { part: &|_| "part", more: &|count| format!("{count} more") };
        let html = chips(&report, &words, &|_| true, &|_| Mark::default());
        assert_eq!(html.matches("<del>").count(), MOST_CUT);
        assert!(html.contains("62 more"));
    }

    #[test]
    fn what_is_not_seen_is_made_visible() {
        assert_eq!(visible("a b\n\u{200b}\u{7}"), "a·b↵U+200BU+0007");
        assert_eq!(visible("tiếng"), "tiếng");
        for invisible in ['\u{34f}', '\u{61c}', '\u{180e}', '\u{202a}', '\u{e0041}', '\u{e007f}'] {
            let code = format!("U+{:04X}", u32::from(invisible));
            assert_eq!(visible(&invisible.to_string()), code);
        }
    }
}
