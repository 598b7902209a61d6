//! What became of one case.

use super::table::Case;
use crate::admission::policy::{Nearest, Pack, Request, Verdict};

/// What became of one case.
pub(super) struct Outcome {
    /// Name of the case.
    pub(super) name: String,
    /// The verdict, or the reason code of a request that is refused.
    pub(super) answer: Result<Verdict, String>,
    /// For a denial: what came closest.
    pub(super) nearest: Option<Nearest>,
    /// What was expected otherwise, as `decision allow`; none when the case passed.
    pub(super) missed: Vec<String>,
}

impl Outcome {
    /// Whether everything was as expected.
    pub(super) fn passed(&self) -> bool {
        self.missed.is_empty()
    }
}

/// Asks the pack.
pub(super) fn run(pack: &Pack, case: &Case) -> Outcome {
    let request = Request::from_json(&case.request);
    let answer = request.and_then(|request| Ok((pack.evaluate(&request, &case.runtime)?, request)));
    let expect = &case.expect;
    let mut missed = Vec::new();
    let mut compare = |what: &str, expected: Option<&str>, found: Option<&str>| {
        if let Some(expected) = expected.filter(|expected| Some(*expected) != found) {
            missed.push(format!("{what} {expected}"));
        }
    };
    match answer {
        Ok((verdict, request)) => {
            compare("error", expect.error.as_deref(), None);
            compare("decision", expect.decision.map(crate::admission::policy::Effect::as_str), Some(verdict.decision.as_str()));
            compare("rule", expect.rule.as_deref(), verdict.rule.as_deref());
            compare("reason", expect.reason.as_deref(), Some(&verdict.reason_code));
            let nearest = if verdict.decision.admits() { None } else { pack.nearest(&request, &case.runtime) };
            Outcome { name: case.name.clone(), answer: Ok(verdict), nearest, missed }
        }
        Err(refused) => {
            compare("error", Some(expect.error.as_deref().unwrap_or("none")), Some(&refused.code));
            Outcome { name: case.name.clone(), answer: Err(refused.code), nearest: None, missed }
        }
    }
}
