//! `tecrax profile lint`: the rules of an active profile, then what the loader and the compiler of its reaction packs say, then what
//! the normalizers need.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::exit::Exit;
use super::loaded::count;
use super::printable::printable;
use crate::facts::{self, subject};
use crate::profile::{Around, Profile, ValidationStep, WorkflowStep, lint};
use crate::reaction::Packs;

/// What is printed when every rule holds; scripts match on it.
const OK: &str = "active_profile_ok";

/// Runs `profile lint`.
pub fn run(context: &Context<'_>, directory: Option<&Path>) -> Exit {
    let directory = directory.or(context.global.profile.as_deref());
    let runbooks = directory.and_then(runbooks);
    let around = Around { runbook: &|topic| exists(runbooks.as_deref()?, topic) };
    let mut broken = match lint(directory, &around) {
        Ok(broken) => broken,
        Err(problems) => {
            context.problems(&problems);
            return Exit::Failing;
        }
    };
    let known = |name: &str| facts::normalizer(name).is_some();
    let loaded = match directory {
        Some(directory) => Profile::load(directory, &known),
        None => Profile::embedded(&known),
    };
    let loaded = loaded.and_then(|profile| Packs::of(&profile).map(|_| profile));
    match &loaded {
        Ok(profile) => {
            broken.extend(unread(profile));
            broken.sort();
        }
        Err(problems) => context.problems(problems),
    }
    for line in &broken {
        context.screen.code(&printable(line));
    }
    if let (true, Ok(profile)) = (broken.is_empty(), &loaded) {
        context.screen.data(OK);
        if directory.is_some() && runbooks.is_none() {
            context.screen.word("hint: runbooks were not looked for: there is no docs/runbooks beside the profile or in it");
        }
        context.screen.word(&format!("{} hold every rule", count(profile.intents.len(), "intent")));
        return Exit::Ok;
    }
    Exit::Failing
}

/// What the normalizers of a loaded profile would never find: components without a step that shows them, rules over another key.
fn unread(profile: &Profile) -> BTreeSet<String> {
    let mut broken = BTreeSet::new();
    for intent in profile.intents.values() {
        let id = &intent.id;
        let reads: BTreeSet<&str> = intent
            .workflow
            .steps
            .iter()
            .filter_map(|step| match step {
                WorkflowStep::Read { id, .. } => Some(id.as_str()),
                _ => None,
            })
            .collect();
        let mut keys = BTreeSet::new();
        for step in &intent.workflow.steps {
            let WorkflowStep::Normalize { action, .. } = step else { continue };
            let Some(subject) = subject(action) else { continue };
            keys.insert(subject.state_key);
            for (component, steps) in subject.components {
                if !steps.is_empty() && !steps.iter().any(|step| reads.contains(step)) {
                    broken.insert(format!("{id}:normalizer_input_missing:{action}:{component}"));
                }
            }
        }
        for step in &intent.validation.steps {
            if let ValidationStep::RequireMapping { key, .. } = step
                && !keys.contains(key.as_str())
            {
                broken.insert(format!("{id}:validation_key_without_normalizer:{key}"));
            }
        }
    }
    broken
}

/// The folder of runbooks: inside the profile, or beside it as in its repository.
#[expect(clippy::disallowed_methods, reason = "looks where runbooks are kept")]
fn runbooks(directory: &Path) -> Option<PathBuf> {
    let beside = std::fs::canonicalize(directory).ok()?.parent()?.join("docs/runbooks");
    [directory.join("docs/runbooks"), beside].into_iter().find(|folder| folder.is_dir())
}

/// Whether a runbook of that topic exists; a URL is nobody's to check here.
#[expect(clippy::disallowed_methods, reason = "looks where runbooks are kept")]
fn exists(folder: &Path, topic: &str) -> Option<bool> {
    if topic.contains("://") {
        return None;
    }
    let name = topic.rsplit('/').next().unwrap_or(topic);
    let name = name.strip_suffix(".md").unwrap_or(name);
    Some(!name.is_empty() && name != ".." && folder.join(format!("{name}.md")).is_file())
}
