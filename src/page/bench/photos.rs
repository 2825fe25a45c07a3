//! The photographs that are shipped with the page, as `photos/photos.json` lists them.

use serde::Deserialize;

use crate::protocol::{Crop, Localised};

/// The folder with the photographs, relative to the page.
pub const FOLDER: &str = "photos/";
/// The list of them, within the folder.
pub const LIST: &str = "photos.json";

/// A shipped photograph.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Photo {
    /// Its name in links.
    pub id: String,
    /// Its file, within [`FOLDER`].
    pub file: String,
    /// Pixels, so that room can be kept before it has loaded.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    pub title: Localised<String>,
    /// What it shows, for those who do not see it.
    pub alt: Localised<String>,
    /// Who took it.
    pub credit: String,
    pub licence: String,
    #[serde(default)]
    pub licence_url: Option<String>,
    /// The square that shows its subject; without one, the largest in the middle.
    #[serde(default)]
    pub crop: Option<Crop>,
}

#[derive(Deserialize)]
struct List {
    photos: Vec<Photo>,
}

/// Reads the list.
///
/// # Errors
/// The place and cause, in English, if it is no such list.
pub fn parse(json: &str) -> Result<Vec<Photo>, String> {
    serde_json::from_str::<List>(json).map(|list| list.photos).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_shipped_photograph_is_whole() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www").join(FOLDER);
        let photos = parse(&std::fs::read_to_string(folder.join(LIST)).unwrap()).unwrap();
        let ids: Vec<_> = photos.iter().map(|photo| photo.id.as_str()).collect();
        assert_eq!(ids, ["dandelion", "cat", "espresso", "rocket"]);
        for photo in &photos {
            let bytes = std::fs::metadata(folder.join(&photo.file)).unwrap().len();
            assert!(bytes < 150_000, "{} is too heavy", photo.file);
            assert!(photo.width.max(photo.height) <= 960);
            assert!(photo.title.vi.is_some() && photo.alt.vi.is_some());
            assert!(!photo.credit.is_empty() && !photo.licence.is_empty());
        }
    }

    #[test]
    fn a_broken_list_is_an_error() {
        assert!(parse("{").is_err());
        assert!(parse(r#"{"photos": [{"id": "x"}]}"#).is_err());
    }
}
