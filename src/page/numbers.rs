//! Numbers as each language writes them.

use super::lang::Lang;

/// What stands for NaN and infinity.
const NO_NUMBER: &str = "–";

/// A number with a fixed count of decimals: `1.50` in English, `1,50` in Vietnamese.
pub fn decimal(lang: Lang, value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NO_NUMBER.to_owned();
    }
    let written = format!("{value:.decimals$}");
    // What is rounded to nothing has no sign.
    let written = match written.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest,
        _ => &written,
    };
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let mut out = grouped(lang, whole);
    if !fraction.is_empty() {
        out.push(decimal_mark(lang));
        out.push_str(fraction);
    }
    out
}

/// A whole number with its thousands apart: `1,280` in English, `1.280` in Vietnamese.
pub fn whole(lang: Lang, value: u64) -> String {
    grouped(lang, &value.to_string())
}

/// A share from 0 to 1 as a percentage: `97.5%`, `97,5%`.
pub fn percent(lang: Lang, share: f32, decimals: usize) -> String {
    if !share.is_finite() {
        return NO_NUMBER.to_owned();
    }
    format!("{}%", decimal(lang, f64::from(share) * 100.0, decimals))
}

/// A size in decimal units: `640 kB`, `2.4 MB`.
pub fn bytes(lang: Lang, count: u64) -> String {
    let count = count as f64;
    let kilobytes = (count / 1e3).ceil();
    if kilobytes < 1e3 {
        format!("{} kB", decimal(lang, kilobytes, 0))
    } else if count < 999.95e6 {
        format!("{} MB", decimal(lang, count / 1e6, 1))
    } else {
        format!("{} GB", decimal(lang, count / 1e9, 2))
    }
}

/// A span of time: `0.4 ms`, `87 ms`, `1.2 s`.
pub fn duration(lang: Lang, milliseconds: f64) -> String {
    if milliseconds < 9.95 {
        format!("{} ms", decimal(lang, milliseconds, 1))
    } else if milliseconds < 999.5 {
        format!("{} ms", decimal(lang, milliseconds, 0))
    } else {
        format!("{} s", decimal(lang, milliseconds / 1000.0, 1))
    }
}

fn decimal_mark(lang: Lang) -> char {
    match lang {
        Lang::En => '.',
        Lang::Vi => ',',
    }
}

fn thousands_mark(lang: Lang) -> char {
    match lang {
        Lang::En => ',',
        Lang::Vi => '.',
    }
}

fn grouped(lang: Lang, digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("−", rest),
        None => ("", digits),
    };
    let mut out = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(thousands_mark(lang));
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_marks() {
        assert_eq!(decimal(Lang::En, 1234.5, 1), "1,234.5");
        assert_eq!(decimal(Lang::Vi, 1234.5, 1), "1.234,5");
        assert_eq!(decimal(Lang::En, -0.25, 2), "−0.25");
        assert_eq!(decimal(Lang::En, -0.04, 1), "0.0");
        assert_eq!(decimal(Lang::En, -0.4, 0), "0");
        assert_eq!(whole(Lang::Vi, 150_528), "150.528");
        assert_eq!(whole(Lang::En, 999), "999");
    }

    #[test]
    fn sizes_and_times_have_the_unit_a_person_would_choose() {
        assert_eq!(bytes(Lang::En, 1), "1 kB");
        assert_eq!(bytes(Lang::Vi, 2_420_000), "2,4 MB");
        assert_eq!(bytes(Lang::En, 4_990_000_000), "4.99 GB");
        assert_eq!(bytes(Lang::En, 999_000), "999 kB");
        assert_eq!(bytes(Lang::En, 999_999), "1.0 MB");
        assert_eq!(bytes(Lang::En, 999_949_999), "999.9 MB");
        assert_eq!(bytes(Lang::En, 999_950_000), "1.00 GB");
        assert_eq!(duration(Lang::En, 9.96), "10 ms");
        assert_eq!(duration(Lang::En, 999.7), "1.0 s");
        assert_eq!(duration(Lang::En, 0.42), "0.4 ms");
        assert_eq!(duration(Lang::En, 87.4), "87 ms");
        assert_eq!(duration(Lang::Vi, 1234.0), "1,2 s");
        assert_eq!(percent(Lang::Vi, 0.975, 1), "97,5%");
    }

    #[test]
    fn what_is_no_number_is_a_dash() {
        assert_eq!(decimal(Lang::En, f64::NAN, 1), "–");
        assert_eq!(percent(Lang::En, f32::INFINITY, 0), "–");
    }
}
