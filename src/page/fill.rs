//! Values in the places that a string keeps for them.

/// A template with every `{name}` replaced by its value. Names that are not given stay.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 1..start + length];
        filled.push_str(&rest[..start]);
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.push_str(&rest[start..=start + length]),
        }
        rest = &rest[start + length + 1..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_unknown_ones_stay() {
        assert_eq!(fill("a {b} c", &[("b", "{x}")]), "a {x} c");
        assert_eq!(fill("{a}{a}", &[("a", "1")]), "11");
        assert_eq!(fill("{missing}", &[]), "{missing}");
        assert_eq!(fill("open { end", &[("x", "y")]), "open { end");
        assert_eq!(fill("mèo {x} ảnh", &[("x", "là")]), "mèo là ảnh");
    }
}
