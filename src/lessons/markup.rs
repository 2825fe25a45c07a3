//! HTML that an author writes into a lesson: which of it is allowed, and its tags one by one.
//!
//! Only what is listed passes, and only in one strict spelling (lower case, double quotes, no
//! `<` or `>` in a value), so that a browser cannot read more into it than is checked here.
//! Nothing listed loads, runs, links or styles anything.

use super::{Fault, LessonError};

/// One tag of a piece of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HtmlTag<'a> {
    Open(&'a str),
    Close(&'a str),
    /// Has no content and no closing tag.
    Void(&'a str),
}

/// Elements that stand on their own, outside paragraphs.
const BLOCK: &[&str] = &[
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "li",
    "ol",
    "p",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Elements that stand in running text: words, and formulas in MathML.
const INLINE: &[&str] = &[
    "abbr",
    "cite",
    "code",
    "dfn",
    "em",
    "kbd",
    "math",
    "mfrac",
    "mi",
    "mn",
    "mo",
    "mover",
    "mrow",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "q",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "var",
];

/// Elements without content.
const VOID: &[&str] = &["br", "hr", "mspace", "wbr"];

/// Attributes, on whichever element.
const ATTRIBUTES: &[&str] = &[
    "alttext",
    "class",
    "colspan",
    "columnalign",
    "dir",
    "display",
    "displaystyle",
    "form",
    "id",
    "lang",
    "lspace",
    "mathvariant",
    "open",
    "rowspan",
    "rspace",
    "scope",
    "start",
    "stretchy",
    "title",
    "width",
];

/// The tags of `html`, each with its line. `first_line` is the line that `html` begins on.
///
/// # Errors
/// The first tag that cannot be read or is not allowed.
pub(super) fn tags(
    html: &str,
    first_line: usize,
) -> Result<Vec<(usize, HtmlTag<'_>)>, LessonError> {
    let mut tags = Vec::new();
    let mut line = first_line;
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        line += newlines(before);
        let at = |fault| LessonError::new(line, fault);
        let (inner, after) = after
            .split_once('>')
            .ok_or_else(|| at(Fault::Tag(after.chars().take(20).collect())))?;
        tags.push((line, tag(inner).map_err(at)?));
        line += newlines(inner);
        rest = after;
    }
    Ok(tags)
}

/// Whether an element may only stand outside paragraphs.
pub(super) fn is_block(name: &str) -> bool {
    BLOCK.contains(&name) || name == "hr"
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|&b| b == b'\n').count()
}

/// Reads what stands between `<` and `>`.
fn tag(inner: &str) -> Result<HtmlTag<'_>, Fault> {
    let unreadable = || Fault::Tag(inner.chars().take(20).collect());
    if let Some(name) = inner.strip_prefix('/') {
        return if is_name(name) { Ok(HtmlTag::Close(name)) } else { Err(unreadable()) };
    }
    let (content, closes_itself) = match inner.strip_suffix('/') {
        Some(content) => (content, true),
        None => (inner, false),
    };
    let (name, attributes) =
        content.find(char::is_whitespace).map_or((content, ""), |end| content.split_at(end));
    if !is_name(name) {
        return Err(unreadable());
    }
    let is_void = VOID.contains(&name);
    if !(is_void || BLOCK.contains(&name) || INLINE.contains(&name)) {
        return Err(Fault::Element(name.to_owned()));
    }
    check_attributes(attributes).map_err(|fault| fault.unwrap_or_else(unreadable))?;
    match (is_void, closes_itself) {
        (true, _) => Ok(HtmlTag::Void(name)),
        (false, true) => Err(Fault::SelfClosing(name.to_owned())),
        (false, false) => Ok(HtmlTag::Open(name)),
    }
}

/// Checks ` name name="value"`. The error is none where it cannot be read at all.
fn check_attributes(mut rest: &str) -> Result<(), Option<Fault>> {
    loop {
        let trimmed = rest.trim_start();
        if trimmed.is_empty() {
            return Ok(());
        }
        if trimmed.len() == rest.len() {
            return Err(None);
        }
        let end = trimmed.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(trimmed.len());
        let (name, after) = trimmed.split_at(end);
        if !is_name(name) {
            return Err(None);
        }
        if !ATTRIBUTES.contains(&name) && !name.starts_with("aria-") {
            return Err(Some(Fault::Attribute(name.to_owned())));
        }
        rest = match after.strip_prefix("=\"") {
            Some(value) => {
                value.split_once('"').filter(|(value, _)| !value.contains('<')).ok_or(None)?.1
            }
            None if after.starts_with('=') => return Err(None),
            None => after,
        };
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(html: &str) -> Fault {
        tags(html, 1).unwrap_err().fault
    }

    #[test]
    fn reads_tags_with_their_lines() {
        let html = "<math display=\"block\">\n<mi>x</mi><mspace width=\"1em\"/>\n</math><br>";
        let expected = [
            (7, HtmlTag::Open("math")),
            (8, HtmlTag::Open("mi")),
            (8, HtmlTag::Close("mi")),
            (8, HtmlTag::Void("mspace")),
            (9, HtmlTag::Close("math")),
            (9, HtmlTag::Void("br")),
        ];
        assert_eq!(tags(html, 7).unwrap(), expected);
    }

    #[test]
    fn reads_attributes() {
        let html = "<details open><div id=\"a\"\n class=\"b c\" aria-label=\"d\"></div></details>";
        assert_eq!(tags(html, 1).unwrap().len(), 4);
    }

    #[test]
    fn refuses_what_runs_loads_or_styles() {
        for name in ["script", "style", "iframe", "img", "a", "svg", "form", "input", "SCRIPT"] {
            assert_eq!(fault(&format!("<{name}>")), Fault::Element(name.into()));
        }
        for name in ["onclick", "onClick", "style", "href", "src", "xlink-href", "srcdoc"] {
            assert_eq!(fault(&format!("<p {name}=\"1\">")), Fault::Attribute(name.into()));
        }
    }

    #[test]
    fn refuses_every_other_spelling() {
        for html in [
            "<",
            "< p>",
            "<p",
            "<p class=a>",
            "<p class='a'>",
            "<p class=\"a\"onclick=\"b\">",
            "<p class=\"a>b\">",
            "<p class=\"a<b\">",
            "<p/onclick=\"a\">",
            "<p \"\">",
            "<!-- -->",
            "<!doctype html>",
            "<?xml?>",
            "<![CDATA[x]]>",
            "</p onclick>",
            "a < b",
        ] {
            assert!(matches!(fault(html), Fault::Tag(_)), "{html}: {:?}", fault(html));
        }
        assert_eq!(fault("<mi/>"), Fault::SelfClosing("mi".into()));
    }
}
