//! Names of classes, and finding one among a thousand.

use crate::protocol::Localised;

/// A text in a language: Vietnamese where it is wanted and known, otherwise English.
pub fn localised<T>(text: &Localised<T>, vietnamese: bool) -> &T {
    match &text.vi {
        Some(known) if vietnamese => known,
        _ => &text.en,
    }
}

/// The name of a class; its number where there is no name.
pub fn label_name(labels: &Localised<Vec<String>>, vietnamese: bool, label: usize) -> String {
    let known = localised(labels, vietnamese).get(label).or_else(|| labels.en.get(label));
    known.cloned().unwrap_or_else(|| format!("#{label}"))
}

/// How many classes there are.
pub fn count(labels: &Localised<Vec<String>>) -> usize {
    labels.en.len()
}

/// The classes whose name in either language holds every word of the query, in any case and with
/// or without Vietnamese marks; all of them for an empty query.
pub fn matching(labels: &Localised<Vec<String>>, query: &str) -> Vec<usize> {
    let query = folded(query);
    let words: Vec<&str> = query.split_whitespace().collect();
    (0..count(labels))
        .filter(|&label| {
            let mut names = folded(&labels.en[label]);
            if let Some(name) = labels.vi.as_ref().and_then(|names| names.get(label)) {
                names.push('\n');
                names.push_str(&folded(name));
            }
            words.iter().all(|word| names.contains(word))
        })
        .collect()
}

/// Lower case, without the marks of Vietnamese letters.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

/// The letter under a Vietnamese letter's marks.
fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ'
        | 'ẫ' | 'ậ' => 'a',
        'đ' => 'd',
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở'
        | 'ỡ' | 'ợ' => 'o',
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flowers() -> Localised<Vec<String>> {
        let owned = |names: [&str; 3]| names.map(str::to_owned).to_vec();
        Localised {
            en: owned(["daisy", "dandelion", "common rose"]),
            vi: Some(owned(["cúc", "bồ công anh", "hoa hồng"])),
        }
    }

    #[test]
    fn a_class_is_found_in_both_languages_with_and_without_marks() {
        assert_eq!(matching(&flowers(), ""), [0, 1, 2]);
        assert_eq!(matching(&flowers(), "DAND"), [1]);
        assert_eq!(matching(&flowers(), "bo cong"), [1]);
        assert_eq!(matching(&flowers(), "HỒNG"), [2]);
        assert_eq!(matching(&flowers(), "rose common"), [2]);
        assert!(matching(&flowers(), "cat").is_empty());
    }

    #[test]
    fn a_class_without_a_name_has_its_number() {
        assert_eq!(label_name(&flowers(), true, 1), "bồ công anh");
        assert_eq!(label_name(&flowers(), false, 1), "dandelion");
        assert_eq!(label_name(&flowers(), true, 7), "#7");
        let english_only = Localised { en: vec!["tench".to_owned()], vi: None };
        assert_eq!(label_name(&english_only, true, 0), "tench");
    }
}
