//! Files of a configuration: the one that is named, and those that Include means.
#![expect(clippy::disallowed_methods, reason = "reads the configuration that the user named, and what it includes")]

use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use super::pattern::glob;
use super::sections::File;

/// Largest file, in bytes.
pub(super) const MAX_FILE: usize = 1024 * 1024;
/// Most entries of a directory that a pattern is compared with.
const MAX_ENTRIES: usize = 10_000;
/// Most files of one pattern.
const MAX_MATCHES: usize = 256;
/// Where the configuration of a system is.
const SYSTEM: &str = "/etc/ssh";

/// Where relative names of Include are looked up: for a file of the system beside it, else below `home`.
pub(super) fn base(file: &Path, home: Option<&Path>) -> Option<PathBuf> {
    if file.starts_with(SYSTEM) {
        return Some(PathBuf::from(SYSTEM));
    }
    home.map(|home| home.join(".ssh"))
}

/// The files that an argument of Include means, sorted by name; none when there is none.
pub(super) fn include(argument: &str, base: Option<&Path>, home: Option<&Path>) -> Result<Vec<File>, String> {
    let path = match (argument.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        (Some(_), None) => return Err("`~` stands for the home directory, and HOME is not set".to_owned()),
        (None, _) if argument.starts_with('~') => return Err("the home directory of another user is not looked up".to_owned()),
        (None, _) if argument.contains(['[', ']', '{', '%', '$']) => {
            return Err("Include with `[`, `{`, `%` or `$` is not read: name the files".to_owned());
        }
        _ if Path::new(argument).is_absolute() => PathBuf::from(argument),
        _ => base.ok_or("Include of a relative name needs HOME")?.join(argument),
    };
    let mut found = vec![PathBuf::new()];
    for component in path.components() {
        let Component::Normal(part) = component else {
            for path in &mut found {
                path.push(component);
            }
            continue;
        };
        match part.to_str().filter(|part| part.contains(['*', '?'])) {
            None => found.iter_mut().for_each(|path| path.push(part)),
            Some(pattern) => {
                let mut next = Vec::new();
                for folder in &found {
                    entries(folder, pattern, &mut next)?;
                }
                found = next;
            }
        }
    }
    let files = found.into_iter().filter(|path| path.is_file());
    files.map(|path| Ok((path.display().to_string(), text(&path)?))).collect()
}

fn entries(folder: &Path, pattern: &str, found: &mut Vec<PathBuf>) -> Result<(), String> {
    // A directory that is not there holds nothing, as for OpenSSH.
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut names: Vec<_> = entries.take(MAX_ENTRIES).filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    names.sort();
    for name in names {
        let Some(text) = name.to_str() else { continue };
        if glob(pattern, text) && (pattern.starts_with('.') || !text.starts_with('.')) {
            found.push(folder.join(text));
        }
        if found.len() > MAX_MATCHES {
            return Err(format!("a pattern leads to more than {MAX_MATCHES} files"));
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if bytes.len() > MAX_FILE {
        return Err(format!("{shown} is larger than {MAX_FILE} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| format!("{shown} is not text in UTF-8"))
}
