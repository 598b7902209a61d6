//! When a run proves that something is gone by not naming it.

use super::track::Seen;
use super::waiver::WAIVER;
use crate::api::{Assessment, TrackedFinding, reason};
use crate::facts::{self, FINDINGS_MAX, Shown};

/// Kind of a finding about a reading that has no usable output.
const READING: &str = "reading";
/// Kind of a finding about what the contract judges.
const FACTS: &str = "facts";
/// Kind of a finding about what the Check expects.
pub(super) const EXPECTATION: &str = "expectation";

/// Whether a remembered finding counts as gone in a run on schedule that does not name it: only where the run would have named it
/// if it were so.
///
/// * That a waiver ends: always. It is about the manifests, and they were read.
/// * A reading: it was taken. One finding for several readings is another one as soon as one of them is taken.
/// * Anything else: never when there was no room for more findings.
/// * Facts: its component was observed ([`facts::shows`]), and no reading that shows it failed that had not failed when it was seen.
///   What else failed, and what the run says as a whole, do not matter.
/// * Facts that do not say whether it was observed (an old version of the contract, a component that it does not name), and kinds
///   that are not known here: the run is not `unknown`, and no reading at all failed that had not failed when it was seen.
/// * An expectation: its fact was observed, and no reading that its fact rests on ([`facts::rests_on`]) failed that had not failed when
///   it was seen; no reading at all where that is not known, and where the Check expects it no more. That it failed also needs facts that
///   prove something by what they have none of ([`facts::sees`]), as for facts.
pub fn is_gone(before: &TrackedFinding, seen: &Seen<'_>) -> bool {
    let finding = &before.finding;
    let is_blind = |step: &str| seen.blind.iter().any(|blind| blind == step);
    let lost = |step: &str| is_blind(step) && !before.blind.iter().any(|blind| blind == step);
    let lost_none = || !seen.blind.iter().any(|step| lost(step));
    let told = seen.assessment != Assessment::Unknown;
    match finding.kind.as_str() {
        WAIVER => true,
        READING if before.blind.contains(&finding.component) => !is_blind(&finding.component),
        READING => before.blind.is_empty() || !before.blind.iter().all(|step| is_blind(step)),
        _ if seen.findings.len() >= FINDINGS_MAX => false,
        FACTS => match facts::shows(seen.facts, finding) {
            Shown::By(steps) => !steps.into_iter().any(lost),
            Shown::ByAll => lost_none(),
            Shown::Hidden => false,
            Shown::Unsaid => told && lost_none(),
        },
        EXPECTATION => {
            let unseen = seen.findings.iter().any(|other| {
                other.kind == EXPECTATION
                    && other.component == finding.component
                    && other.reason_code == reason::EXPECTATION_NOT_OBSERVED
            });
            let was_unseen = finding.reason_code == reason::EXPECTATION_NOT_OBSERVED;
            let steps = seen.expects.get(&finding.component).and_then(|key| facts::rests_on(seen.facts, key));
            let rests = steps.map_or_else(lost_none, |steps| !steps.into_iter().any(lost));
            !unseen && rests && (was_unseen || facts::sees(seen.facts))
        }
        _ => told && lost_none(),
    }
}
