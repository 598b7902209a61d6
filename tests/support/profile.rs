//! A private copy of the embedded profile to break.

use std::fs;
use std::path::Path;

use tecrax::profile::export;

/// Normalizers that the profile may name.
pub fn known(name: &str) -> bool {
    tecrax::facts::normalizer(name).is_some()
}

pub struct Copy(tempfile::TempDir);

impl Copy {
    /// The embedded profile in a new folder.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        export(folder.path()).expect("the embedded profile");
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Replaces the first `from` in a file by `to`; an empty `from` replaces the whole file, and with an empty `to` removes it.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let path = self.path().join(path);
        if from.is_empty() && to.is_empty() {
            return fs::remove_file(path).expect("the file to remove");
        }
        if from.is_empty() {
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            return fs::write(path, to).expect("the file to write");
        }
        let text = fs::read_to_string(&path).expect("the file to edit");
        assert!(text.contains(from), "{} does not contain `{from}`", path.display());
        fs::write(path, text.replacen(from, to, 1)).expect("the file to write");
    }
}
