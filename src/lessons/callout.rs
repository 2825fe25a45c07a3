use super::Fault;

/// A call-out: a box that asks for something or points something out, written as a quotation
/// whose first line is `[!kind]` or `[!kind] Label`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Callout<'a> {
    kind: &'static str,
    label: &'a str,
}

/// The kinds of call-out with their labels by language.
const KINDS: [(&str, [(&str, &str); 2]); 4] = [
    ("note", [("en", "Note"), ("vi", "Lưu ý")]),
    ("try", [("en", "Try it"), ("vi", "Thử ngay")]),
    ("question", [("en", "Think about it"), ("vi", "Suy nghĩ")]),
    ("idea", [("en", "Key idea"), ("vi", "Ý chính")]),
];

impl<'a> Callout<'a> {
    /// Reads the first line of a quotation, its `>` included; none if it has no `[!kind]`.
    pub fn read(line: &'a str, language: &str) -> Result<Option<Self>, Fault> {
        let Some((kind, title)) = line
            .trim_start()
            .strip_prefix('>')
            .and_then(|line| line.trim_start().strip_prefix("[!"))
            .and_then(|line| line.split_once(']'))
        else {
            return Ok(None);
        };
        let (kind, labels) = KINDS
            .iter()
            .find(|(name, _)| *name == kind)
            .ok_or_else(|| Fault::UnknownCallout(kind.to_owned()))?;
        let label = match title.trim() {
            "" => labels
                .iter()
                .find(|(known, _)| *known == language)
                .map(|(_, label)| *label)
                .ok_or_else(|| Fault::CalloutLabel { language: language.to_owned(), kind })?,
            title => title,
        };
        Ok(Some(Self { kind, label }))
    }

    /// What stands before the label. `note` is a role without a landmark: there are many of them.
    pub fn opening(&self) -> String {
        format!(
            r#"<aside class="callout callout-{}" role="note"><p class="callout-label">"#,
            self.kind
        )
    }

    /// Plain text, not yet escaped.
    pub fn label(&self) -> &'a str {
        self.label
    }

    /// What stands between the label and the text.
    pub const AFTER_LABEL: &'static str = "</p>\n";

    /// What stands after the text.
    pub const CLOSING: &'static str = "</aside>\n";
}
