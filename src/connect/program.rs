//! Programs are looked up by us, in one fixed PATH: nobody's environment decides what runs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The PATH of every local command, and the only places where its program is looked for.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The executable that `program` names: an absolute path as it is, a bare name in [`PATH`], anything else nowhere.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    if program.starts_with('/') {
        return Some(PathBuf::from(program)).filter(|path| is_executable(path));
    }
    if program.is_empty() || program.contains('/') {
        return None;
    }
    PATH.split(':').map(|directory| Path::new(directory).join(program)).find(|path| is_executable(path))
}

#[expect(clippy::disallowed_methods, reason = "looks for the program it will start")]
fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn bare_names_come_from_the_fixed_path_and_relative_paths_from_nowhere() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("no-such-program-here"), None);
        assert_eq!(find("bin/sh"), None);
        assert_eq!(find("../bin/sh"), None);
        assert_eq!(find(""), None);
        assert_eq!(find("/etc/passwd"), None);
    }
}
