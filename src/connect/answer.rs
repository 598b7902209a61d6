//! From raw bytes and an ending to an [`Output`] or a [`Failure`]: one judgement for every kind of connection.

use super::meter::Meter;
use super::reading::{Failure, Output};
use crate::api::{Digest, ErrorClass, printable};
use crate::profile::Shape;
use crate::secrets::Redactor;

/// Characters of standard error that a failure quotes.
const MAX_QUOTED: usize = 200;
/// Characters of the command that a failure names.
pub(super) const MAX_NAMED: usize = 80;
/// `exit_code` of a partial output whose command was ended by us or by a signal nobody knows a number for.
pub(super) const NO_EXIT_STATUS: i32 = -1;

/// One stream, kept up to a bound.
#[derive(Debug)]
pub(super) struct Capture {
    bytes: Vec<u8>,
    bound: usize,
    cut: bool,
    meter: Meter,
}

impl Capture {
    /// An empty stream of at most `bound` bytes, which `meter` counts.
    pub(super) fn new(bound: u32, meter: &Meter) -> Self {
        Self { bytes: Vec::new(), bound: bound as usize, cut: false, meter: meter.clone() }
    }

    /// Keeps what fits; true as long as nothing had to be dropped.
    pub(super) fn push(&mut self, data: &[u8]) -> bool {
        let room = self.bound.saturating_sub(self.bytes.len());
        self.meter.add(data.len().min(room));
        self.bytes.extend(data.iter().take(room));
        self.cut |= data.len() > room;
        !self.cut
    }

    /// Most bytes.
    pub(super) const fn bound(&self) -> usize {
        self.bound
    }

    /// What was kept.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// With an exit status.
    Status(i32),
    /// By a signal, named without `SIG`.
    Signal(String),
}

/// Everything that is known about one command that has ended or was ended by us.
#[derive(Debug)]
pub(super) struct Answer {
    /// Standard output.
    pub(super) stdout: Capture,
    /// Standard error.
    pub(super) stderr: Capture,
    /// How it ended; `None` when we ended it because a stream was full.
    pub(super) end: Option<End>,
}

impl Answer {
    /// Nothing read yet; each stream is kept up to `bound` bytes, and `meter` counts both.
    pub(super) fn bounded(bound: u32, meter: &Meter) -> Self {
        Self { stdout: Capture::new(bound, meter), stderr: Capture::new(bound, meter), end: None }
    }

    /// Whether a stream is longer than its bound.
    pub(super) fn is_cut(&self) -> bool {
        self.stdout.cut || self.stderr.cut
    }

    /// The usable output, or why there is none.
    ///
    /// Standard output must be UTF-8. Standard error is kept for people and two shapes that answer there, so a stray byte in it
    /// is replaced instead of costing the reading. Secrets are removed from both before anything is quoted or digested.
    pub(super) fn judge(self, shape: &Shape, redactor: &Redactor) -> Result<Output, Failure> {
        let name = command_name(shape);
        if self.is_cut() {
            let message = format!("`{name}` wrote more than {} bytes; the rest was not read", self.stdout.bound);
            let mut failure = Failure::new(ErrorClass::OutputCut, message);
            failure.partial = Some(Box::new(self.lossy(redactor)));
            return Err(failure);
        }
        let ending = match &self.end {
            Some(End::Status(status))
                if shape.command().map_or(*status == 0, |command| command.exit_codes.contains(status))
                    && !self.only_complains(shape)
                    && !self.program_is_absent(shape) =>
            {
                let status = *status;
                return self.text(status, redactor).ok_or_else(|| not_text(&name));
            }
            Some(End::Status(status)) => format!("ended with exit status {status}"),
            Some(End::Signal(signal)) => format!("was ended by signal {signal}"),
            None => "was ended early".to_owned(),
        };
        let quoted = first_line(&redactor.redact_str(&String::from_utf8_lossy(&self.stderr.bytes)));
        let message = if quoted.is_empty() { format!("`{name}` {ending}") } else { format!("`{name}` {ending}: {quoted}") };
        let mut failure = if self.program_is_absent(shape) || self.says_unsupported(shape) {
            unsupported(shape, message)
        } else {
            Failure::new(ErrorClass::CommandFailed, message)
        };
        failure.partial = Some(Box::new(self.lossy(redactor)));
        Err(failure)
    }

    /// POSIX: a shell that does not find the program ends with 127 and names it, in whatever language. The loader uses 127 as
    /// well, for a missing library of a program that is there: that is a broken program, not an absent one; and a restricted
    /// shell for what it does not allow. The C shell ends with 1 and says nothing but one sentence.
    fn program_is_absent(&self, shape: &Shape) -> bool {
        let Some(program) = shape.argv().first().map(|program| program.to_ascii_lowercase()) else { return false };
        let said = String::from_utf8_lossy(&self.stderr.bytes).to_ascii_lowercase();
        match self.end {
            Some(End::Status(127)) => {
                let other_cause = said.contains("shared librar") || said.contains("restricted");
                !other_cause && (said.contains(&program) || said.contains("not found"))
            }
            Some(End::Status(1)) => said.trim() == format!("{program}: command not found."),
            _ => false,
        }
    }

    /// Whether standard error says, in one of the ways the shape lists, that this system does not have what is asked for.
    fn says_unsupported(&self, shape: &Shape) -> bool {
        let said = String::from_utf8_lossy(&self.stderr.bytes);
        shape.command().into_iter().flat_map(|command| &command.unsupported_stderr).any(|text| said.contains(text.as_str()))
    }

    /// Whether there is no answer but those words. One exit status may mean both a state and that the thing does not exist, and
    /// `systemctl` in a chroot or `ntpq` without a daemon end well and answer nothing.
    fn only_complains(&self, shape: &Shape) -> bool {
        self.stdout.bytes.trim_ascii().is_empty() && self.says_unsupported(shape)
    }

    fn text(self, exit_code: i32, redactor: &Redactor) -> Option<Output> {
        let stdout = redactor.redact(String::from_utf8(self.stdout.bytes).ok()?);
        let stderr = redactor.redact(String::from_utf8_lossy(&self.stderr.bytes).into_owned());
        Some(output(stdout, stderr, exit_code))
    }

    fn lossy(&self, redactor: &Redactor) -> Output {
        let exit_code = match &self.end {
            Some(End::Status(status)) => *status,
            Some(End::Signal(_)) | None => NO_EXIT_STATUS,
        };
        let kept = |capture: &Capture| {
            let text = whole_characters(&capture.bytes);
            if capture.cut { redactor.redact_cut(text) } else { redactor.redact(text) }
        };
        output(kept(&self.stdout), kept(&self.stderr), exit_code)
    }
}

fn output(stdout: String, stderr: String, exit_code: i32) -> Output {
    let digest = Digest::of_parts([stdout.as_bytes(), stderr.as_bytes()]);
    Output { stdout, stderr, exit_code, form: None, digest }
}

/// The system does not have what the shape asks for.
pub(super) fn unsupported(shape: &Shape, message: impl Into<String>) -> Failure {
    let failure = Failure::new(ErrorClass::Unsupported, message);
    if shape.unsupported_help.is_empty() { failure } else { failure.next_step(shape.unsupported_help.as_str()) }
}

/// The command did not end in time.
pub(super) fn timed_out(shape: &Shape, timeout: std::time::Duration) -> Failure {
    let limit = in_words(timeout);
    Failure::new(ErrorClass::Timeout, format!("`{}` did not end within {limit}", command_name(shape)))
}

/// A time limit as a manifest writes it.
pub(super) fn in_words(limit: std::time::Duration) -> crate::api::Duration {
    crate::api::Duration::from_millis(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX))
}

/// The command for people.
pub(super) fn command_name(shape: &Shape) -> String {
    printable(&shape.line(), MAX_NAMED)
}

/// The first line that is not blank, printable and bounded.
pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    printable(line, MAX_QUOTED)
}

fn not_text(name: &str) -> Failure {
    Failure::new(ErrorClass::NotText, format!("`{name}` answered with bytes that are not UTF-8 text"))
}

/// Text of bytes that may have been cut inside a character.
fn whole_characters(bytes: &[u8]) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.get(..error.valid_up_to()).unwrap_or_default(),
        Ok(_) | Err(_) => bytes,
    };
    String::from_utf8_lossy(whole).into_owned()
}
