//! One file of `src/` against the rules.

use super::lexer::{self, Path};
use super::rules::{DOORS, EFFECT_USES, EFFECTS, IMPURE, IMPURE_WORDS, MAX_LINES, MAX_MAIN_LINES, PURE, STAGES, WALLS};

/// Every breach in `text`, the file `name` below `src/`, as `file:line: sentence`.
pub fn file(name: &str, text: &str) -> Vec<String> {
    let mut found = form(name, text);
    let stage = stage_of(name);
    for path in lexer::paths(text, &IMPURE_WORDS) {
        let breaches = [stages(name, stage, &path), purity(name, stage, &path), wall(name, &path)];
        found.extend(breaches.into_iter().flatten().map(|breach| format!("{name}:{}: {breach}", path.line)));
    }
    found.sort();
    found.dedup();
    found
}

/// The stage that a file belongs to; nothing for `lib.rs` and `main.rs`.
fn stage_of(name: &str) -> Option<&str> {
    name.split_once('/').map(|(stage, _)| stage)
}

fn form(name: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let bound = if name == "main.rs" { MAX_MAIN_LINES } else { MAX_LINES };
    let mut found = Vec::new();
    if lines > bound {
        found.push(format!("{name}:{lines}: longer than {bound} lines; one noun a file"));
    }
    if !text.starts_with("//!") {
        found.push(format!("{name}:1: does not start with `//!`: say what the file is about"));
    }
    match stage_of(name) {
        Some(stage) if !STAGES.contains(&stage) => found.push(format!("{name}:1: `{stage}` is no stage")),
        None if !["lib.rs", "main.rs"].contains(&name) => found.push(format!("{name}:1: a file outside every stage")),
        _ => {}
    }
    found
}

/// The stage that a path leads to, when it leads to one.
fn destination<'a>(name: &str, path: &'a Path) -> Result<Option<&'a str>, String> {
    let first = path.segments.first().map(String::as_str);
    let supers = path.segments.iter().take_while(|segment| *segment == "super").count();
    if first == Some("crate") {
        return Ok(path.segments.get(1).map(String::as_str).filter(|word| word.starts_with(char::is_lowercase)));
    }
    let directories = name.matches('/').count();
    let depth = if name.ends_with("/mod.rs") { directories } else { directories + 1 };
    if supers > 0 && supers >= depth {
        return Err("`super` leaves the stage; write `crate::`".to_owned());
    }
    Ok(None)
}

fn stages(name: &str, stage: Option<&str>, path: &Path) -> Option<String> {
    let to = match destination(name, path) {
        Ok(to) => to?,
        Err(breach) => return Some(breach),
    };
    let from = stage?;
    if to == from {
        return None;
    }
    let Some(there) = STAGES.iter().position(|stage| *stage == to) else {
        return Some(format!("`crate::{to}` is no stage"));
    };
    let here = STAGES.iter().position(|stage| *stage == from)?;
    // What a user hands to a command is parsed in `cli`, and fuzzed like everything else.
    if to == "cli" && from != "fuzz" {
        return Some("nobody imports `cli`".to_owned());
    }
    if there > here {
        return Some(format!("`{from}` comes before `{to}` and may not use it"));
    }
    let sees_all = ["engine", "cli", "fuzz"].contains(&from);
    if !sees_all && EFFECTS.contains(&to) && !EFFECT_USES.contains(&(from, to)) {
        return Some(format!("`{from}` may not use `{to}`, which has effects"));
    }
    None
}

fn purity(name: &str, stage: Option<&str>, path: &Path) -> Option<String> {
    if !PURE.contains(&stage?) || DOORS.contains(&name) {
        return None;
    }
    let whole = path.segments.join("::");
    let named = IMPURE.iter().find(|impure| whole == **impure || whole.starts_with(&format!("{impure}::")));
    let word = IMPURE_WORDS.iter().find(|word| path.segments == [**word]);
    named.or(word).map(|what| format!("`{what}` in a pure stage; take the value as an argument"))
}

fn wall(name: &str, path: &Path) -> Option<String> {
    let first = path.segments.first()?;
    let (package, places) = WALLS.iter().find(|(package, _)| package == first)?;
    let inside = places.iter().any(|place| name.starts_with(place));
    (!inside).then(|| format!("`{package}` is used in {} only", places.join(", ")))
}
