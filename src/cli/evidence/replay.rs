//! `tecrax evidence replay`: everything shown is a fold over the log; this folds it again and compares.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format::{self, Format};
use super::super::printable::printable;
use super::args::{ReplayArgs, VerifyFormat};
use crate::store::{Difference, Replay};

/// Runs `evidence replay`.
pub fn run(context: &Context<'_>, args: &ReplayArgs) -> Result<Exit, Failure> {
    let replay = super::log(context)?.replay()?;
    let text = match args.output {
        VerifyFormat::Json => format::text(Format::Json, &as_json(&replay))?,
        VerifyFormat::Text => as_text(&replay),
    };
    context.screen.data(&text);
    Ok(if replay.different == 0 { Exit::Ok } else { Exit::Failing })
}

fn as_text(replay: &Replay) -> String {
    let mut out = String::new();
    for difference in &replay.differences {
        let _ = writeln!(out, "WRONG: {}: {}", printable(&difference.pair), what(difference));
    }
    let more = replay.different.saturating_sub(u64::try_from(replay.differences.len()).unwrap_or(u64::MAX));
    if more > 0 {
        let _ = writeln!(out, "WRONG: and {more} more");
    }
    let verdict = match replay.different {
        0 => "the stored status is what the log says".to_owned(),
        1 => "1 stored status is not what the log says".to_owned(),
        number => format!("{number} stored statuses are not what the log says"),
    };
    let _ = writeln!(out, "{} records of {} pairs: {verdict}", replay.records, replay.pairs);
    out
}

/// What differs, by the names of the members.
fn what(difference: &Difference) -> String {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    match (&difference.stored, &difference.replayed) {
        (None, _) => return "there is no stored status".to_owned(),
        (_, None) => return "the log has no record of it".to_owned(),
        _ => {}
    }
    let (Some(Value::Object(stored)), Some(Value::Object(replayed))) = (read(&difference.stored), read(&difference.replayed))
    else {
        return "the stored status can not be read".to_owned();
    };
    let mut names: Vec<&str> = replayed
        .iter()
        .filter(|(key, value)| stored.get(*key) != Some(*value))
        .map(|(key, _)| key.as_str())
        .chain(stored.keys().filter(|key| !replayed.contains_key(*key)).map(String::as_str))
        .collect();
    names.sort_unstable();
    if names.is_empty() { "it is written in another way".to_owned() } else { format!("{} differ", printable(&names.join(", "))) }
}

fn as_json(replay: &Replay) -> Value {
    let read =
        |text: &Option<String>| text.as_deref().map(|text| serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(text)));
    let differences: Vec<Value> = replay
        .differences
        .iter()
        .map(|difference| json!({"pair": difference.pair, "stored": read(&difference.stored), "replayed": read(&difference.replayed)}))
        .collect();
    json!({"records": replay.records, "pairs": replay.pairs, "different": replay.different, "differences": differences})
}
