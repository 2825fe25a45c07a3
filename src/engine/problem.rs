//! Errors of the rooms below, as problems that a person can do something about.

use crate::{
    attacks,
    protocol::{Problem, ProblemKind},
    safety,
    vision::{self, Classifier},
    weights,
};

impl From<weights::Error> for Problem {
    /// The subject is what the error names; whoever knows the file puts it there with [`about`].
    fn from(error: weights::Error) -> Self {
        use weights::Error;
        let kind = match error {
            Error::Manifest(_) => ProblemKind::BrokenManifest,
            Error::Index(_) | Error::Pieces(_) => ProblemKind::BrokenManifest,
            Error::Truncated { .. }
            | Error::Header(_)
            | Error::Read(_)
            | Error::NotInFile { .. } => ProblemKind::BrokenWeights,
            Error::MissingFile { .. } => ProblemKind::MissingFile,
            Error::Row { .. } => ProblemKind::Internal,
            Error::NumberType { .. }
            | Error::NoFloats { .. }
            | Error::MissingTensor { .. }
            | Error::Doubled { .. }
            | Error::Columns { .. }
            | Error::Shape { .. } => ProblemKind::WrongTensors,
            Error::NotFinite { .. } | Error::TooLarge { .. } => ProblemKind::NotFinite,
            Error::Hash { .. } => ProblemKind::WrongHash,
        };
        let subject = match &error {
            Error::Manifest(_) => "manifest",
            Error::Index(_) => "index",
            Error::Pieces(_) => "pieces",
            Error::Truncated { .. } | Error::Header(_) | Error::Read(_) => "weights",
            Error::NumberType { tensor, .. }
            | Error::MissingTensor { tensor }
            | Error::Shape { tensor, .. }
            | Error::Row { tensor, .. }
            | Error::Doubled { tensor, .. }
            | Error::NoFloats { tensor, .. }
            | Error::Columns { tensor, .. }
            | Error::TooLarge { tensor, .. }
            | Error::NotFinite { tensor, .. } => tensor,
            Error::Hash { file, .. }
            | Error::MissingFile { file }
            | Error::NotInFile { file, .. } => file,
        };
        Self::new(kind, subject, &error)
    }
}

impl From<vision::Error> for Problem {
    fn from(error: vision::Error) -> Self {
        use vision::Error;
        let kind = match error {
            Error::NotAPicture { .. } => ProblemKind::NotAPicture,
            Error::BrokenPicture { .. } => ProblemKind::BrokenPicture,
            Error::PictureTooLarge { .. } => ProblemKind::PictureTooLarge,
            Error::PictureBytes { .. } => ProblemKind::BadRequest,
            Error::EmptyPicture { .. } => ProblemKind::PictureShape,
            Error::Encoding(_) | Error::Device(_) => ProblemKind::Internal,
        };
        let subject = match &error {
            Error::NotAPicture { name }
            | Error::BrokenPicture { name, .. }
            | Error::PictureTooLarge { name, .. } => name,
            Error::PictureBytes { .. } | Error::EmptyPicture { .. } | Error::Encoding(_) => {
                "picture"
            }
            Error::Device(_) => "device",
        };
        Self::new(kind, subject, &error)
    }
}

impl From<attacks::Error> for Problem {
    fn from(error: attacks::Error) -> Self {
        use attacks::Error;
        let (kind, subject) = match &error {
            Error::Epsilon { .. } => (ProblemKind::BadRequest, "epsilon"),
            Error::Norm { .. } => (ProblemKind::BadRequest, "norm"),
            Error::LabelCount { .. } | Error::Label { .. } => (ProblemKind::BadRequest, "label"),
            Error::Shape { .. } => (ProblemKind::BadRequest, "picture"),
            Error::Steps => (ProblemKind::BadRequest, "steps"),
            Error::StepSize { .. } => (ProblemKind::BadRequest, "step_size"),
            Error::Restarts { .. } => (ProblemKind::BadRequest, "restarts"),
            Error::Decay { .. } => (ProblemKind::BadRequest, "decay"),
            Error::Classes { .. } => (ProblemKind::BadRequest, "loss"),
            Error::Search { .. } => (ProblemKind::BadRequest, "tolerance"),
            Error::NotFinite { .. } => (ProblemKind::NotFinite, "attack"),
            Error::Done => (ProblemKind::Internal, "attack"),
            Error::NoGradient { model } => (ProblemKind::Internal, model.as_str()),
            Error::Device(_) => (ProblemKind::Internal, "device"),
        };
        Self::new(kind, subject, &error)
    }
}

impl From<safety::Error> for Problem {
    fn from(error: safety::Error) -> Self {
        use safety::Error;
        let (kind, subject) = match &error {
            Error::Weights(error) => return of_guard(error.clone().into()),
            Error::Config(_) => (ProblemKind::BrokenManifest, "config.json"),
            Error::Architecture { found } => (ProblemKind::WrongArchitecture, found.as_str()),
            Error::Tokenizer(_) => (ProblemKind::WrongTokenizer, "tokenizer.json"),
            Error::MissingToken { token } => (ProblemKind::WrongTokenizer, token.as_str()),
            Error::EmptyText(text) => (ProblemKind::EmptyText, *text),
            Error::MissingResponse => (ProblemKind::MissingResponse, "response"),
            Error::NoPolicy => (ProblemKind::BadRequest, "policy"),
            Error::NoRoom { .. } => (ProblemKind::PolicyTooLong, "policy"),
            Error::Settings { what } => (ProblemKind::BadRequest, *what),
            Error::WrongProduct => (ProblemKind::SelfCheckFailed, "guard"),
            Error::NoGradient => (ProblemKind::NoGradient, "guard"),
            Error::NotFinite => (ProblemKind::GuardNotFinite, "guard"),
            Error::Device(_) => (ProblemKind::Internal, "device"),
        };
        Self::new(kind, subject, &error)
    }
}

/// A problem of weights, where they are a guard's: what helps is not what helps with a classifier of
/// pictures.
fn of_guard(problem: Problem) -> Problem {
    let kind = match problem.kind {
        ProblemKind::WrongTensors => ProblemKind::WrongGuardTensors,
        ProblemKind::NotFinite => ProblemKind::GuardNotFinite,
        kind => kind,
    };
    Problem { kind, ..problem }
}

/// Names the file that an error is about.
pub fn about<E: Into<Problem>>(file: &str) -> impl Fn(E) -> Problem {
    move |error| Problem { subject: file.to_owned(), ..error.into() }
}

/// A model's loss, or its gradient, is no number, so that an attack cannot go on.
pub fn not_finite(model: &dyn Classifier) -> Problem {
    let detail = "the loss or its gradient is not a finite number";
    Problem::new(ProblemKind::NotFinite, model.name(), detail)
}

/// The device would not hand back what it computed.
pub fn unreadable(error: impl std::fmt::Display) -> Problem {
    Problem::new(ProblemKind::Internal, "device", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_are_wrong_differ_from_weights_that_are_broken() {
        let cut = weights::Error::Truncated { expected: 8, found: 3 };
        assert_eq!(Problem::from(cut).kind, ProblemKind::BrokenWeights);
        let missing = weights::Error::MissingTensor { tensor: "conv_stem.weight".to_owned() };
        let problem = Problem::from(missing.clone());
        assert_eq!(problem.kind, ProblemKind::WrongTensors);
        assert_eq!(problem.subject, "conv_stem.weight");
        let named = about("mine.safetensors")(missing);
        assert_eq!(named.subject, "mine.safetensors");
        assert!(named.detail.contains("conv_stem.weight"));
    }

    #[test]
    fn pictures_are_named() {
        let name = "photo.jpg".to_owned();
        let detail = "12000 x 9000 pixels".to_owned();
        let large = vision::Error::PictureTooLarge { name, detail };
        let problem = Problem::from(large);
        assert_eq!(problem.kind, ProblemKind::PictureTooLarge);
        assert_eq!(problem.subject, "photo.jpg");
        assert!(problem.detail.contains("12000"));
    }

    #[test]
    fn attacks_that_make_no_sense_are_bad_requests() {
        let label = attacks::Error::Label { label: 7, classes: 5 };
        let problem = Problem::from(label);
        assert_eq!((problem.kind, &problem.subject[..]), (ProblemKind::BadRequest, "label"));
        let device = attacks::Error::Device("gone".to_owned());
        assert_eq!(Problem::from(device).kind, ProblemKind::Internal);
    }

    #[test]
    fn guards_of_the_wrong_kind_are_named() {
        let found = "gemma3".to_owned();
        let problem = Problem::from(safety::Error::Architecture { found });
        assert_eq!(problem.kind, ProblemKind::WrongArchitecture);
        assert!(problem.detail.contains("gemma3"));
        let missing = weights::Error::MissingTensor { tensor: "model.norm.weight".to_owned() };
        let problem = Problem::from(safety::Error::Weights(missing));
        assert_eq!(problem.kind, ProblemKind::WrongGuardTensors);
        assert!(problem.detail.contains("model.norm.weight"));
        let infinite = weights::Error::NotFinite { tensor: "a".to_owned(), position: 0 };
        for error in [safety::Error::NotFinite, safety::Error::Weights(infinite)] {
            assert_eq!(Problem::from(error).kind, ProblemKind::GuardNotFinite);
        }
        let cut = weights::Error::Truncated { expected: 8, found: 3 };
        let problem = Problem::from(safety::Error::Weights(cut));
        assert_eq!(problem.kind, ProblemKind::BrokenWeights);
    }
}
