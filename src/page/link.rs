//! The state in the link: `#/<lang>/<lesson>/<step>?picture=…&crop=…&model=…&size=…&epsilon=…&goal=…`.
//!
//! Links are read forgivingly: what is unknown or out of range is ignored and the default stands.
//! Only what differs from the default is written, so that links stay short.

mod pgd;

pub use pgd::{MOST_L2, MOST_MODELS, MOST_RESTARTS, MOST_STEPS, PGD_LESSON, PgdLink, StepSize};

use super::bench::{crop_geometry, epsilon};
use super::lang::Lang;
use crate::protocol::{Crop, DeviceKind};

/// The name in the link of a picture that only this browser has.
pub const OWN_PICTURE: &str = "own";

/// Where the learner is, and the bench's experiment there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    pub lang: Lang,
    /// The lesson's id; empty on the front page.
    pub lesson: String,
    /// The step's id; empty for the lesson's own start.
    pub step: String,
    /// The device that the learner insists on; none leaves the choice to the page.
    pub device: Option<DeviceKind>,
    pub bench: BenchLink,
    /// The iterative attack; in links of its lesson only.
    pub pgd: PgdLink,
}

/// The id of the lesson on texts.
const TEXT_LESSON: &str = "safety";

/// The bench's experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchLink {
    /// The id of a shipped photograph, or [`OWN_PICTURE`].
    pub picture: String,
    /// Where the square lies in it; none for the picture's own crop.
    pub crop: Option<Crop>,
    /// The model's id in the manifest.
    pub model: String,
    /// Side of the model's input in pixels: a multiple of 32 from 32 to 320.
    pub size: u32,
    /// Linf radius in pixel units, from 0 to the end of the slider.
    pub epsilon: f32,
    pub goal: GoalLink,
}

/// What the attack aims at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GoalLink {
    /// Away from the model's own prediction.
    #[default]
    Away,
    /// Away from this label.
    AwayFrom(usize),
    /// Towards this label.
    Towards(usize),
}

impl Default for BenchLink {
    fn default() -> Self {
        Self {
            picture: "dandelion".to_owned(),
            crop: None,
            model: "mobilenet_v2_flowers".to_owned(),
            size: 224,
            epsilon: 2.0 / 255.0,
            goal: GoalLink::default(),
        }
    }
}

impl BenchLink {
    /// Puts another picture on the bench, with its own crop.
    pub fn show(&mut self, picture: &str) {
        self.picture = picture.to_owned();
        self.crop = None;
    }
}

impl Link {
    /// Reads a location's hash, with or without its `#`. Without a language in it, `lang` stands.
    pub fn parse(hash: &str, lang: Lang) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let mut parts = path.split('/').filter(|part| !part.is_empty()).map(decode).peekable();
        let named = parts.peek().and_then(|part| Lang::from_tag(part));
        if named.is_some() {
            parts.next();
        }
        let mut link = Self {
            lang: named.unwrap_or(lang),
            lesson: parts.next().unwrap_or_default(),
            step: parts.next().unwrap_or_default(),
            ..Self::default()
        };
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            link.set(key, value);
        }
        link.pgd.settle();
        link
    }

    fn set(&mut self, key: &str, value: &str) {
        if self.is_pgd() && self.pgd.set(key, value) {
            return;
        }
        let value = decode(value);
        let bench = &mut self.bench;
        match key {
            "picture" if !value.is_empty() => bench.picture = value,
            "crop" => bench.crop = parse_crop(&value).or(bench.crop),
            "model" if !value.is_empty() => bench.model = value,
            "size" => {
                let size = value.parse().ok().filter(|size| is_input_size(*size));
                bench.size = size.unwrap_or(bench.size);
            }
            "epsilon" => {
                let given = value.parse().ok().filter(|epsilon| (0.0..=1.0).contains(epsilon));
                bench.epsilon = given.map_or(bench.epsilon, epsilon::clamped);
            }
            "goal" => bench.goal = GoalLink::parse(&value).unwrap_or(bench.goal),
            "device" => self.device = parse_device(&value),
            _ => {}
        }
    }

    /// Where a link leads from here. What it does not name stays: a link without a query only names
    /// a step and is not meant to undo the experiment. A link with one sets up the bench as a whole,
    /// except for the input's size, which may be small because the device is slow.
    pub fn followed(&self, hash: &str) -> Self {
        let mut link = Self::parse(hash, self.lang);
        if !hash.contains('?') {
            (link.bench, link.pgd) = (self.bench.clone(), self.pgd.clone());
        } else if !names(hash, "size") {
            link.bench.size = self.bench.size;
        }
        link.keep_unsaid(self);
        if !names(hash, "device") {
            link.device = self.device;
        }
        link
    }

    /// Where going back or forward leads from here. The experiment stays as it is.
    pub fn returned(&self, hash: &str) -> Self {
        let Self { lang, lesson, step, .. } = Self::parse(hash, self.lang);
        Self { lang, lesson, step, ..self.clone() }
    }

    /// The hash that leads here, with its `#`.
    pub fn to_hash(&self) -> String {
        let mut hash = format!("#/{}", self.lang.code());
        for part in [&self.lesson, &self.step] {
            if part.is_empty() {
                break;
            }
            hash.push('/');
            hash.push_str(&encode(part));
        }
        let (bench, default) = (&self.bench, BenchLink::default());
        let mut separator = '?';
        let mut add = |key: &str, value: String| {
            hash.push(separator);
            hash.push_str(key);
            hash.push('=');
            hash.push_str(&value);
            separator = '&';
        };
        if bench.picture != default.picture {
            add("picture", encode(&bench.picture));
        }
        if let Some(crop) = bench.crop {
            add("crop", print_crop(crop));
        }
        let of_the_bench = !self.is_pgd();
        if of_the_bench && bench.model != default.model {
            add("model", encode(&bench.model));
        }
        if of_the_bench && bench.size != default.size {
            add("size", bench.size.to_string());
        }
        if of_the_bench && bench.epsilon != default.epsilon {
            add("epsilon", bench.epsilon.to_string());
        }
        if of_the_bench && bench.goal != default.goal {
            add("goal", bench.goal.print());
        }
        if !of_the_bench {
            for (key, value) in self.pgd.pairs() {
                add(key, value);
            }
        }
        if let Some(device) = self.device {
            add("device", print_device(device).to_owned());
        }
        hash
    }

    /// Whether the link is of the lesson on texts.
    pub fn is_about_texts(&self) -> bool {
        self.lesson == TEXT_LESSON
    }

    /// Whether the link is of the lesson whose experiment is an iterative attack.
    fn is_pgd(&self) -> bool {
        self.lesson == PGD_LESSON
    }

    /// Takes over what this link cannot say: the experiment of the lessons that it is not of.
    fn keep_unsaid(&mut self, old: &Self) {
        if self.is_pgd() {
            let picture = std::mem::take(&mut self.bench.picture);
            self.bench = BenchLink { picture, crop: self.bench.crop, ..old.bench.clone() };
        } else {
            self.pgd = old.pgd.clone();
        }
    }

    /// The same experiment at another step.
    pub fn at(&self, lesson: &str, step: &str) -> Self {
        Self { lesson: lesson.to_owned(), step: step.to_owned(), ..self.clone() }
    }

    /// The same place in another language.
    pub fn in_language(&self, lang: Lang) -> Self {
        Self { lang, ..self.clone() }
    }
}

impl GoalLink {
    /// The goal for a model with this many classes: a label that it does not have is nothing to
    /// lead towards or away from.
    pub fn within(self, classes: usize) -> Self {
        match self {
            Self::AwayFrom(label) | Self::Towards(label) if label >= classes => Self::Away,
            known => known,
        }
    }

    fn parse(value: &str) -> Option<Self> {
        if value == "away" {
            Some(Self::Away)
        } else if let Some(label) = value.strip_prefix("from-") {
            label.parse().ok().map(Self::AwayFrom)
        } else {
            value.strip_prefix("to-")?.parse().ok().map(Self::Towards)
        }
    }

    fn print(self) -> String {
        match self {
            Self::Away => "away".to_owned(),
            Self::AwayFrom(label) => format!("from-{label}"),
            Self::Towards(label) => format!("to-{label}"),
        }
    }
}

/// Whether a model can be given squares of this side, in pixels.
pub fn is_input_size(side: u32) -> bool {
    (32..=320).contains(&side) && side.is_multiple_of(32)
}

/// Whether a hash's query has something to say about `key`.
fn names(hash: &str, key: &str) -> bool {
    named_keys(hash).any(|name| name == key)
}

/// Whether a hash's query has something to say about an experiment.
pub fn sets_up(hash: &str) -> bool {
    named_keys(hash).any(|name| name != "device")
}

fn named_keys(hash: &str) -> impl Iterator<Item = &str> {
    let query = hash.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name)
}

/// A crop from `x,y,zoom`, each to a thousandth.
fn parse_crop(value: &str) -> Option<Crop> {
    let numbers: Vec<f32> =
        value.split(',').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let &[x, y, zoom] = numbers.as_slice() else { return None };
    let crop = Crop { x, y, zoom };
    (crop_geometry::clamped(crop) == crop).then(|| crop_geometry::rounded(crop))
}

fn print_crop(crop: Crop) -> String {
    let Crop { x, y, zoom } = crop_geometry::rounded(crop);
    format!("{x},{y},{zoom}")
}

fn parse_device(value: &str) -> Option<DeviceKind> {
    match value {
        "cpu" => Some(DeviceKind::Cpu),
        "webgpu" => Some(DeviceKind::WebGpu),
        _ => None,
    }
}

fn print_device(device: DeviceKind) -> &'static str {
    match device {
        DeviceKind::Cpu => "cpu",
        DeviceKind::WebGpu => "webgpu",
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Undoes percent-encoding; a stray `%` stays, and what is no UTF-8 is replaced.
fn decode(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(value) => {
                out.push(value);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_link_is_read() {
        let link = Link::parse(
            "#/vi/fgsm/try?picture=cat&model=m&size=96&epsilon=0.0078431&goal=to-3&device=webgpu",
            Lang::En,
        );
        assert_eq!(link.lang, Lang::Vi);
        assert_eq!((link.lesson.as_str(), link.step.as_str()), ("fgsm", "try"));
        assert_eq!(link.bench.picture, "cat");
        assert_eq!(link.bench.model, "m");
        assert_eq!(link.bench.size, 96);
        assert_eq!(link.bench.epsilon, 0.007_843_1);
        assert_eq!(link.bench.goal, GoalLink::Towards(3));
        assert_eq!(link.device, Some(DeviceKind::WebGpu));
    }

    #[test]
    fn nothing_is_the_front_page_in_the_readers_language() {
        for hash in ["", "#", "#/"] {
            assert_eq!(Link::parse(hash, Lang::Vi), Link { lang: Lang::Vi, ..Link::default() });
        }
        assert_eq!(Link::parse("#/en", Lang::Vi), Link::default());
    }

    #[test]
    fn nonsense_leaves_the_defaults() {
        let link = Link::parse(
            "#/en/fgsm?size=100&epsilon=NaN&goal=sideways&picture=&x=y&&=&device=abacus",
            Lang::En,
        );
        assert_eq!(link, Link { lesson: "fgsm".to_owned(), ..Link::default() });
        assert_eq!(Link::parse("#/?epsilon=2", Lang::En).bench, BenchLink::default());
        assert_eq!(Link::parse("#/?epsilon=-0.1", Lang::En).bench, BenchLink::default());
    }

    #[test]
    fn an_epsilon_beyond_the_slider_is_its_end() {
        let link = Link::parse("#/?epsilon=0.5", Lang::En);
        assert_eq!(link.bench.epsilon, 32.0 / 255.0);
    }

    #[test]
    fn a_followed_link_takes_what_it_names_and_leaves_the_device() {
        let here = Link::parse("#/vi/fgsm/try?picture=cat&size=96&device=cpu", Lang::En);
        let step = here.followed("#/vi/fgsm/sweep");
        assert_eq!(step, here.at("fgsm", "sweep"));
        let set_up = here.followed("#/vi/fgsm/try?epsilon=0.02");
        assert_eq!(set_up.bench, BenchLink { epsilon: 0.02, size: 96, ..BenchLink::default() });
        assert_eq!(here.followed("#/vi/fgsm/try?size=224").bench, BenchLink::default());
        assert_eq!(set_up.device, Some(DeviceKind::Cpu));
        assert_eq!(here.followed("#/vi/fgsm?device=webgpu").device, Some(DeviceKind::WebGpu));
        assert_eq!(here.followed("#/vi/fgsm?device=any").device, None);
    }

    #[test]
    fn a_link_that_sets_up_the_bench_undoes_the_crop() {
        let here = Link::parse("#/en/fgsm/try?crop=0.25,0.5,5", Lang::En);
        assert_eq!(here.bench.crop, Some(Crop { x: 0.25, y: 0.5, zoom: 5.0 }));
        assert_eq!(here.followed("#/en/fgsm/sweep").bench.crop, here.bench.crop);
        assert_eq!(here.followed("#/en/fgsm/try?picture=dandelion").bench.crop, None);
        let named = here.followed("#/en/fgsm/try?picture=cat&crop=1,0,2").bench.crop;
        assert_eq!(named, Some(Crop { x: 1.0, y: 0.0, zoom: 2.0 }));
        let pgd = here.followed("#/en/pgd/attack?picture=dandelion").bench.crop;
        assert_eq!(pgd, None);
    }

    #[test]
    fn a_link_to_a_step_or_a_device_sets_up_nothing() {
        assert!(sets_up("#/en/fgsm/try?device=cpu&epsilon=0.005"));
        assert!(!sets_up("#/en/fgsm/try?device=cpu"));
        assert!(!sets_up("#/en/fgsm/try"));
    }

    #[test]
    fn a_crop_is_three_short_numbers() {
        let mut link = Link::default().at("fgsm", "try");
        link.bench.crop = Some(Crop { x: 0.333_333, y: 0.5, zoom: 2.000_04 });
        assert_eq!(link.to_hash(), "#/en/fgsm/try?crop=0.333,0.5,2");
        for crop in ["", "0.5", "0.5,0.5", "0,0,9", "0,-0.1,2", "0,NaN,2", "0,0,inf", "0,0,1,1"] {
            let link = Link::parse(&format!("#/en/fgsm/try?crop={crop}"), Lang::En);
            assert_eq!(link.bench.crop, None, "{crop}");
        }
    }

    #[test]
    fn going_back_changes_the_place_and_not_the_experiment() {
        let here = Link::parse("#/en/fgsm/try?picture=cat&goal=to-3&device=cpu", Lang::En);
        for query in ["", "?picture=espresso&goal=away&device=webgpu"] {
            let back = here.returned(&format!("#/vi/fgsm/model{query}"));
            assert_eq!(back, here.at("fgsm", "model").in_language(Lang::Vi));
        }
    }

    #[test]
    fn a_goal_that_the_model_does_not_know_leads_away() {
        assert_eq!(GoalLink::Towards(4).within(5), GoalLink::Towards(4));
        assert_eq!(GoalLink::Towards(5).within(5), GoalLink::Away);
        assert_eq!(GoalLink::AwayFrom(900).within(5), GoalLink::Away);
        assert_eq!(GoalLink::Away.within(0), GoalLink::Away);
    }

    #[test]
    fn defaults_are_not_written() {
        assert_eq!(Link::default().at("fgsm", "try").to_hash(), "#/en/fgsm/try");
        assert_eq!(Link::default().to_hash(), "#/en");
    }

    #[test]
    fn a_link_of_one_lesson_leaves_the_others_experiment() {
        let mut here = Link::parse("#/en/pgd/attack?steps=7", Lang::En);
        here.bench.epsilon = 0.125;
        let there = here.followed("#/en/pgd/attack?picture=cat&steps=8");
        assert_eq!(there.bench.picture, "cat");
        assert_eq!((there.bench.epsilon, there.pgd.steps), (0.125, 8));
        let there = here.followed("#/en/fgsm/try?epsilon=0.0625");
        assert_eq!((there.bench.epsilon, there.pgd.steps), (0.0625, 7));
        let there = here.followed("#/en/pgd/norms");
        assert_eq!((there.bench.epsilon, there.pgd.steps), (0.125, 7));
    }

    #[test]
    fn a_stray_percent_sign_stays() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%41"), "%zzA");
        assert_eq!(decode("%+1"), "%+1");
    }

    proptest! {
        #[test]
        fn every_link_comes_back(
            vietnamese: bool,
            lesson in "[a-z_-]{3,9}",
            step in "[a-z0-9_-]{0,9}",
            picture in "[^\u{0}]{1,12}",
            crop in prop::option::of((0u32..=1000, 0u32..=1000, 1000u32..=8000)),
            model in "[^\u{0}]{1,12}",
            size in 1u32..=10,
            epsilon in 0.0f32..=32.0 / 255.0,
            goal in prop_oneof![
                Just(GoalLink::Away),
                (0usize..1000).prop_map(GoalLink::AwayFrom),
                (0usize..1000).prop_map(GoalLink::Towards),
            ],
            device in prop_oneof![
                Just(None), Just(Some(DeviceKind::Cpu)), Just(Some(DeviceKind::WebGpu)),
            ],
        ) {
            let lang = if vietnamese { Lang::Vi } else { Lang::En };
            let crop = crop.map(|(x, y, zoom)| {
                let [x, y, zoom] = [x, y, zoom].map(|thousandths| thousandths as f32 / 1000.0);
                Crop { x, y, zoom }
            });
            let bench = BenchLink { picture, crop, model, size: size * 32, epsilon, goal };
            let link = Link { lang, lesson, step, device, bench, ..Link::default() };
            prop_assert_eq!(Link::parse(&link.to_hash(), Lang::En), link);
        }

        #[test]
        fn any_query_leaves_an_experiment_that_can_be_done(
            picture: String,
            crop in prop_oneof![
                any::<(f32, f32, f32)>().prop_map(|(x, y, zoom)| format!("{x},{y},{zoom}")),
                (-0.2f32..1.2, 0.0f32..1.0, 0.0f32..9.0)
                    .prop_map(|(x, y, zoom)| format!("{x},{y},{zoom}")),
                any::<String>(),
            ],
            size in prop_oneof![any::<u32>().prop_map(|size| size.to_string()), any::<String>()],
            epsilon in prop_oneof![any::<f32>().prop_map(|it| it.to_string()), any::<String>()],
            goal in prop_oneof!["(to|from)-[0-9]{0,30}", any::<String>()],
        ) {
            let query =
                format!("picture={picture}&crop={crop}&size={size}&epsilon={epsilon}&goal={goal}");
            let link = Link::parse(&format!("#/en/fgsm/try?{query}"), Lang::En);
            prop_assert!(!link.bench.picture.is_empty());
            prop_assert!(is_input_size(link.bench.size));
            prop_assert!((0.0..=32.0 / 255.0).contains(&link.bench.epsilon));
            prop_assert_eq!(Link::parse(&link.to_hash(), Lang::En), link);
        }

        #[test]
        fn any_text_is_a_link(hash: String) {
            let link = Link::parse(&hash, Lang::En);
            prop_assert_eq!(Link::parse(&link.to_hash(), Lang::En), link);
        }
    }
}
