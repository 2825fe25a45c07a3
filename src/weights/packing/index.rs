use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::weights::{Error, Header};

/// Which file has which tensor: `model.safetensors.index.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// [`Error::Index`] if it is no JSON of this form, names no file, or one in another folder.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let index: Self =
            serde_json::from_str(json).map_err(|error| Error::Index(error.to_string()))?;
        if index.weight_map.is_empty() {
            return Err(Error::Index("it names no tensor".to_owned()));
        }
        let strange =
            |file: &&str| file.is_empty() || file.starts_with('.') || file.contains(['/', '\\']);
        match index.files().into_iter().find(strange) {
            Some(file) => Err(Error::Index(format!("`{file}` is no name of a file beside it"))),
            None => Ok(index),
        }
    }

    /// The files that it names, each once, in the order of their names.
    pub fn files(&self) -> Vec<&str> {
        let files: BTreeSet<_> = self.weight_map.values().map(String::as_str).collect();
        files.into_iter().collect()
    }

    /// The first file that it names and that is not among `present`.
    ///
    /// # Errors
    /// [`Error::MissingFile`].
    pub fn check_files<'a>(&self, present: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        let present: BTreeSet<_> = present.into_iter().collect();
        match self.files().into_iter().find(|file| !present.contains(file)) {
            Some(file) => Err(Error::MissingFile { file: file.to_owned() }),
            None => Ok(()),
        }
    }

    /// Whether every file is there and has the tensors that it should.
    ///
    /// # Errors
    /// [`Error::MissingFile`]; [`Error::NotInFile`] with the first tensor that is missing.
    pub fn check(&self, sources: &[(String, Header)]) -> Result<(), Error> {
        self.check_files(sources.iter().map(|(file, _)| file.as_str()))?;
        let has = |file: &str, tensor: &str| {
            let mut named = sources.iter().filter(|(name, _)| name == file);
            named.any(|(_, header)| header.get(tensor).is_some())
        };
        match self.weight_map.iter().find(|(tensor, file)| !has(file, tensor)) {
            Some((tensor, file)) => {
                Err(Error::NotInFile { tensor: tensor.clone(), file: file.clone() })
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"{"metadata": {"total_size": 3},
        "weight_map": {"a": "two", "b": "one", "c": "two"}}"#;

    fn source(file: &str, tensors: &[&str]) -> (String, Header) {
        let entry = |tensor: &&str| {
            let entry = serde_json::json!({"dtype": "U8", "shape": [0], "data_offsets": [0, 0]});
            ((*tensor).to_owned(), entry)
        };
        let json: serde_json::Map<_, _> = tensors.iter().map(entry).collect();
        let json = serde_json::to_vec(&json).unwrap();
        (file.to_owned(), Header::parse(&json, 8 + json.len() as u64).unwrap())
    }

    #[test]
    fn what_is_missing_is_named() {
        let index = Index::parse(INDEX).unwrap();
        assert_eq!(index.files(), ["one", "two"]);
        let (one, two) = (source("one", &["b"]), source("two", &["a", "c"]));
        assert_eq!(index.check(&[two.clone(), one.clone()]), Ok(()));
        let error = index.check(std::slice::from_ref(&one)).unwrap_err();
        assert_eq!(error, Error::MissingFile { file: "two".into() });
        let error = index.check(&[one, source("two", &["a"])]).unwrap_err();
        assert_eq!(error, Error::NotInFile { tensor: "c".into(), file: "two".into() });
    }

    #[test]
    fn an_index_of_another_form_is_refused() {
        for json in [
            "{",
            "{}",
            r#"{"weight_map": {}}"#,
            r#"{"weight_map": {"a": 1}}"#,
            r#"{"weight_map": {"a": "../b"}}"#,
            r#"{"weight_map": {"a": ""}}"#,
            r#"{"weight_map": {"a": "C:\\b"}}"#,
        ] {
            assert!(matches!(Index::parse(json), Err(Error::Index(_))), "{json}");
        }
    }
}
