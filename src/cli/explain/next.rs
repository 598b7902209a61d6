//! What happens next, and when.

use jiff::Timestamp;

use super::calls::Call;
use crate::api::{FindingKey, FindingStage, ReactionOutcome, TrackedFinding};
use crate::reaction::WAIVER;
use crate::reaction::escalation::{is_loss, loss_key};
use crate::status::{PairState, View, Wanted};

/// What happens next.
#[derive(Debug, PartialEq, Eq)]
pub struct Next {
    /// When the pair runs next; `None` when only an edit brings it back.
    pub at: Option<Timestamp>,
    /// Sentences for a person, in order.
    pub sentences: Vec<String>,
}

/// What happens next to the pair; `calls` are the Escalations that it claims.
pub fn next(view: &View, state: Option<&PairState>, wanted: &Wanted, calls: &[Call]) -> Next {
    let mut sentences = Vec::new();
    if wanted.suspended {
        sentences.push("it is suspended: nothing runs until the Check and the Target are not".to_owned());
    } else if let Some(denied) = &view.denied {
        sentences.push(format!("{denied}: nothing runs until policy or plan change"));
    } else if view.last_run.is_none() {
        sentences.push("it runs for the first time".to_owned());
    }
    if let Some(state) = state {
        if state.last.as_ref().is_some_and(|last| last.reaction == ReactionOutcome::Rerun) {
            sentences.push(
                "a second look was asked for and is not recorded: it is under way, or a run at once makes up for it".to_owned(),
            );
        }
        sentences.extend(state.tracked.iter().map(|tracked| of_finding(tracked, wanted, calls)));
    }
    if sentences.is_empty() {
        sentences.push("it runs on schedule; what it sees then decides".to_owned());
    }
    Next { at: view.next_run, sentences }
}

fn of_finding(tracked: &TrackedFinding, wanted: &Wanted, calls: &[Call]) -> String {
    let key = tracked.key();
    let (failures, recoveries) = (u32::from(wanted.confirmations.failures), u32::from(wanted.confirmations.recoveries));
    let more_to_recover = recoveries.saturating_sub(tracked.gone).max(1);
    match tracked.stage {
        _ if tracked.finding.kind == WAIVER => format!("{key}: over when the waiver is renewed, removed or ends"),
        FindingStage::Accepted => format!("{key}: accepted; nobody is called as long as the waiver is in force"),
        FindingStage::Raised => {
            let called = called(&key, calls);
            format!("{key}: {called}; over when {} in a row can see that it is gone", runs(more_to_recover))
        }
        FindingStage::Pending if tracked.seen < failures => {
            let more = failures.saturating_sub(tracked.seen);
            format!(
                "{key}: seen in {} of {failures}; the rules decide when {} more in a row saw it",
                runs(tracked.seen),
                runs(more)
            )
        }
        FindingStage::Pending => format!("{key}: seen, and nobody was called; the rules decide again when the next run sees it"),
    }
}

/// Whether anybody was called for what is raised.
fn called(key: &FindingKey, calls: &[Call]) -> &'static str {
    let about = |call: &&Call| {
        let of = &call.shown.matter.key;
        of == key || (*of == loss_key() && is_loss(key, true))
    };
    match calls.iter().find(about) {
        Some(call) if call.held.is_empty() => "a person was called",
        Some(_) => "nobody is called (above)",
        None => "confirmed, and no escalation of its own",
    }
}

fn runs(number: u32) -> String {
    if number == 1 { "1 run".to_owned() } else { format!("{number} runs") }
}
