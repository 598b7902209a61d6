//! When a Target as a whole gives no answer.

use crate::api::{Coverage, ErrorClass, FindingKey, StatusFinding};
use crate::facts::stands_for_all;

/// Kind of a finding about a reading.
const READING: &str = "reading";
/// Component of [`loss_key`].
const TARGET: &str = "target";
/// Classes of failed readings that say nothing of the Target but that it could not be asked. A host that refuses a key or a
/// credential has answered.
const CLASSES: [ErrorClass; 4] =
    [ErrorClass::Unreachable, ErrorClass::NameUnresolved, ErrorClass::Timeout, ErrorClass::Interrupted];

/// The key of every loss of a Target. Each Check words it by the number of its readings, and a dead host is refused in one run and
/// times out in the next: it is one matter all the same.
pub fn loss_key() -> FindingKey {
    FindingKey {
        kind: READING.to_owned(),
        component: TARGET.to_owned(),
        reason_code: ErrorClass::Unreachable.reason().to_owned(),
    }
}

/// Whether a run with these findings got no answer at all: lost by transport.
pub fn is_lost(coverage: Coverage, findings: &[StatusFinding]) -> bool {
    let mut readings = findings.iter().filter(|finding| finding.kind == READING).peekable();
    coverage == Coverage::Blocked && readings.peek().is_some() && readings.all(|finding| has_class(&finding.reason_code))
}

/// Whether a finding with this key means that a whole run got no answer. `single`: the intent takes one reading only.
pub fn is_loss(key: &FindingKey, single: bool) -> bool {
    key.kind == READING && has_class(&key.reason_code) && (single || stands_for_all(&key.component))
}

/// Whether a finding says that no reading of a run was taken, for whatever reason.
pub(super) fn is_about_all(finding: &StatusFinding, single: bool) -> bool {
    finding.kind == READING && (single || stands_for_all(&finding.component))
}

fn has_class(reason: &str) -> bool {
    CLASSES.iter().any(|class| class.reason() == reason)
}
