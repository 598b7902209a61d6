//! Files that a user names on the command line: read once, within a bound.

use std::io::Read;
use std::path::Path;

use super::exit::{Exit, Failure};

/// Name that means standard input.
pub const STDIN: &str = "-";

/// The bytes of the file, or of standard input for `-`; more than `max` bytes is a failure, never a cut.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
pub fn bytes(path: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| Failure::new(Exit::Io, format!("cannot read {}: {error}", path.display()));
    let mut out = Vec::new();
    let limit = max as u64 + 1;
    if path.as_os_str() == STDIN {
        std::io::stdin().lock().take(limit).read_to_end(&mut out).map_err(fail)?;
    } else {
        if std::fs::metadata(path).map_err(fail)?.is_dir() {
            return Err(Failure::new(Exit::Io, format!("{} is a directory", path.display())).help("name a file"));
        }
        std::fs::File::open(path).map_err(fail)?.take(limit).read_to_end(&mut out).map_err(fail)?;
    }
    if out.len() > max {
        return Err(Failure::new(Exit::Io, format!("{} is larger than {max} bytes", path.display())));
    }
    Ok(out)
}

/// The same as text.
pub fn text(path: &Path, max: usize) -> Result<String, Failure> {
    String::from_utf8(bytes(path, max)?).map_err(|_| Failure::new(Exit::Io, format!("{} is not text in UTF-8", path.display())))
}
