//! The story for people.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::escalation::typed_name as typed_escalation;
use super::super::printable::printable;
use super::super::resource::{assessment_word, typed_name};
use super::super::stamp::until;
use super::super::table::Table;
use super::step::{Met, Step, What};
use super::story::{Story, instant};
use crate::api::{FindingStage, ReactionOutcome, reason};
use crate::reaction::WAIVER;

/// Findings of one step that are told; the rest is counted.
const FINDINGS_TOLD: usize = 4;

/// The story as text.
pub fn text(story: &Story, now: Timestamp) -> String {
    let mut out = String::new();
    heading(&mut out, story);
    timeline(&mut out, story);
    findings(&mut out, story);
    calls(&mut out, story);
    waivers(&mut out, story, now);
    let at = story.next.at.map_or_else(|| "not scheduled".to_owned(), |at| format!("{at} ({})", until(Some(at), now)));
    let _ = writeln!(out, "\nNext run: {at}");
    for sentence in &story.next.sentences {
        let _ = writeln!(out, "  {}", printable(sentence));
    }
    let _ = writeln!(out, "\nMore: tecrax describe {0}; tecrax evidence list {0}", printable(&typed_name(&story.view)));
    out
}

fn heading(out: &mut String, story: &Story) {
    let view = &story.view;
    let since = view.since.map(|since| format!(" since {since}")).unwrap_or_default();
    let name = printable(&view.pair.observation_name());
    let _ = writeln!(out, "{name}: {} ({}){since}", assessment_word(view), printable(&view.reason));
    let _ = writeln!(out, "  {}", printable(&view.why));
}

fn timeline(out: &mut String, story: &Story) {
    if story.steps.is_empty() {
        out.push_str("\nTimeline: nothing is recorded yet\n");
        return;
    }
    out.push_str("\nTimeline:\n");
    if story.cut {
        out.push_str("  earlier steps are left out\n");
    }
    for step in &story.steps {
        self::step(out, step);
    }
}

fn step(out: &mut String, step: &Step) {
    let times = match step.times {
        1 => String::new(),
        times => format!(" to {}, {times} times alike", step.until),
    };
    match &step.what {
        What::Noted { word, message } => {
            let _ = writeln!(out, "  {}{times}  {word}: {}", step.at, printable(message));
        }
        What::Ran { run, decided, inputs } => {
            let kind = match run.parent {
                Some(parent) => format!("rerun of {parent}"),
                None => "run".to_owned(),
            };
            let head = format!("{kind} {}, {}", run.seq, run.intent);
            let _ = writeln!(
                out,
                "  {}{times}  {}: {} ({})",
                step.at,
                printable(&head),
                run.assessment.as_str(),
                printable(&run.reason)
            );
            for finding in run.findings.iter().take(FINDINGS_TOLD) {
                let _ = writeln!(out, "      saw      {}: {}", printable(&finding.reason_code), printable(&finding.message));
            }
            if let Some(more) = run.findings.len().checked_sub(FINDINGS_TOLD).filter(|more| *more > 0) {
                let _ = writeln!(out, "      saw      {more} more");
            }
            match decided {
                Some(decided) => self::decided(out, decided, inputs),
                None => out.push_str("      decided  nothing is recorded: the process ended before\n"),
            }
        }
    }
}

fn decided(out: &mut String, decided: &super::super::decisions::Decided, inputs: &[Met]) {
    let reaction = &decided.reaction;
    let _ = writeln!(out, "      rule     {}", printable(&reaction.rule));
    for Met { condition, actual } in inputs {
        let actual = actual.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let _ = writeln!(out, "      because  {}: it is {}", printable(condition), printable(&actual));
    }
    let what = match (reaction.outcome, &reaction.intent) {
        (ReactionOutcome::Rerun, Some(intent)) => format!("rerun {intent}"),
        (outcome, _) => outcome.as_str().to_owned(),
    };
    let _ = writeln!(out, "      decided  {}: {} {}", printable(&what), printable(&reaction.reason), sentence(&reaction.reason));
    if let Some(refused) = &decided.inputs.refused {
        let _ = writeln!(out, "      refused  {}", printable(refused));
    }
}

/// What a reason means, in brackets; nothing for one that this version does not know.
fn sentence(word: &str) -> String {
    let known = reason::ALL.iter().find(|(known, _)| *known == word);
    known.map(|(_, meaning)| format!("({})", meaning.trim().trim_end_matches('.'))).unwrap_or_default()
}

fn findings(out: &mut String, story: &Story) {
    if story.tracked.is_empty() {
        return;
    }
    let mut table = Table::new(&["FINDING", "STAGE", "SEVERITY", "SEEN", "GONE", "FIRST-SEEN", "LAST-SEEN"]);
    for tracked in &story.tracked {
        let needed = match tracked.stage {
            FindingStage::Pending if tracked.finding.kind != WAIVER => format!(" of {}", story.confirmations.failures),
            _ => String::new(),
        };
        table.row([
            printable(&tracked.key().to_string()),
            tracked.stage.as_str().to_owned(),
            tracked.severity.as_str().to_owned(),
            format!("{}{needed}", tracked.seen),
            format!("{} of {}", tracked.gone, story.confirmations.recoveries),
            tracked.first_seen.to_string(),
            tracked.last_seen.to_string(),
        ]);
    }
    let _ = write!(out, "\nFindings over time:\n{}", table.render());
}

fn calls(out: &mut String, story: &Story) {
    if story.calls.is_empty() {
        return;
    }
    out.push_str("\nEscalations:\n");
    for call in &story.calls {
        let (name, matter) = (printable(&typed_escalation(&call.shown.state.id)), &call.shown.matter);
        let severity = matter.severity.as_str();
        let _ = writeln!(out, "  {name}: {}, {severity}, since {}", call.shown.stands(), matter.first_seen);
        for why in &call.held {
            let _ = writeln!(out, "      nobody is called: {}", printable(why));
        }
        for told in &call.changes {
            let by = told.suppressed.as_ref();
            let by = by.map(|by| format!(", nobody called: {} {}", by.reason.as_str(), by.by)).unwrap_or_default();
            let _ = writeln!(out, "      {}  {}{}", told.at, told.change.as_str(), printable(&by));
        }
    }
}

fn waivers(out: &mut String, story: &Story, now: Timestamp) {
    if story.waivers.is_empty() {
        return;
    }
    out.push_str("\nAccepted by the Check:\n");
    for waiver in &story.waivers {
        let accept = &waiver.accept;
        let ends = match (waiver.in_force, instant(&accept.expires)) {
            (true, at @ Some(_)) => format!("ends {}", until(at, now)),
            _ => "not in force any more".to_owned(),
        };
        let what = match waiver.findings {
            0 => "accepts nothing that was found",
            _ => "accepts what was found",
        };
        let line =
            format!("{} by {} until {} ({ends}): {}; it {what}", accept.finding, accept.owner, accept.expires, accept.reason);
        let _ = writeln!(out, "  {}", printable(&line));
    }
}
