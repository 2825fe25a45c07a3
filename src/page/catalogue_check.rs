//! What the tests of every catalogue of interface strings ask: that its languages agree.

use std::fmt::Debug;

/// The names that a string asks for in braces, sorted, each once.
fn names(line: &str) -> Vec<&str> {
    let mut names: Vec<_> =
        line.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Fails unless both catalogues ask for the same values in the same strings and leave none empty.
pub fn assert_alike<T: Debug>(english: &T, vietnamese: &T) {
    let (english, vietnamese) = (format!("{english:#?}"), format!("{vietnamese:#?}"));
    assert_eq!(english.lines().count(), vietnamese.lines().count());
    // The first and the last line are the type's braces.
    let inner = english.lines().count() - 1;
    for (one, other) in english.lines().zip(vietnamese.lines()).take(inner).skip(1) {
        assert_eq!(names(one), names(other), "{one} against {other}");
        assert!(!one.ends_with("\"\",") && !other.ends_with("\"\","), "{one}, {other}");
    }
}
