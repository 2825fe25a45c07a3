/// What is wrong with a lesson, and on which line of its file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct LessonError {
    /// Counted from 1, front matter included.
    pub line: usize,
    pub fault: Fault,
}

impl LessonError {
    pub(super) fn new(line: usize, fault: Fault) -> Self {
        Self { line, fault }
    }
}

/// The mistakes that an author can make. Their texts say what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the file must begin with front matter: `---`, lines of `key: value`, `---`")]
    NoFrontMatter,
    #[error("front matter is made of lines `key: value`, not `{0}`")]
    FrontMatterLine(String),
    #[error("front matter has no key `{0}`: the keys are language, title, minutes and summary")]
    UnknownKey(String),
    #[error("front matter has `{0}` twice")]
    RepeatedKey(String),
    #[error("front matter lacks `{0}`, or it is empty")]
    MissingKey(&'static str),
    #[error("`minutes` must be a whole number from 1 to 600, not `{0}`")]
    Minutes(String),
    #[error("`language` must be a code such as `en`, not `{0}`")]
    Language(String),
    #[error("a lesson needs at least one step: `## Title {{#id}}`")]
    NoSteps,
    #[error("nothing may stand before the first step: `## Title {{#id}}`")]
    BeforeFirstStep,
    #[error("the title of the lesson belongs into the front matter; a step begins with `##`")]
    TopHeading,
    #[error("inside a step, headings are written `###`")]
    DeepHeading,
    #[error("a heading takes `{{#id}}` and nothing else in braces")]
    HeadingAttributes,
    #[error("a step needs an id of lower-case letters, digits, `-` and `_`: `## Title {{#id}}`")]
    StepId,
    #[error("a step's title is plain text")]
    StepTitle,
    #[error("the id `{0}` is used twice in this lesson")]
    RepeatedId(String),
    #[error("a step cannot begin inside a list, a quotation or a table")]
    NestedStep,
    #[error("this step is empty")]
    EmptyStep,
    #[error(
        "a widget is a paragraph of its own, outside everything else: `{{{{name key=value}}}}`"
    )]
    WidgetPlace,
    #[error("`{0}` is no widget: write `{{{{name key=value key=\"two words\"}}}}`")]
    WidgetSyntax(String),
    #[error("there is no call-out `{0}`: there are note, try, question and idea")]
    UnknownCallout(String),
    #[error(
        "call-outs have no label of their own in the language `{language}`: write one after the \
         mark, `> [!{kind}] Label`"
    )]
    CalloutLabel { language: String, kind: &'static str },
    #[error("columns cannot be aligned: leave the colons out of the line under the table's head")]
    TableAlignment,
    #[error(
        "`{0}` cannot be linked: links begin with `https://`, or with `#/` for a place in the \
         course"
    )]
    LinkAddress(String),
    #[error("`{0}` cannot be shown: a picture's address is relative to the page, without `..`")]
    ImageAddress(String),
    #[error("a picture needs a description: `![what it shows](file.webp)`")]
    ImageDescription,
    #[error("the tag `<{0}>` is not allowed")]
    Element(String),
    #[error("the attribute `{0}` is not allowed")]
    Attribute(String),
    #[error("`<{0}` is not a tag that can be read; for a plain less-than sign write `&lt;`")]
    Tag(String),
    #[error("`<{0}/>` must be written `<{0}></{0}>`")]
    SelfClosing(String),
    #[error(
        "`<{0}>` cannot stand inside a paragraph: begin it on a line of its own after a blank one"
    )]
    BlockInParagraph(String),
    #[error("`<{0}>` is not closed where it should be")]
    Unclosed(String),
    #[error("`</{0}>` closes nothing that is open")]
    Unopened(String),
}
