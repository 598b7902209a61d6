//! What is said of a panic, without secrets. A panic is a bug; what it was about may be anything.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write as _};
use std::panic::{PanicHookInfo, set_hook};

use crate::secrets::Redactor;

/// From now on every panic of this process is told on stderr in words that `redactor` has cleaned; of one that happens while
/// values are registered only the place is told. `RUST_BACKTRACE` works as usual.
pub fn install(redactor: Redactor) {
    set_hook(Box::new(move |info| {
        let _ = io::stderr().lock().write_all(said(info, &redactor).as_bytes());
    }));
}

fn said(info: &PanicHookInfo<'_>, redactor: &Redactor) -> String {
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let message = info.payload_as_str().and_then(|message| redactor.redact_now(message));
    let mut said = format!("error: a bug in tecrax: panicked at {place}: {}\n", message.as_deref().unwrap_or("(not shown)"));
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        said.push_str(&trace.to_string());
    } else {
        said.push_str("  help: report it with this line; RUST_BACKTRACE=1 tells more\n");
    }
    said
}
