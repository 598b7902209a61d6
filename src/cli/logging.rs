//! Log lines on stderr, without secrets.

use std::io::{self, Write};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::secrets::Redactor;

/// The most that libraries may say: below it, the SSH library logs what goes over the wire.
const LIBRARIES: LevelFilter = LevelFilter::WARN;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Human,
    /// One JSON object a line
    Json,
}

/// Logs up to `level` from now on; the first call in a process counts.
pub fn start(level: LevelFilter, format: LogFormat, color: bool, redactor: Redactor) {
    let layer = tracing_subscriber::fmt::layer().with_writer(Lines(redactor));
    let filter = Targets::new().with_default(level.min(LIBRARIES)).with_target(env!("CARGO_CRATE_NAME"), level);
    let registry = tracing_subscriber::registry().with(filter);
    let _ = match format {
        LogFormat::Human => registry.with(layer.with_ansi(color)).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
}

/// Makes a [`Line`] for every event.
struct Lines(Redactor);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { redactor: &self.0, bytes: Vec::new() }
    }
}

/// One event; written when it is complete, because half a secret can not be told from other text.
struct Line<'a> {
    redactor: &'a Redactor,
    bytes: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.bytes);
        let _ = io::stderr().lock().write_all(self.redactor.redact_str(&text).as_bytes());
    }
}
