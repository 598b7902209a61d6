//! The only place that writes to the terminal.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;

/// stdout for data, stderr for words. A reader that goes away is no error.
#[derive(Debug)]
pub struct Screen {
    err_is_terminal: bool,
    color: bool,
    /// Length of the progress line on stderr, to be wiped before anything else is written.
    progress: Mutex<usize>,
}

impl Screen {
    /// The screen of this process. Colour only on terminals, and not with `NO_COLOR`.
    #[expect(clippy::disallowed_methods, reason = "NO_COLOR and TERM are the convention for terminals")]
    pub fn of_process() -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { err_is_terminal: std::io::stderr().is_terminal(), color: !no_color && !dumb, progress: Mutex::new(0) }
    }

    /// Whether a person reads the words.
    pub const fn watched(&self) -> bool {
        self.err_is_terminal
    }

    /// Whether words may be coloured.
    pub const fn colored_words(&self) -> bool {
        self.err_is_terminal && self.color
    }

    /// Writes data, whole.
    pub fn data(&self, text: &str) {
        self.wipe();
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.is_empty() && !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
        let _ = out.flush();
    }

    /// Writes one line of words.
    pub fn word(&self, line: &str) {
        self.wipe();
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(line.as_bytes());
        let _ = err.write_all(b"\n");
    }

    /// Shows how far long work has come; only when a person watches. The next write wipes it.
    pub fn progress(&self, line: &str) {
        if !self.err_is_terminal {
            return;
        }
        self.wipe();
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(line.as_bytes());
        let _ = err.flush();
        if let Ok(mut length) = self.progress.lock() {
            *length = line.chars().count();
        }
    }

    fn wipe(&self) {
        let Ok(mut length) = self.progress.lock() else { return };
        if *length > 0 {
            let blank = format!("\r{}\r", " ".repeat(*length));
            let _ = std::io::stderr().lock().write_all(blank.as_bytes());
            *length = 0;
        }
    }
}
