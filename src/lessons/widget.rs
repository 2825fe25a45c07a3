use std::collections::BTreeMap;

use super::{Fault, is_slug};

/// A part of a step that the page builds: `{{name key=value key="two words"}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Widget {
    pub name: String,
    pub args: BTreeMap<String, String>,
}

impl Widget {
    /// Whether a paragraph is meant as a widget.
    pub fn is_meant(paragraph: &str) -> bool {
        paragraph.trim_start().starts_with("{{")
    }

    /// Reads a whole paragraph.
    pub fn parse(paragraph: &str) -> Result<Self, Fault> {
        let text = paragraph.trim();
        Self::read(text).ok_or_else(|| Fault::WidgetSyntax(text.to_owned()))
    }

    fn read(text: &str) -> Option<Self> {
        let inner = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
        let (name, mut rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let mut args = BTreeMap::new();
        while !rest.trim_start().is_empty() {
            let (key, after) = rest.trim_start().split_once('=')?;
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
            let separated = after.is_empty() || after.starts_with(char::is_whitespace);
            let plain = !value.is_empty() && !value.contains(['"', '{', '}']);
            let new = args.insert(key.to_owned(), value.to_owned()).is_none();
            if !(is_slug(key) && separated && plain && new) {
                return None;
            }
            rest = after;
        }
        is_slug(name).then(|| Self { name: name.to_owned(), args })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_name_and_its_arguments() {
        let widget = Widget::parse("{{ bench show=sweep title=\"two words\" }}").unwrap();
        assert_eq!(widget.name, "bench");
        let args: Vec<_> = widget.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(args, [("show", "sweep"), ("title", "two words")]);
        assert!(Widget::parse("{{bench}}").unwrap().args.is_empty());
    }

    #[test]
    fn refuses_what_is_not_one() {
        for text in [
            "{{}}",
            "{{bench",
            "{{Bench}}",
            "{{bench show}}",
            "{{bench show=}}",
            "{{bench show=a show=b}}",
            "{{bench show=\"a}}",
            "{{bench show=\"a\"b=c}}",
            "{{bench}} and more",
            "{{bench}} {{bench}}",
        ] {
            assert!(matches!(Widget::parse(text), Err(Fault::WidgetSyntax(_))), "{text}");
        }
    }
}
