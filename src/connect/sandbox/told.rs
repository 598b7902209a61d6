//! What the helper says over the socket between it and tecrax: lines of ASCII. First which process it is, and at the end how it went.

use super::report::Report;

/// The answer to [`Told::Maps`]: they are written.
pub(super) const YES: u8 = b'+';
/// The answer: they could not be.
pub(super) const NO: u8 = b'-';
/// The answer: tecrax has no more open files to write them.
pub(super) const WITHOUT_FILES: u8 = b'!';
/// The answer: tecrax is short of something else at this moment.
pub(super) const SHORT: u8 = b'?';
/// Longest line that the helper ever says.
pub(super) const MAX_LINE: usize = 256;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// The helper's process number.
    Here(u32),
    /// The same, and that tecrax is to write the maps of its user namespace, which root's helper can not do itself. Answered with one
    /// byte.
    Maps(u32),
    /// How it went. Nothing follows.
    Report(Report),
}

impl Told {
    /// The line, with its end.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Here(pid) => format!("here {pid}\n"),
            Self::Maps(pid) => format!("maps {pid}\n"),
            Self::Report(report) => report.line(),
        }
    }

    /// Reads a line without its end.
    fn read(line: &str) -> Option<Self> {
        match line.split_once(' ')? {
            ("here", pid) => pid.parse().ok().map(Self::Here),
            ("maps", pid) => pid.parse().ok().map(Self::Maps),
            _ => Report::read(line).map(Self::Report),
        }
    }
}

/// No helper says that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nonsense;

/// What has been heard and not been read yet.
#[derive(Debug, Default)]
pub(super) struct Heard(Vec<u8>);

impl Heard {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    /// The next whole line, or so much that it can not be one; `None` while there is neither.
    pub(super) fn next(&mut self) -> Option<Result<Told, Nonsense>> {
        let Some(end) = self.0.iter().position(|byte| *byte == b'\n') else {
            return (self.0.len() > MAX_LINE).then_some(Err(Nonsense));
        };
        let line: Vec<u8> = self.0.drain(..=end).take(end).collect();
        Some(str::from_utf8(&line).ok().and_then(Told::read).ok_or(Nonsense))
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::{End, Report};
    use super::{Heard, MAX_LINE, Nonsense, Told};

    #[test]
    fn lines_are_read_however_they_come() {
        let told = [Told::Maps(7), Told::Here(4_194_304), Told::Report(Report { end: End::Status(3), lacking: Vec::new() })];
        let text: String = told.iter().map(Told::line).collect();
        for piece in 1..text.len() {
            let (mut heard, mut read) = (Heard::default(), Vec::new());
            for some in text.as_bytes().chunks(piece) {
                heard.push(some);
                while let Some(line) = heard.next() {
                    read.extend(line);
                }
            }
            assert_eq!(read, told, "{piece}");
        }
    }

    #[test]
    fn what_no_helper_says_is_told_apart_from_what_is_not_there_yet() {
        for line in ["\n", "here\n", "here you are\n", "maps -1\n", "moon 1\n", "\u{fc}\n"] {
            let mut heard = Heard::default();
            heard.push(line.as_bytes());
            assert_eq!(heard.next(), Some(Err(Nonsense)), "{line:?}");
        }
        let mut heard = Heard::default();
        heard.push(&[b'x'; MAX_LINE]);
        assert_eq!(heard.next(), None);
        heard.push(b"x");
        assert_eq!(heard.next(), Some(Err(Nonsense)));
    }
}
