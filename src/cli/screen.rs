//! The only place that writes to the terminal.

use std::io::{ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::Mutex;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::exit::Exit;
use crate::secrets::Redactor;

/// stdout for data, stderr for words. A reader that goes away is no error.
#[derive(Debug)]
pub struct Screen {
    err_is_terminal: bool,
    color: bool,
    redactor: Redactor,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Length of the progress line on stderr, to be wiped before anything else is written.
    progress: usize,
    /// What `--quiet` holds back until the exit code is known.
    held: Option<Vec<(Kind, Vec<u8>)>>,
    /// Why data could not be written.
    failed: Option<String>,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// To stdout.
    Data,
    /// To stderr.
    Word,
    /// To stderr, and wanted by those who asked for quiet, whatever the exit code.
    Trouble,
}

impl Screen {
    /// The screen of this process; `redactor` cleans its words. Colour only on terminals, and not with `NO_COLOR`.
    #[expect(clippy::disallowed_methods, reason = "NO_COLOR and TERM are the convention for terminals")]
    pub fn of_process(redactor: Redactor) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { err_is_terminal: std::io::stderr().is_terminal(), color: !no_color && !dumb, redactor, state: Mutex::default() }
    }

    /// What keeps secrets off the screen.
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Whether a person reads the words.
    pub const fn watched(&self) -> bool {
        self.err_is_terminal
    }

    /// Whether words may be coloured.
    pub const fn colored_words(&self) -> bool {
        self.err_is_terminal && self.color
    }

    /// From now on holds everything back until [`Screen::end`] says whether anybody wants it.
    pub fn hold(&self) {
        self.state().held = Some(Vec::new());
    }

    /// Writes data, whole, and a line break when it has none. Its texts were cleaned where they came in: here a mark would break its
    /// form.
    pub fn data(&self, text: &str) {
        self.put(Kind::Data, &lines(text, true));
    }

    /// Writes data as it is, without a line break of ours: whoever reads it wants these bytes.
    pub fn bytes(&self, bytes: &[u8]) {
        self.put(Kind::Data, bytes);
    }

    /// Writes one line of words, without secrets.
    pub fn word(&self, line: &str) {
        self.put(Kind::Word, &lines(&self.redactor.redact_str(line), false));
    }

    /// Writes one line of words, without secrets, that the exit code does not tell and that somebody must hear of: `--quiet` does not
    /// hold it back.
    pub fn trouble(&self, line: &str) {
        self.put(Kind::Trouble, &lines(&self.redactor.redact_str(line), false));
    }

    /// Writes one line of words as it is: a machine's form, made of fixed words and of names that hold no secret, whose colons the
    /// redactor would take for assignments.
    pub fn code(&self, line: &str) {
        self.put(Kind::Word, &lines(line, false));
    }

    /// Shows how far long work has come; only when a person watches. The next write wipes it.
    pub fn progress(&self, line: &str) {
        let mut state = self.state();
        if !self.err_is_terminal || state.held.is_some() {
            return;
        }
        wipe(&mut state);
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(line.as_bytes());
        let _ = err.flush();
        state.progress = line.chars().count();
    }

    /// Whether the reader of the data has gone away.
    pub fn abandoned() -> bool {
        let stdout = std::io::stdout();
        let mut ends = [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut ends, Some(&at_once)).is_ok()
            && ends.iter().any(|end| end.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL))
    }

    /// Writes what was held back, only trouble when all is well, and returns the exit code: 74 when data could not be written.
    pub fn end(&self, exit: Exit) -> Exit {
        let held = self.state().held.take();
        for (kind, bytes) in held.into_iter().flatten() {
            if exit != Exit::Ok || kind == Kind::Trouble {
                self.put(kind, &bytes);
            }
        }
        let mut state = self.state();
        wipe(&mut state);
        let failed = state.failed.take();
        drop(state);
        match failed {
            Some(why) => {
                self.word(&format!("error: cannot write to stdout: {why}"));
                exit.worst(Exit::Io)
            }
            None => exit,
        }
    }

    fn put(&self, kind: Kind, bytes: &[u8]) {
        let mut state = self.state();
        if let Some(held) = &mut state.held {
            held.push((kind, bytes.to_owned()));
            return;
        }
        wipe(&mut state);
        if kind != Kind::Data {
            let _ = std::io::stderr().lock().write_all(bytes);
            return;
        }
        let mut out = std::io::stdout().lock();
        let written = out.write_all(bytes).and_then(|()| out.flush());
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            state.failed = Some(error.to_string());
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// `text` with a line break at its end. Empty data stays empty.
fn lines(text: &str, data: bool) -> Vec<u8> {
    let end = if data && (text.is_empty() || text.ends_with('\n')) { "" } else { "\n" };
    [text, end].concat().into_bytes()
}

fn wipe(state: &mut State) {
    if state.progress > 0 {
        let blank = format!("\r{}\r", " ".repeat(state.progress));
        let _ = std::io::stderr().lock().write_all(blank.as_bytes());
        state.progress = 0;
    }
}
