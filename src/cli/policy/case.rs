//! What became of one case.

use super::super::loaded::Loaded;
use super::table::{Case, Expect, Question};
use crate::admission::policy::{Effect, Nearest, Pack, Request, Verdict};
use crate::admission::{Decision, Denial, DenialReason, Judge};
use crate::plan::propose;

/// Who can be asked.
#[derive(Default)]
pub(super) struct Asked {
    /// A pack.
    pub(super) pack: Option<Pack>,
    /// The Policies of manifests.
    pub(super) policies: Option<(Loaded, Judge)>,
}

/// What became of one case.
pub(super) struct Outcome {
    /// Name of the case.
    pub(super) name: String,
    /// What was answered.
    pub(super) answer: Answer,
    /// What was expected otherwise, as `decision allow`; none when the case passed.
    pub(super) missed: Vec<String>,
}

/// What was answered.
pub(super) enum Answer {
    /// A pack decided; for a denial with what came closest.
    Verdict(Box<Verdict>, Option<Nearest>),
    /// The Policies decided over a pair.
    Pair(Box<Result<Decision, Denial>>),
    /// There was nothing to decide: a reason code, or what is missing.
    Refused(String),
}

impl Outcome {
    /// Whether everything was as expected.
    pub(super) fn passed(&self) -> bool {
        self.missed.is_empty()
    }
}

impl Answer {
    /// The decision.
    pub(super) fn decision(&self) -> Option<Effect> {
        match self {
            Self::Verdict(verdict, _) => Some(verdict.decision),
            Self::Pair(decided) => Some(match decided.as_ref() {
                Ok(_) => Effect::Allow,
                Err(denial) if denial.reason == DenialReason::ApprovalRequired => Effect::ApprovalRequired,
                Err(_) => Effect::Deny,
            }),
            Self::Refused(_) => None,
        }
    }

    /// The rules that decided, by name.
    pub(super) fn rule(&self) -> Option<&str> {
        match self {
            Self::Verdict(verdict, _) => verdict.rule.as_deref(),
            Self::Pair(decided) => Some(decided.as_ref().as_ref().map_or_else(|denial| &denial.rule, |decision| &decision.rule)),
            Self::Refused(_) => None,
        }
    }

    /// Why.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Verdict(verdict, _) => Some(&verdict.reason_code),
            Self::Pair(decided) => decided.as_ref().as_ref().err().map(|denial| denial.reason.as_str()),
            Self::Refused(_) => None,
        }
    }

    fn error(&self) -> Option<&str> {
        if let Self::Refused(code) = self { Some(code) } else { None }
    }
}

/// Asks; a question that nobody can be asked is refused.
pub(super) fn run(asked: &Asked, case: &Case) -> Outcome {
    let answer = match &case.question {
        Question::Request { request, runtime } => asked.pack.as_ref().map_or_else(
            || Answer::Refused("no pack is named".to_owned()),
            |pack| match Request::from_json(request).and_then(|request| Ok((pack.evaluate(&request, runtime)?, request))) {
                Ok((verdict, request)) => {
                    let nearest = if verdict.decision.admits() { None } else { pack.nearest(&request, runtime) };
                    Answer::Verdict(Box::new(verdict), nearest)
                }
                Err(refused) => Answer::Refused(refused.code),
            },
        ),
        Question::Pair { namespace, check, target } => pair(asked, namespace, check, target),
    };
    let missed = missed(&case.expect, &answer);
    Outcome { name: case.name.clone(), answer, missed }
}

fn pair(asked: &Asked, namespace: &str, check: &str, target: &str) -> Answer {
    let Some((loaded, judge)) = &asked.policies else { return Answer::Refused("no manifests are named".to_owned()) };
    let pair = loaded.desired.pairs.iter().find(|pair| {
        let id = &pair.id;
        id.namespace.as_str() == namespace && id.check.as_str() == check && id.target.as_str() == target
    });
    pair.map_or_else(
        || Answer::Refused(format!("the manifests have no pair {namespace}/{check}.{target}")),
        |pair| Answer::Pair(Box::new(judge.decide(&propose(pair)))),
    )
}

fn missed(expect: &Expect, answer: &Answer) -> Vec<String> {
    let mut missed = Vec::new();
    let mut compare = |what: &str, expected: Option<&str>, same: &dyn Fn(&str) -> bool| {
        if let Some(expected) = expected.filter(|expected| !same(expected)) {
            missed.push(format!("{what} {expected}"));
        }
    };
    // Whoever expects a decision does not expect to be refused.
    let error = expect.error.as_deref().or_else(|| answer.error().map(|_| "none"));
    compare("error", error, &|expected| answer.error() == Some(expected));
    if answer.error().is_none() {
        compare("decision", expect.decision.map(Effect::as_str), &|expected| {
            answer.decision().map(Effect::as_str) == Some(expected)
        });
        // Several Policies may decide together, and their names need not be written whole.
        let named = |expected: &str| {
            let mut rules = answer.rule().into_iter().flat_map(|rules| rules.split(", "));
            match answer {
                Answer::Pair(_) => {
                    rules.any(|rule| rule == expected || rule.strip_suffix(expected).is_some_and(|before| before.ends_with('/')))
                }
                _ => answer.rule() == Some(expected),
            }
        };
        compare("rule", expect.rule.as_deref(), &named);
        compare("reason", expect.reason.as_deref(), &|expected| answer.reason() == Some(expected));
    }
    missed
}
