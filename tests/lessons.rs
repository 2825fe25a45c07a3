//! The shipped course: every lesson reads, in every language alike, and leads nowhere that is not
//! there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use resilient_ai::lessons::{Block, Course, Lesson, LessonEntry, Status, Step};

/// What the page can build, by widget and argument.
const WIDGETS: [(&str, &str, &[&str]); 3] = [
    ("bench", "show", &["picture", "attack", "sweep", "png"]),
    (
        "guard",
        "show",
        &[
            "prompt",
            "verdict",
            "threshold",
            "policies",
            "pipeline",
            "attempts",
            "batch",
            "unread",
            "flip",
            "large",
        ],
    ),
    ("pgd", "show", &["models", "attack", "transfer", "roundtrip", "robustness", "training"]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("www/lessons")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn course() -> Course {
    Course::parse(&read(&folder().join("course.json"))).unwrap_or_else(|error| panic!("{error}"))
}

fn available(course: &Course) -> impl Iterator<Item = &LessonEntry> {
    course.lessons.iter().filter(|lesson| lesson.status == Status::Available)
}

/// Every available lesson by language and id.
fn lessons() -> BTreeMap<(String, String), Lesson> {
    let course = course();
    let mut lessons = BTreeMap::new();
    for entry in available(&course) {
        for language in &course.languages {
            let path = folder().join(language).join(format!("{}.md", entry.id));
            let lesson = Lesson::parse(&read(&path))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            lessons.insert((language.clone(), entry.id.clone()), lesson);
        }
    }
    lessons
}

fn html(step: &Step) -> impl Iterator<Item = &str> {
    step.blocks.iter().filter_map(|block| match block {
        Block::Html(html) => Some(html.as_str()),
        Block::Widget { .. } => None,
    })
}

/// The values of an attribute in rendered HTML.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    html.split(&mark).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_lesson_reads_in_every_language() {
    assert!(!lessons().is_empty());
}

#[test]
fn a_lessons_file_says_what_the_course_says() {
    let course = course();
    for ((language, id), lesson) in lessons() {
        let entry = course.lesson(&id).unwrap();
        assert_eq!(lesson.language, language, "{language}/{id}.md");
        assert_eq!(lesson.title, entry.title(&language), "{language}/{id}.md");
        assert_eq!(lesson.summary, entry.summary(&language), "{language}/{id}.md");
    }
}

#[test]
fn every_file_is_in_the_course() {
    let course = course();
    for language in &course.languages {
        for entry in fs::read_dir(folder().join(language)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let id = name.strip_suffix(".md").unwrap_or(&name);
            // An announced lesson may be in the making.
            assert!(course.lesson(id).is_some(), "{language}/{name}");
        }
    }
}

#[test]
fn languages_have_the_same_steps_and_widgets() {
    /// A step without its words: its id, its widgets, and how much there is of what.
    fn shape(step: &Step) -> (String, Vec<String>, [usize; 6]) {
        let blocks = step.blocks.iter().map(|block| match block {
            Block::Html(_) => "text".to_owned(),
            Block::Widget { name, args } => format!("{name} {args:?}"),
        });
        let tags = ["<h3", "<math", "<li", "<td", "<details", "<aside"];
        let counts = tags.map(|tag| html(step).map(|html| html.matches(tag).count()).sum());
        (step.id.clone(), blocks.collect(), counts)
    }
    let (lessons, course) = (lessons(), course());
    let first = &course.languages[0];
    for ((language, id), lesson) in &lessons {
        let original = &lessons[&(first.clone(), id.clone())];
        assert_eq!(lesson.minutes, original.minutes, "{language}/{id}.md");
        let shapes = |lesson: &Lesson| lesson.steps.iter().map(shape).collect::<Vec<_>>();
        assert_eq!(shapes(lesson), shapes(original), "{language}/{id}.md");
    }
}

#[test]
fn no_step_is_empty_and_none_has_two_widgets() {
    for ((language, id), lesson) in lessons() {
        for step in &lesson.steps {
            let place = format!("{language}/{id}.md, {}", step.id);
            let words: usize = html(step).map(|html| html.split_whitespace().count()).sum();
            assert!(words >= 40, "{place}: {words} words");
            let widgets = step.blocks.len() - html(step).count();
            assert!(widgets <= 1, "{place}: {widgets} widgets");
        }
    }
}

#[test]
fn every_widget_exists() {
    for ((language, id), lesson) in lessons() {
        for block in lesson.steps.iter().flat_map(|step| &step.blocks) {
            let Block::Widget { name, args } = block else { continue };
            let known = WIDGETS.iter().any(|(widget, argument, values)| {
                widget == name
                    && args
                        .iter()
                        .all(|(key, value)| key == argument && values.contains(&value.as_str()))
            });
            assert!(known, "{language}/{id}.md: {name} {args:?}");
        }
    }
}

#[test]
fn no_link_inside_the_course_is_dead() {
    let lessons = lessons();
    for ((language, id), lesson) in &lessons {
        for step in &lesson.steps {
            for link in html(step).flat_map(|html| values(html, "href")) {
                let Some(place) = link.strip_prefix("#/") else { continue };
                let path = place.split('?').next().unwrap_or_default();
                let parts: Vec<_> = path.split('/').collect();
                let there = match parts.as_slice() {
                    [to] => to == language,
                    [to, lesson] => to == language && lessons.contains_key(&key(to, lesson)),
                    [to, lesson, step] => {
                        to == language
                            && lessons
                                .get(&key(to, lesson))
                                .is_some_and(|lesson| lesson.position(step).is_some())
                    }
                    _ => false,
                };
                assert!(there, "{language}/{id}.md, {}: {link}", step.id);
                let query = place.split_once('?').map_or("", |(_, query)| query);
                for pair in query.split("&amp;").filter(|pair| !pair.is_empty()) {
                    assert!(sets_up_bench(pair), "{language}/{id}.md, {}: {pair}", step.id);
                }
            }
        }
    }
}

/// Whether `key=value` of a link means something to the bench.
fn sets_up_bench(pair: &str) -> bool {
    let Some((key, value)) = pair.split_once('=') else { return false };
    match key {
        "picture" => {
            let photos = read(&folder().with_file_name("photos").join("photos.json"));
            photos.contains(&format!("\"id\": \"{value}\""))
        }
        "epsilon" => value.parse().is_ok_and(|epsilon: f32| (0.0..=1.0).contains(&epsilon)),
        "goal" => value.strip_prefix("to-").is_some_and(|label| label.parse::<usize>().is_ok()),
        "size" => value
            .parse()
            .is_ok_and(|size: u32| (32..=320).contains(&size) && size.is_multiple_of(32)),
        _ => false,
    }
}

#[test]
fn every_picture_is_there() {
    for ((language, id), lesson) in lessons() {
        for picture in lesson.steps.iter().flat_map(html).flat_map(|html| values(html, "src")) {
            let path = folder().with_file_name("").join(picture);
            assert!(path.is_file(), "{language}/{id}.md: {picture}");
        }
    }
}

fn key(language: &str, id: &str) -> (String, String) {
    (language.to_owned(), id.to_owned())
}
