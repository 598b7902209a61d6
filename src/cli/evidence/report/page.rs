//! The page.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::instant::Period;
use super::gather::Gathered;
use super::line::Line;
use super::markdown::{Table, code, text};
use super::slots;
use super::span::Span;
use crate::api::{Assessment, PairId};

/// Digits of a digest in a table; the whole one stands in the record.
const DIGITS: usize = 12;

/// What stands above the tables.
#[derive(Debug)]
pub struct Head {
    /// The period.
    pub period: Period,
    /// What was asked for, in words.
    pub scope: String,
    /// Names and values about the log, as Markdown.
    pub log: Vec<(&'static str, String)>,
}

/// The whole page.
pub fn page(head: &Head, gathered: &Gathered) -> String {
    let mut out = String::from("# Evidence report\n\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "* {name}: {value}");
    };
    line("Period", &format!("{} to {} (the end is not inside)", head.period.from, head.period.to));
    line("Scope", &text(&head.scope));
    for (name, value) in &head.log {
        line(name, value);
    }
    line("Records in the period", &gathered.records.to_string());
    let sections: [(&str, String); 12] = [
        ("Summary", summary(gathered)),
        ("Gaps", gaps(gathered)),
        ("Assessments", assessments(gathered)),
        ("Findings", findings(gathered)),
        ("Waivers", waivers(gathered)),
        ("Denials", denials(gathered)),
        ("Suspensions", suspensions(gathered)),
        ("Removed pairs", removed(gathered)),
        ("Policies", policies(gathered)),
        ("Manifests", revisions(gathered)),
        ("Tools", tools(gathered)),
        ("Retention", retention(gathered)),
    ];
    for (title, body) in sections {
        let _ = write!(out, "\n## {title}\n\n{body}");
    }
    out.push_str(NOTES);
    out
}

/// How to read it.
const NOTES: &str = "
## How to read this page

* A pair is one Check on one Target. It counts from its first record, or from the start of the period, until it was removed, or to
  the end.
* *Expected* are the slots of the cadence that each run records; a run that was forced is beyond them, so *runs* may be more.
  *Missed* are slots without a run, as the next run recorded them; those at the end of the period are counted here. Reruns are
  extra looks at what was wrong, and belong to no slot.
* `unknown` means that tecrax could not look. It is neither healthy nor unhealthy.
* The page says what the log holds. `tecrax evidence export` gives the records behind it with their proofs.
";

fn pair(pair: &PairId) -> String {
    code(&pair.to_string())
}

fn digest(digest: &str) -> String {
    code(&digest.chars().take(DIGITS).collect::<String>())
}

fn at(instant: Timestamp) -> String {
    instant.to_string()
}

fn cells_of(span: &Span) -> [String; 3] {
    [at(span.first), at(span.last), span.count.to_string()]
}

fn summary(gathered: &Gathered) -> String {
    let mut table = Table::new(&[
        "pair",
        "cadence",
        "expected",
        "runs",
        "missed",
        "reruns",
        "healthy",
        "degraded",
        "unhealthy",
        "unknown",
        "at the end",
    ]);
    let number = |lines: &dyn Fn(&Line) -> u64| gathered.lines.values().map(lines).sum::<u64>().to_string();
    let missed = |line: &Line| line.missed.iter().map(|missed| missed.slots).sum::<u64>();
    let of = |assessment: Assessment| move |line: &Line| line.of(assessment);
    let columns: [&dyn Fn(&Line) -> u64; 8] = [
        &|line| line.expected,
        &|line| line.runs,
        &missed,
        &|line| line.reruns,
        &of(Assessment::Healthy),
        &of(Assessment::Degraded),
        &of(Assessment::Unhealthy),
        &of(Assessment::Unknown),
    ];
    for (id, line) in &gathered.lines {
        let fixtures = if line.fixtures > 0 { " (recorded readings)" } else { "" };
        let numbers = columns.iter().map(|column| column(line).to_string());
        // A tombstone takes the answer away.
        let end = match line.answer() {
            Some(answer) => code(answer),
            None if line.removed.is_empty() => "–".to_owned(),
            None => "removed".to_owned(),
        };
        let cadence = line.cadence().map_or_else(|| "–".to_owned(), |cadence| text(&slots::words(cadence)));
        table.row([pair(id), cadence].into_iter().chain(numbers).chain([format!("{end}{fixtures}")]));
    }
    if gathered.lines.len() > 1 {
        let sums = columns.iter().map(|column| number(*column));
        table.row(["all".to_owned(), "–".to_owned()].into_iter().chain(sums).chain(["–".to_owned()]));
    }
    table.or("No pair was wanted in this period.")
}

fn gaps(gathered: &Gathered) -> String {
    let mut table = Table::new(&["pair", "since", "until", "slots", "reason"]);
    for (id, line) in &gathered.lines {
        for missed in &line.missed {
            let until = missed.until.map_or_else(|| "still open".to_owned(), at);
            table.row([pair(id), at(missed.since), until, missed.slots.to_string(), text(&missed.reason)]);
        }
    }
    table.or("Nothing was missed.")
}

fn assessments(gathered: &Gathered) -> String {
    let mut table = Table::new(&["pair", "since", "assessment", "reason", "record"]);
    let mut more = 0;
    for (id, line) in &gathered.lines {
        for change in &line.changes {
            let record = code(&format!("{id}@{}", change.seq));
            table.row([pair(id), at(change.at), code(&change.assessment), text(&change.reason), record]);
        }
        more += line.more_changes;
    }
    let mut out = table.or("There were no runs.");
    if more > 0 {
        let _ = writeln!(out, "\n{more} more changes: `tecrax evidence list CHECK.TARGET --kind run` shows them.");
    }
    out
}

fn findings(gathered: &Gathered) -> String {
    let mut table = Table::new(&["pair", "finding", "kind", "component", "first", "last", "runs"]);
    for ((id, kind, component, reason), span) in gathered.findings.iter() {
        table.row([pair(id), text(reason), text(kind), text(component)].into_iter().chain(cells_of(span)));
    }
    table.or("There were none.")
}

fn waivers(gathered: &Gathered) -> String {
    let mut table = Table::new(&["pair", "finding", "owner", "reason", "expires", "first", "last", "runs"]);
    for (waiver, span) in gathered.waivers.iter() {
        let cells = [&waiver.finding, &waiver.owner, &waiver.reason, &waiver.expires].map(|cell| text(cell));
        table.row(std::iter::once(pair(&waiver.pair)).chain(cells).chain(cells_of(span)));
    }
    table.or("Nothing was accepted.")
}

fn denials(gathered: &Gathered) -> String {
    let mut table = Table::new(&["at", "pair", "rule", "message"]);
    for denied in &gathered.denials {
        table.row([at(denied.at), pair(&denied.pair), code(&denied.rule), text(&denied.message)]);
    }
    let mut out = table.or("Policy refused nothing.");
    if gathered.more_denials > 0 {
        let _ = writeln!(out, "\n{} more: `tecrax evidence list --kind denial` shows them.", gathered.more_denials);
    }
    out
}

fn suspensions(gathered: &Gathered) -> String {
    let mut table = Table::new(&["pair", "since", "until", "by"]);
    for (id, line) in &gathered.lines {
        for (since, until, by) in &line.suspensions {
            table.row([pair(id), at(*since), until.map_or_else(|| "still suspended".to_owned(), at), text(by)]);
        }
    }
    table.or("Nothing was suspended.")
}

fn removed(gathered: &Gathered) -> String {
    let mut table = Table::new(&["pair", "at"]);
    for (id, line) in &gathered.lines {
        for instant in &line.removed {
            table.row([pair(id), at(*instant)]);
        }
    }
    table.or("Nothing was removed.")
}

fn policies(gathered: &Gathered) -> String {
    let mut table = Table::new(&["rule", "policy digest", "first", "last", "decisions"]);
    for ((rule, policy), span) in gathered.policies.iter() {
        table.row([code(rule), digest(policy)].into_iter().chain(cells_of(span)));
    }
    table.or("Nothing was decided.")
}

fn revisions(gathered: &Gathered) -> String {
    let mut table = Table::new(&["Git commit", "local changes", "digest", "first", "last", "records"]);
    let mut revisions: Vec<_> = gathered.revisions.iter().collect();
    revisions.sort_by_key(|(revision, span)| (span.first, *revision));
    for ((commit, dirty, manifests), span) in revisions {
        let commit = if commit.is_empty() { "not in Git".to_owned() } else { code(commit) };
        let dirty = if *dirty { "**yes**" } else { "no" }.to_owned();
        table.row([commit, dirty, digest(manifests)].into_iter().chain(cells_of(span)));
    }
    table.or("None were followed.")
}

fn tools(gathered: &Gathered) -> String {
    let mut table = Table::new(&["what", "which", "first", "last", "records"]);
    for (version, span) in gathered.tools.iter() {
        table.row(["tecrax".to_owned(), code(version)].into_iter().chain(cells_of(span)));
    }
    for (profile, span) in gathered.profiles.iter() {
        table.row(["profile".to_owned(), digest(profile)].into_iter().chain(cells_of(span)));
    }
    for (level, span) in gathered.sandboxes.iter() {
        table.row(["sandbox".to_owned(), code(level)].into_iter().chain(cells_of(span)));
    }
    for (kind, span) in gathered.unknown.iter() {
        table.row(["records of a later version".to_owned(), code(kind)].into_iter().chain(cells_of(span)));
    }
    table.or("None were used.")
}

fn retention(gathered: &Gathered) -> String {
    let mut table = Table::new(&["at", "records", "runs", "sealed from", "to", "because of"]);
    for (instant, retention) in &gathered.dropped {
        let dropped = &retention.dropped;
        table.row([
            at(*instant),
            dropped.records.to_string(),
            dropped.runs.to_string(),
            at(dropped.first),
            at(dropped.last),
            text(&dropped.reason),
        ]);
    }
    table.or("Nothing of this period was dropped.")
}
