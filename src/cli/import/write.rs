//! Files out: none is overwritten unless the user says so, and none is written anywhere but in the directory that the user named.
#![expect(clippy::disallowed_methods, reason = "the user asked for files")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure};

/// A file to write.
#[derive(Debug)]
pub(super) struct Out {
    pub path: PathBuf,
    pub text: String,
}

/// Writes all of them, or none when one is in the way.
pub(super) fn write(files: &[Out], force: bool) -> Result<(), Failure> {
    for file in files {
        let there = match fs::symlink_metadata(&file.path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(&file.path, &error)),
        };
        let shown = file.path.display();
        if !there.is_file() {
            let failure = Failure::new(Exit::Io, format!("{shown} is there and no regular file"));
            return Err(failure.help("remove it, or name another directory; nothing was written"));
        }
        if !force {
            let failure = Failure::new(Exit::Io, format!("{shown} is already there"));
            return Err(failure.help("name another directory, or add --force to overwrite it; nothing was written"));
        }
    }
    for Out { path, text } in files {
        put(path, text, force).map_err(|error| failed(path, &error))?;
    }
    Ok(())
}

fn put(path: &Path, text: &str, force: bool) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let new = |path: &Path| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())
    };
    if !force {
        return new(path);
    }
    // Beside its later place and then renamed: a reader never sees half a file, and a link that appears now is replaced, not followed.
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let beside = path.with_file_name(format!(".{name}.being-written-{}", std::process::id()));
    let written = new(&beside).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What could not take its place is of no use.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Io, format!("cannot write {}: {error}", path.display()))
}
