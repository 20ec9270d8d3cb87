//! Why a folder, or one file in it, was not done with. No text has a file's name or anything that is in it.

use std::io;

use super::folder::FileId;

/// What was the matter; a person is told, and the next pull tries again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The folder itself.
    #[error("the folder cannot be read: {what}; nothing is taken until it can")]
    Away { what: String },
    /// One file, and not for what is in it.
    #[error("file {file} cannot be read: {what}; it is left where it is")]
    Unreadable { file: FileId, what: String },
    /// Before it could be hashed.
    #[error("a file cannot be read: {what}; it is left where it is")]
    Nameless { what: String },
    #[error("file {file} changed while it was read; it is taken when it has stood still again")]
    Changed { file: FileId },
    #[error("file {file} is taken in, but cannot be moved to {to}/: {what}")]
    Unmovable { file: FileId, to: &'static str, what: String },
    /// The data of one file. It was put away with its reason.
    #[error("file {file} failed: {reason}")]
    Failed { file: FileId, reason: String },
    /// Several of these in one pull; `first` is one that may pass, if any of them is.
    #[error("{first}; and {more} more files have troubles of their own")]
    Several { first: Box<Self>, more: usize },
}

impl Error {
    /// Whether the same pull may succeed soon without anybody doing anything.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Failed { .. } => false,
            Self::Several { first, .. } => first.is_transient(),
            _ => true,
        }
    }

    /// Whether it concerns one file and the others can go on.
    pub const fn is_of_one_file(&self) -> bool {
        !matches!(self, Self::Away { .. })
    }

    /// All that went wrong with single files, as one.
    pub fn all(mut errors: Vec<Self>) -> Option<Self> {
        let more = errors.len().saturating_sub(1);
        errors.sort_by_key(|error| !error.is_transient());
        let first = errors.into_iter().next()?;
        Some(if more == 0 { first } else { Self::Several { first: Box::new(first), more } })
    }

    pub(super) fn away(error: &io::Error) -> Self {
        Self::Away { what: because(error) }
    }
}

/// The reason without the path that some systems put into it.
pub(super) fn because(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_troubles_pass_where_one_of_them_may() {
        let failed = || Error::Failed { file: FileId([1; 32]), reason: "no whole CSV".to_owned() };
        let changed = || Error::Changed { file: FileId([2; 32]) };
        let all = |errors: &[Error]| Error::all(errors.to_vec()).unwrap().is_transient();
        assert!(!all(&[failed()]) && !all(&[failed(), failed()]));
        assert!(all(&[changed()]) && all(&[failed(), changed()]) && all(&[changed(), failed()]));
        assert_eq!(Error::all(Vec::new()), None);
    }
}
