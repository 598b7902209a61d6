//! `SHA256SUMS`: one line a file, as `sha256sum` writes and checks them.

use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::api::Digest;

/// The order of the lines: part by part of the path, as a directory is walked.
pub fn order(left: &str, right: &str) -> Ordering {
    left.split('/').cmp(right.split('/'))
}

/// The text of the file.
pub fn write(mut files: Vec<(String, Digest)>) -> String {
    files.sort_unstable_by(|(left, _), (right, _)| order(left, right));
    files.iter().fold(String::new(), |mut out, (path, digest)| {
        let _ = writeln!(out, "{digest}  {path}");
        out
    })
}

/// Reads one line, without its line break.
pub fn read(line: &str) -> Option<(&str, Digest)> {
    let (digest, path) = line.split_once("  ")?;
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    // Upper-case digits would be another text for the same digest.
    let digest = Digest::parse(digest).filter(|read| read.to_string() == digest)?;
    path.split('/').all(plain).then_some((path, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_in_the_order_of_a_walk() {
        let digest = Digest::of(b"x");
        let files = ["b/z", "b.c/a", "a", "b/a/c", "b"].map(|path| (path.to_owned(), digest));
        let text = write(files.to_vec());
        let paths: Vec<&str> = text.lines().filter_map(read).map(|(path, _)| path).collect();
        assert_eq!(paths, ["a", "b", "b/a/c", "b/z", "b.c/a"]);
    }

    #[test]
    fn odd_lines_are_refused() {
        let digest = Digest::of(b"x").to_string();
        assert!(read(&format!("{digest}  a/b")).is_some());
        for line in [
            String::new(),
            digest.clone(),
            format!("{digest} a"),
            format!("{digest}  ../a"),
            format!("{digest}  /a"),
            format!("{digest}  a//b"),
            format!("{digest}  a/./b"),
            format!("{}  a", digest.to_uppercase()),
            format!("{}  a", digest.get(1..).unwrap_or_default()),
        ] {
            assert_eq!(read(&line), None, "{line}");
        }
    }
}
