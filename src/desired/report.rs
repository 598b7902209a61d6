//! Collects problems with the place of the field they are about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::api::{Namespace, Problem, did_you_mean, reason};
use crate::source::Origin;

/// Most candidate words that one build compares for suggestions, so that a thousand wrong names stay cheap.
const MAX_COMPARISONS: usize = 100_000;

/// Most warnings of one sentence that are told one by one.
const MAX_ALIKE: usize = 20;

/// One object under check: where it stands, what it is called, and the path that its fields start from.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    pub(super) origin: &'a Origin,
    /// Namespace of the object.
    pub(super) namespace: Namespace,
    /// `Kind/name`.
    pub(super) object: String,
    /// Path that fields start from: `spec`, `spec.template.spec`, or nothing for the whole document.
    pub(super) base: &'static str,
}

/// Every problem so far, and how many of them are errors.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) problems: Vec<Problem>,
    errors: usize,
    comparisons: usize,
    /// What was told already: the items of a TargetSet share the places of their template.
    told: BTreeSet<(Arc<str>, u32, String, String)>,
    /// How often each sentence about something without effect was found.
    idle: BTreeMap<String, usize>,
}

impl Report {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems, errors: 0, comparisons: 0, told: BTreeSet::new(), idle: BTreeMap::new() }
    }

    /// Errors found by this stage so far; a caller compares before and after to learn whether its object is valid.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    /// An error at `path` below the scope's base.
    pub(super) fn error(&mut self, scope: &Scope<'_>, path: &str, reason: &'static str, message: impl Into<String>) {
        self.push_error(scope, path, Problem::error(reason, message));
    }

    /// The same, with what to write instead.
    pub(super) fn error_with_help(
        &mut self,
        scope: &Scope<'_>,
        path: &str,
        reason: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push_error(scope, path, Problem::error(reason, message).help(help));
    }

    /// An error about a word that is not among `candidates`; suggests the nearest.
    pub(super) fn unknown<'c>(
        &mut self,
        scope: &Scope<'_>,
        path: &str,
        reason: &'static str,
        message: impl Into<String>,
        word: &str,
        candidates: impl Iterator<Item = &'c str>,
    ) {
        let near = self.near(word, candidates).map(|near| format!("did you mean `{near}`?"));
        let problem = Problem::error(reason, message);
        let problem = if let Some(near) = near { problem.help(near) } else { problem };
        self.push_error(scope, path, problem);
    }

    /// What `word` was meant to be, as long as there is time to compare.
    pub(super) fn near<'c>(&mut self, word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        let left = MAX_COMPARISONS.saturating_sub(self.comparisons);
        let mut compared = 0;
        let near = did_you_mean(word, candidates.take(left).inspect(|_| compared += 1));
        self.comparisons += compared;
        near
    }

    fn push_error(&mut self, scope: &Scope<'_>, path: &str, problem: Problem) {
        self.errors += 1;
        self.pin(scope, path, problem);
    }

    /// A warning at `path` below the scope's base.
    pub(super) fn warn(&mut self, scope: &Scope<'_>, path: &str, reason: &'static str, message: impl Into<String>) {
        self.pin(scope, path, Problem::warning(reason, message));
    }

    /// The same, with what to write instead.
    pub(super) fn warn_with_help(
        &mut self,
        scope: &Scope<'_>,
        path: &str,
        reason: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.pin(scope, path, Problem::warning(reason, message).help(help));
    }

    /// A warning that something declared has no effect in this version. A fleet declares it a thousand times: the first
    /// [`MAX_ALIKE`] are told where they stand, the rest are counted.
    pub(super) fn idle(&mut self, scope: &Scope<'_>, path: &str, sentence: &str) {
        let count = self.idle.entry(sentence.to_owned()).or_default();
        *count += 1;
        if *count <= MAX_ALIKE {
            self.warn(scope, path, reason::NOT_IN_EFFECT, sentence);
        }
    }

    /// Every problem, with one more for each sentence that was counted and not told.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for (sentence, count) in self.idle {
            if let Some(rest) = count.checked_sub(MAX_ALIKE).filter(|rest| *rest > 0) {
                let message = format!("{rest} more objects: {sentence}");
                self.problems.push(Problem::warning(reason::NOT_IN_EFFECT, message));
            }
        }
        self.problems
    }

    fn pin(&mut self, scope: &Scope<'_>, path: &str, problem: Problem) {
        let path = match (scope.base, path) {
            (base, "") => base.to_owned(),
            ("", path) => path.to_owned(),
            (base, path) => format!("{base}.{path}"),
        };
        let key = (Arc::clone(&scope.origin.file), scope.origin.line, path, problem.message.clone());
        if !self.told.contains(&key) {
            self.problems.push(scope.origin.pin(problem, &key.2).about(scope.object.clone()));
            self.told.insert(key);
        }
    }
}
