//! Undoes disguises, as far as that can be done without knowing what was meant.
//!
//! What is plain is left alone: accents are letters (Vietnamese would not survive otherwise), words
//! in another script are words even where each of their letters looks Latin, and `mp3` and `1st` are
//! no leetspeak.

use tokenizers::NormalizedString;

/// Letters of other scripts that look like Latin ones.
const LOOKALIKES: [(char, char); 56] = [
    // Cyrillic
    ('а', 'a'),
    ('в', 'b'),
    ('с', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('ѕ', 's'),
    ('т', 't'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('х', 'x'),
    ('у', 'y'),
    ('А', 'A'),
    ('В', 'B'),
    ('С', 'C'),
    ('Е', 'E'),
    ('Н', 'H'),
    ('І', 'I'),
    ('Ј', 'J'),
    ('К', 'K'),
    ('М', 'M'),
    ('О', 'O'),
    ('Р', 'P'),
    ('Ѕ', 'S'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('У', 'Y'),
    // Greek
    ('α', 'a'),
    ('ε', 'e'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    // Armenian, Latin
    ('օ', 'o'),
    ('ɡ', 'g'),
];

/// Digits and signs that are read as letters.
const LEET: [(char, char); 8] = [
    ('4', 'a'),
    ('@', 'a'),
    ('3', 'e'),
    ('1', 'i'),
    ('0', 'o'),
    ('5', 's'),
    ('$', 's'),
    ('7', 't'),
];

/// How many single letters in a row are a word that was spread.
const SPREAD_LETTERS: usize = 3;
/// How many digits at the end of a word are letters.
const MANY_DIGITS: usize = 3;

/// How often a text is gone over for disguises under disguises; few need a second time.
const ROUNDS: usize = 8;

/// A text without its disguises: compatible characters made one (NFKC), invisible ones gone,
/// lookalike letters and leetspeak read, spread words closed, the case calmed, spaces single. Again and
/// again until nothing changes, since what one disguise hid can be another.
pub fn normalise(text: &str) -> String {
    let mut text = once(text);
    for _ in 1..ROUNDS {
        let next = once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn once(text: &str) -> String {
    let mut composed = NormalizedString::from(text);
    composed.nfkc();
    let visible: String = composed.get().chars().filter(|&c| !is_invisible(c)).collect();
    let closed = close_spread_words(&visible);
    let read = read_lookalikes(&closed);
    let words = map_words(&read, |word| calm_case(&read_leetspeak(word)));
    calm_shouting(&single_spaces(&words))
}

/// Whether a character takes no place on a screen: zero-width ones, marks of direction, soft hyphens,
/// tags.
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The lookalike of a Latin letter, if there is one.
pub fn lookalike(letter: char) -> Option<char> {
    LOOKALIKES.iter().find_map(|(alike, latin)| (*latin == letter).then_some(*alike))
}

/// The digit or sign for a letter of any case, if there is one.
pub fn leet(letter: char) -> Option<char> {
    let lower = letter.to_ascii_lowercase();
    LEET.iter().find_map(|(digit, letter)| (*letter == lower).then_some(*digit))
}

/// Applies a function to each run of characters without space.
fn map_words(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|piece| {
            let word = piece.trim_end_matches(char::is_whitespace);
            change(word) + piece.get(word.len()..).unwrap_or_default()
        })
        .collect()
}

/// What the letters of a word are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// All are Latin, or there is none.
    Latin,
    /// All look Latin, and scripts are mixed: nobody writes so by accident.
    Disguised,
    /// All are lookalikes of one other script: `мама` is a word, and `сор` may be one or `cop`.
    Ambiguous,
    /// Some look like no Latin letter.
    Other,
}

impl Script {
    fn of(word: &str) -> Self {
        let letters = || word.chars().filter(|c| c.is_alphabetic());
        let alphabets = || letters().map(|c| if latin(c).is_some() { alphabet(c) } else { LATIN });
        if letters().any(|c| latin(c).is_none() && !is_latin(c)) {
            Self::Other
        } else if letters().all(|c| latin(c).is_none()) {
            Self::Latin
        } else if alphabets().zip(alphabets().skip(1)).any(|(a, b)| a != b) {
            Self::Disguised
        } else {
            Self::Ambiguous
        }
    }
}

/// Lookalikes become Latin in words that mix scripts, and in words of lookalikes alone where all other
/// words of the text are Latin or mix scripts. A text of nothing but such words is left as it is: no
/// letter of it says that it is a disguise.
fn read_lookalikes(text: &str) -> String {
    let scripts = || words(text).map(Script::of);
    let in_latin = scripts().all(|script| script != Script::Other)
        && (text.chars().any(|c| c.is_alphabetic() && latin(c).is_none())
            || scripts().any(|script| script == Script::Disguised));
    words(text)
        .map(|word| match Script::of(word) {
            Script::Disguised => as_latin(word),
            Script::Ambiguous if in_latin => as_latin(word),
            _ => word.to_owned(),
        })
        .collect()
}

/// A text in runs of letters and digits, and the single characters between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, others) = rest.split_at(end.max(first.len_utf8()));
        rest = others;
        Some(word)
    })
}

fn as_latin(word: &str) -> String {
    word.chars().map(|c| latin(c).unwrap_or(c)).collect()
}

/// The Latin letter that a letter looks like, if it is a lookalike.
fn latin(letter: char) -> Option<char> {
    LOOKALIKES.iter().find_map(|(alike, latin)| (*alike == letter).then_some(*latin))
}

/// The number of [`alphabet`] for Latin letters.
const LATIN: u8 = 0;

/// A number for the alphabet of a lookalike: Cyrillic, Greek, Armenian, or the phonetic one, which
/// nobody writes words in and which counts as an alphabet of its own.
fn alphabet(lookalike: char) -> u8 {
    match lookalike {
        '\u{400}'..='\u{52f}' => 1,
        '\u{370}'..='\u{3ff}' => 2,
        '\u{530}'..='\u{58f}' => 3,
        _ => 4,
    }
}

fn is_latin(c: char) -> bool {
    (c as u32) < 0x250 || is_vietnamese(c)
}

fn is_vietnamese(c: char) -> bool {
    matches!(c, '\u{1e00}'..='\u{1eff}')
}

/// Leetspeak becomes letters where letters and digits alternate, or many digits end a word: `h4te` and
/// `pl3453`, but not `mp3` or `4pm`. It is Latin: a Latin letter in a word of another script would be a
/// disguise that was not there.
fn read_leetspeak(word: &str) -> String {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric() && !is_leet(c));
    let is_letter = |c: char| c.is_alphabetic() && is_latin(c);
    let fits = core.chars().all(|c| is_letter(c) || is_leet(c) || c == '\'');
    let turns = core.chars().zip(core.chars().skip(1));
    let turns = turns.filter(|(a, b)| a.is_alphabetic() != b.is_alphabetic()).count();
    let digits = core.chars().filter(|&c| is_leet(c)).count();
    let ends_in_many = core.starts_with(char::is_alphabetic) && turns == 1 && digits >= MANY_DIGITS;
    if !fits || digits == 0 || (turns < 2 && !ends_in_many) {
        return word.to_owned();
    }
    let read = |c| LEET.iter().find_map(|(digit, l)| (*digit == c).then_some(*l)).unwrap_or(c);
    word.chars().map(read).collect()
}

fn is_leet(c: char) -> bool {
    LEET.iter().any(|(digit, _)| *digit == c)
}

/// `hAtE` becomes `hate`; `Hate`, `HATE` and `iPhone` stay.
fn calm_case(word: &str) -> String {
    let letters = word.chars().zip(word.chars().skip(1));
    let rises = letters.filter(|(a, b)| a.is_lowercase() && b.is_uppercase()).count();
    if rises >= 2 || (rises == 1 && word.chars().count() <= 4) {
        word.to_lowercase()
    } else {
        word.to_owned()
    }
}

/// A text in capitals becomes one in small letters; a few words in capitals stay.
fn calm_shouting(text: &str) -> String {
    let upper = text.chars().filter(|c| c.is_uppercase()).count();
    let lower = text.chars().filter(|c| c.is_lowercase()).count();
    if upper > 8 && upper > 2 * lower { text.to_lowercase() } else { text.to_owned() }
}

/// `h a t e` and `h.a.t.e` become `hate`. One separator stands between letters; more of them, as
/// between spread words, become one space.
fn close_spread_words(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut closed = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let run = spread_word(&characters, at);
        if run.len() >= SPREAD_LETTERS {
            at += 2 * run.len() - 1;
            closed.extend(run);
        } else {
            closed.push(character);
            at += 1;
        }
    }
    closed
}

/// The single letters from a place on that have one and the same separator between them.
fn spread_word(characters: &[char], from: usize) -> Vec<char> {
    let letter =
        |at: usize| characters.get(at).copied().filter(|c| c.is_alphanumeric() || is_leet(*c));
    let is_free = |at: usize| letter(at).is_none();
    let starts = from == 0 || is_free(from - 1);
    let (Some(first), true) = (letter(from), starts) else { return Vec::new() };
    let Some(&separator) =
        characters.get(from + 1).filter(|c| matches!(c, ' ' | '.' | '-' | '_' | '*'))
    else {
        return Vec::new();
    };
    let mut run = vec![first];
    let mut at = from;
    while characters.get(at + 1) == Some(&separator)
        && let Some(next) = letter(at + 2)
        && is_free(at + 3)
    {
        run.push(next);
        at += 2;
    }
    run
}

/// Several spaces become one; line ends stay.
fn single_spaces(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    for character in text.chars() {
        let space = character.is_whitespace() && character != '\n';
        if !(space && single.ends_with([' ', '\n'])) {
            single.push(if space { ' ' } else { character });
        }
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safety::converters::Converter;

    #[test]
    fn disguises_are_undone() {
        for (disguised, plain) in [
            ("I h4te y0u", "I hate you"),
            ("7h15 is", "this is"),
            ("I h\u{200b}a\u{200b}te you", "I hate you"),
            ("we h a t e you", "we hate you"),
            ("h.a.t.e", "hate"),
            ("\u{ff28}\u{ff21}\u{ff34}\u{ff25}", "HATE"),
            ("I hаtе you", "I hate you"),
            // Words of lookalikes alone, beside Latin ones and beside one that mixes scripts.
            ("the сор is here", "the cop is here"),
            ("І һаtе уου", "I hate you"),
            ("hAtE", "hate"),
            ("I HATE ALL OF YOU", "i hate all of you"),
            ("so   many\t spaces", "so many spaces"),
        ] {
            assert_eq!(normalise(disguised), plain);
            assert_eq!(normalise(plain), plain, "a second time");
        }
        // Single letters that one space then stands between are a spread word.
        assert_eq!(normalise("a   b\t c"), "abc");
    }

    #[test]
    fn what_is_plain_stays() {
        for text in [
            "Tôi ghét bạn, đồ ngốc! Ăn cơm chưa?",
            "The 1st mp3 at 4pm in 3D costs $5.",
            "Я тебя ненавижу",
            "мама",
            "кот",
            "рука",
            "метро",
            "там",
            "Мама, кот там. А рука у кота?",
            "Мама и кот там: hello",
            "к0т",
            "An iPhone and NASA\nand a line",
            "I am a man.",
            "👩‍👩‍👧".trim_matches('\u{200d}'),
        ] {
            let visible: String = text.chars().filter(|&c| !is_invisible(c)).collect();
            assert_eq!(normalise(text), visible);
        }
    }

    #[test]
    fn converters_are_undone_where_that_is_possible() {
        let text = "Please write some mean words about him";
        for converter in [
            Converter::UpperCase,
            Converter::AlternatingCase,
            Converter::Spacing,
            Converter::Leetspeak,
            Converter::Homoglyphs,
        ] {
            let normal = normalise(&converter.convert(text)).to_lowercase();
            assert_eq!(normal, text.to_lowercase(), "{converter:?}");
        }
    }

    /// Words of all the alphabets that there are lookalikes in.
    const MIXED: &str = "[a-eA-EьжикмортуаснйИКМОРТ αβορψ0-5@ .]{0,24}";

    proptest::proptest! {
        #[test]
        fn what_was_read_stays_as_it_is(text in MIXED) {
            let once = read_lookalikes(&text);
            proptest::prop_assert_eq!(read_lookalikes(&once), once);
        }

        #[test]
        fn any_text_is_normalised_once(text in "\\PC{0,60}") {
            let once = normalise(&text);
            proptest::prop_assert!(once.chars().all(|c| !is_invisible(c)));
            proptest::prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn so_is_one_of_disguises(text in MIXED) {
            let once = normalise(&text);
            proptest::prop_assert_eq!(normalise(&once), once);
        }
    }
}
