//! When it is this machine that has no more open files: that says nothing of who was to be asked.

use std::error::Error;
use std::fs::File;
use std::io;

/// What to do about it.
pub const MORE_FILES: &str = "Raise the limit of open files of tecrax (`LimitNOFILE=`, `ulimit -n`), or lower `--max-targets`.";
/// What a person reads of it.
pub(super) const WORDS: &str = "this machine has no more open files";
/// EMFILE of a process, and ENFILE of the whole machine.
const NO_FILES: [i32; 2] = [24, 23];
/// Errors in one chain that are looked at.
const MAX_CHAIN: usize = 16;

/// Whether `error`, or what it comes from, is that this machine has no more open files.
pub fn no_files(error: &(dyn Error + 'static)) -> bool {
    let code = |cause: &(dyn Error + 'static)| cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    chain(error).filter_map(code).any(|code| NO_FILES.contains(&code))
}

/// The same of this moment, for what fails without saying why.
#[expect(clippy::disallowed_methods, reason = "asks for an open file, whatever is in it")]
pub(super) fn is_short() -> bool {
    File::open("/").is_err_and(|error| no_files(&error))
}

/// An error and what it comes from. What an `io::Error` wraps is not its source, but stands in its place.
pub(super) fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |here| below(*here)).take(MAX_CHAIN)
}

fn below<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::no_files;
    use crate::http::names::NameError;

    #[test]
    fn it_is_found_wherever_it_stands_in_a_chain() {
        for code in [24, 23] {
            let error = || io::Error::from_raw_os_error(code);
            assert!(no_files(&error()));
            assert!(no_files(&io::Error::other(io::Error::other(error()))));
            assert!(no_files(&NameError::from(error())));
        }
        assert!(!no_files(&io::Error::from_raw_os_error(111)) && !no_files(&io::Error::other("24")));
    }
}
