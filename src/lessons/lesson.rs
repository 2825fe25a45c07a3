use std::collections::BTreeMap;

use super::{LessonError, front_matter::FrontMatter, reader::Reader};

/// A lesson in one language: a file `www/lessons/<language>/<id>.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The code of its language, such as `en`.
    pub language: String,
    /// Plain text.
    pub title: String,
    /// How long a learner needs, from 1 to 600.
    pub minutes: u16,
    /// One sentence of plain text.
    pub summary: String,
    /// At least one, with different ids.
    pub steps: Vec<Step>,
}

/// A part of a lesson that is shown at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Lower-case ASCII letters, digits, `-` and `_`; the same in every language.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// At least one, in the order of the text.
    pub blocks: Vec<Block>,
}

/// A piece of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Well-nested HTML without anything that runs, loads from elsewhere or styles; headings in it
    /// begin with `h3`.
    Html(String),
    /// Something that the page builds: `{{name key=value key="two words"}}`.
    Widget { name: String, args: BTreeMap<String, String> },
}

impl Lesson {
    /// Reads a lesson's file.
    ///
    /// # Errors
    /// The first mistake in it, with its line: see [`Fault`](super::Fault).
    pub fn parse(markdown: &str) -> Result<Self, LessonError> {
        let (FrontMatter { language, title, minutes, summary }, body) =
            FrontMatter::split(markdown)?;
        let steps = Reader::new(&body, &language).read()?;
        Ok(Self { language, title, minutes, summary, steps })
    }

    /// The position of a step by its id.
    pub fn position(&self, step: &str) -> Option<usize> {
        self.steps.iter().position(|known| known.id == step)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Fault, *};

    const FRONT: &str = "---\nlanguage: en\ntitle: A: b\nminutes: 5\nsummary: C.\n---\n";

    /// The blocks of a lesson's only step, whose text begins on line 8.
    fn blocks(text: &str) -> Result<Vec<Block>, LessonError> {
        let lesson = Lesson::parse(&format!("{FRONT}## T {{#t}}\n{text}"))?;
        Ok(lesson.steps.into_iter().flat_map(|step| step.blocks).collect())
    }

    fn html(text: &str) -> String {
        let found = blocks(text).unwrap();
        let [Block::Html(html)] = found.as_slice() else { panic!("{found:?}") };
        html.clone()
    }

    fn fails(text: &str, line: usize, fault: Fault) {
        assert_eq!(blocks(text), Err(LessonError::new(line, fault)), "{text}");
    }

    #[test]
    fn reads_front_matter_and_steps() {
        let lesson = Lesson::parse(&format!("{FRONT}\n## One {{#a}}\n\nx\n\n## Two {{#b}}\n\ny"));
        let lesson = lesson.unwrap();
        assert_eq!((lesson.title.as_str(), lesson.minutes), ("A: b", 5));
        assert_eq!((lesson.language.as_str(), lesson.summary.as_str()), ("en", "C."));
        assert_eq!(lesson.position("b"), Some(1));
        assert_eq!(lesson.steps[1].title, "Two");
        assert_eq!(lesson.steps[1].blocks, [Block::Html("<p>y</p>".into())]);
    }

    #[test]
    fn reads_files_from_windows() {
        let file = format!("\u{feff}{FRONT}## T {{#t}}\n\n> [!try]\n> x\n\n{{{{a b=c}}}}\n");
        let lesson = Lesson::parse(&file.replace('\n', "\r\n")).unwrap();
        assert_eq!(lesson.steps[0].blocks.len(), 2);
    }

    #[test]
    fn front_matter_is_whole_or_refused() {
        let at = |file: &str| {
            let error = Lesson::parse(file).unwrap_err();
            (error.line, error.fault)
        };
        assert_eq!(at(""), (1, Fault::NoFrontMatter));
        assert_eq!(at("## T {#t}"), (1, Fault::NoFrontMatter));
        assert_eq!(at("---\ntitle: A\n"), (1, Fault::NoFrontMatter));
        assert_eq!(at("---\ntitle: A\n---\n"), (1, Fault::MissingKey("language")));
        assert_eq!(at("---\ntitle\n---\n"), (2, Fault::FrontMatterLine("title".into())));
        assert_eq!(at("---\n\nname: A\n---\n"), (3, Fault::UnknownKey("name".into())));
        assert_eq!(at("---\nminutes: 0\n---\n"), (2, Fault::Minutes("0".into())));
        assert_eq!(at("---\ntitle: A\ntitle: A\n---"), (3, Fault::RepeatedKey("title".into())));
        assert_eq!(at(FRONT), (7, Fault::NoSteps));
    }

    #[test]
    fn a_widget_parts_the_html() {
        let found = blocks("\none\n\n{{bench show=sweep}}\n\ntwo\n").unwrap();
        let [Block::Html(one), Block::Widget { name, args }, Block::Html(two)] = found.as_slice()
        else {
            panic!("{found:?}")
        };
        assert_eq!((one.as_str(), two.as_str()), ("<p>one</p>", "<p>two</p>"));
        assert_eq!((name.as_str(), args["show"].as_str()), ("bench", "sweep"));
    }

    #[test]
    fn a_call_out_has_its_label() {
        let expected = "<aside class=\"callout callout-try\" role=\"note\">\
                        <p class=\"callout-label\">Try it</p>\n<p>Do <em>this</em>.</p>\n</aside>";
        assert_eq!(html("\n> [!try]\n> Do *this*.\n"), expected);
        assert!(html("> [!note] A < b\n>\n> x").contains("label\">A &lt; b</p>\n<p>x</p>"));
        assert!(html("> plain").starts_with("<blockquote>"));
        fails("\n> [!hint]\n> x", 9, Fault::UnknownCallout("hint".into()));
        let other = format!("{FRONT}## T {{#t}}\n> [!note]\n> x").replace(": en", ": fr");
        let fault = Fault::CalloutLabel { language: "fr".into(), kind: "note" };
        assert_eq!(Lesson::parse(&other), Err(LessonError::new(8, fault)));
    }

    #[test]
    fn formulas_folds_and_definitions_pass() {
        let formula = "x <math><mi>y</mi></math>";
        assert_eq!(html(formula), format!("<p>{formula}</p>"));
        let fold = "<details>\n<summary>a</summary>\n\n*b*\n\n</details>";
        assert!(html(fold).contains("<p><em>b</em></p>\n</details>"));
        assert!(html("term\n: meaning").contains("<dt>term</dt>"));
        assert!(html("| a | b |\n|---|---|\n| 1 | 2 |").contains("<td>1</td>"));
        assert!(html("```\n{{x}} <script>\n```").contains("{{x}} &lt;script&gt;"));
        assert!(html("[a](#/en/x/y) [b](https://c.d/)").contains("<a href=\"https://c.d/\">b</a>"));
    }

    #[test]
    fn what_runs_or_styles_is_refused_with_its_line() {
        fails("\n\n<script>\nx\n</script>", 10, Fault::Element("script".into()));
        fails("a <b onclick=\"x\">", 8, Fault::Element("b".into()));
        fails("a\nb <span onclick=\"x\">", 9, Fault::Attribute("onclick".into()));
        fails("<p>\n<span style=\"x\">", 9, Fault::Attribute("style".into()));
        for address in ["javascript:x", "JavaScript:x", "data:x", "//a.b", "http://a.b", "x.html"] {
            fails(&format!("[a]({address})"), 8, Fault::LinkAddress(address.into()));
        }
        fails("[a](java&#115;cript:x)", 8, Fault::LinkAddress("javascript:x".into()));
        fails("[a]\n\n[a]: javascript:x", 8, Fault::LinkAddress("javascript:x".into()));
        fails("<javascript:x>", 8, Fault::LinkAddress("javascript:x".into()));
        fails("![a](https://b.c/d.png)", 8, Fault::ImageAddress("https://b.c/d.png".into()));
        fails("![a](../b.png)", 8, Fault::ImageAddress("../b.png".into()));
        fails("![](b.png)", 8, Fault::ImageDescription);
        fails("### A {#a onclick=x}", 8, Fault::HeadingAttributes);
        fails("| a |\n|--:|\n| 1 |", 8, Fault::TableAlignment);
    }

    #[test]
    fn what_is_open_must_be_closed() {
        fails("\n<details>\n\nx\n\n## U {#u}", 9, Fault::Unclosed("details".into()));
        fails("<div>\n\n{{bench}}\n\n</div>", 10, Fault::WidgetPlace);
        fails("a <em>b\n\nc</em>", 8, Fault::Unclosed("em".into()));
        fails("a </em>", 8, Fault::Unopened("em".into()));
        fails("a <em><q>b</em></q>", 8, Fault::Unclosed("q".into()));
        fails("a <details>b</details>", 8, Fault::BlockInParagraph("details".into()));
    }

    #[test]
    fn misplaced_parts_are_refused() {
        let at = |body: &str| Lesson::parse(&format!("{FRONT}{body}")).unwrap_err();
        assert_eq!(at("x\n\n## T {#t}"), LessonError::new(7, Fault::BeforeFirstStep));
        assert_eq!(at("## T {#t}\n\n## U {#u}\nx"), LessonError::new(9, Fault::EmptyStep));
        fails("", 7, Fault::EmptyStep);
        fails("x\n# A", 9, Fault::TopHeading);
        fails("#### A", 8, Fault::DeepHeading);
        fails("x\n## A", 9, Fault::StepId);
        fails("x\n## A {#B}", 9, Fault::StepId);
        fails("x\n## {#b}", 9, Fault::StepTitle);
        fails("x\n## *A* {#b}", 9, Fault::StepTitle);
        fails("x\n## A {#t}", 9, Fault::RepeatedId("t".into()));
        fails("> x\n> ## A {#a}", 9, Fault::NestedStep);
        fails("see {{bench}}", 8, Fault::WidgetPlace);
        fails("- {{bench}}", 8, Fault::WidgetPlace);
        fails("{{bench", 8, Fault::WidgetSyntax("{{bench".into()));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "\n", "\n\n", "> ", "[!try]", "- ", "## A {#a}", "### B", "{{bench}}", "{{",
                    "<details>", "</details>", "<em>", "</em>", "<script>", "<p ", "onclick=\"\"",
                    ">", "<", "[a](", "javascript:", "#/", ")", "![b](", "| a |\n|---|\n", "```\n",
                    "\t", "    ", "*", "_", "&#106;", "\\", "é", "\u{0}", "\r", "term\n: ",
                ]),
                0..40,
            )
        ) {
            if let Ok(found) = blocks(&parts.concat()) {
                for block in found {
                    if let Block::Html(html) = block {
                        prop_assert!(!html.contains("<script"), "{html}");
                        prop_assert!(!html.contains("href=\"j"), "{html}");
                        prop_assert!(!html.contains("style=\""), "{html}");
                    }
                }
            }
        }
    }
}
