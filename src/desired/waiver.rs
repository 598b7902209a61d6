//! Waivers of a Check: whether each can mean what it says.

use super::report::{Report, Scope};
use super::union::unique;
use crate::api::{Accept, CheckSpec, reason};
use crate::profile::{Intent, Profile};

/// What stands before a reason code that a rule of a pack asks for.
const REASON_PATH: &str = "facts.verdict.reasons.";
/// How the code of a component ends that was read and not seen.
const NOT_OBSERVED: &str = "_not_observed";

/// Reports everything that is wrong with the waivers alone.
pub(super) fn read(report: &mut Report, scope: &Scope<'_>, spec: &CheckSpec) {
    unique(report, scope, "accept", "finding", spec.accept.iter().map(|accept| accept.finding.as_str()));
    for (index, accept) in spec.accept.iter().enumerate() {
        one(report, scope, index, accept);
    }
}

fn one(report: &mut Report, scope: &Scope<'_>, index: usize, accept: &Accept) {
    if accept.expires.parse::<jiff::Timestamp>().is_err() {
        let help = "write an RFC 3339 instant, such as 2027-03-01T00:00:00Z";
        let path = format!("accept[{index}].expires");
        report.error_with_help(scope, &path, reason::BAD_VALUE, "expires is no instant", help);
    }
    for (field, text) in [("finding", &accept.finding), ("reason", &accept.reason), ("owner", &accept.owner)] {
        if text.trim().is_empty() {
            report.error(scope, &format!("accept[{index}].{field}"), reason::BAD_VALUE, format!("{field} is empty"));
        }
    }
}

/// Warns of waivers of something that the intent is not known to find. What a target can show is open, so it is no error.
pub(super) fn known(report: &mut Report, scope: &Scope<'_>, spec: &CheckSpec, intent: &Intent, profile: &Profile) {
    if spec.accept.is_empty() {
        return;
    }
    let pack = profile.reactions.get(&intent.id).map_or("", |pack| pack.text.as_str());
    let word = |rest: &'_ str| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let in_pack = pack.split(REASON_PATH).skip(1).filter_map(|rest| rest.get(..word(rest)));
    let general = [reason::EXPECTATION_FAILED, reason::EXPECTATION_NOT_OBSERVED, reason::INVALID_FACTS];
    let mut known: Vec<&str> = spec.expect.iter().map(|expect| expect.name.as_str()).chain(in_pack).chain(general).collect();
    known.extend(profile.findings.reason_codes.iter().map(String::as_str));
    for (index, accept) in spec.accept.iter().enumerate() {
        let finding = accept.finding.as_str();
        let is_class = reason::ALL.iter().any(|(word, _)| *word == finding);
        if known.contains(&finding) || is_class || finding.ends_with(NOT_OBSERVED) || finding.trim().is_empty() {
            continue;
        }
        let message = format!(
            "`{}` is no expectation of this Check and no reason code that intent `{}` is known to find: it may accept nothing",
            finding.escape_debug(),
            intent.id
        );
        let near = report.near(finding, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        let help = near.unwrap_or_else(|| {
            "name an expectation of this Check, or the reason code of a finding as `tecrax describe` shows it".to_owned()
        });
        report.warn_with_help(scope, &format!("accept[{index}].finding"), reason::UNKNOWN_REFERENCE, message, help);
    }
}
