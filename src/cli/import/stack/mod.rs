//! A target catalog of the Python stack with its environments and policy packs.
//!
//! A target of the catalog becomes a Target (`targets`): its connectors become connections (`connector` with `os`, `http` and `adguard`),
//! the names of its secrets references (`secret`). Every intent that applies becomes one Check (`checks`), and a policy pack one Policy over
//! the targets of its environment (`policy`, `rule`, `words`).

mod adguard;
mod checks;
mod connector;
mod environment;
mod http;
mod os;
mod policy;
mod rule;
mod secret;
mod targets;
mod words;

use std::path::Path;

use super::super::catalog;
use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::CHECKS;
use super::args::ImportArgs;
use super::document::File;
use super::item::Report;
use super::names::Names;
use crate::api::Problem;
use crate::profile::Profile;
use environment::Environment;
use targets::Thing;

/// What the label of a Target from here says.
const ORIGIN: &str = "catalog";

/// What was read.
#[derive(Debug, Default)]
struct Input {
    environments: Vec<Environment>,
    things: Vec<Thing>,
    labels: Names,
}

impl Input {
    /// Adds an environment; its position.
    fn add(&mut self, mut environment: Environment) -> usize {
        environment.label =
            self.labels.label(&environment.id, "environment").map(|named| named.name.to_string()).unwrap_or_default();
        self.environments.push(environment);
        self.environments.len() - 1
    }
}

/// Imports what `args` name.
#[expect(clippy::disallowed_methods, reason = "`~` in an environment is the home directory of whoever imports it")]
pub(super) fn import(context: &Context<'_>, args: &ImportArgs, report: &mut Report) -> Result<Vec<File>, Failure> {
    if args.catalog.is_none() && args.environment.is_empty() && args.policy_pack.is_none() {
        return Err(Failure::new(Exit::Usage, "nothing to import is named").help(
            "name --catalog FILE, --environment FILE or --policy-pack FILE, or use `import ssh-config` or `import ansible`",
        ));
    }
    let profile = context.profile()?;
    let home = std::env::var("HOME").ok().filter(|home| !home.is_empty());
    let input = read(context, args, &profile, report)?;
    let mut made = targets::build(&input, home.as_deref(), &profile, report);
    let checks = checks::build(&mut made, &profile, report);
    let (mut policies, mut taken) = (Vec::new(), Names::default());
    for environment in &input.environments {
        policies.extend(policy::of_environment(environment, &made, &profile, &mut taken, report)?);
    }
    if let Some(path) = &args.policy_pack {
        policies.push(policy::of_file(context, path, &made, &profile, &mut taken, report)?);
    }
    let again = "Written by `tecrax import`. Edit it, or import again with --force: nothing else writes here.".to_owned();
    let mut files = Vec::new();
    for (name, words, documents) in [
        (
            "targets.yaml",
            "The targets of a catalog, with their connections. Secrets are named, and stand elsewhere.",
            made.documents(),
        ),
        (CHECKS, "Every intent that applies to a target of the catalog, each as often as when nothing is said.", checks),
        ("policies.yaml", "The policy packs of the environments: what they select is denied unless a rule admits it.", policies),
    ] {
        if !documents.is_empty() {
            files.push(File { name, comments: vec![again.clone(), words.to_owned()], documents });
        }
    }
    Ok(files)
}

fn read(context: &Context<'_>, args: &ImportArgs, profile: &Profile, report: &mut Report) -> Result<Input, Failure> {
    let mut input = Input::default();
    let redactor = context.screen.redactor();
    if let Some(path) = &args.catalog {
        let sources =
            catalog::sources(path, &profile.name, redactor).map_err(|problem| unusable(context, *problem, "catalog"))?;
        targets::of_catalog(&sources, path, &mut input);
    }
    for path in &args.environment {
        let document = catalog::environment(path, redactor).map_err(|problem| unusable(context, *problem, "environment"))?;
        let Some(environment) = Environment::of(&path.display().to_string(), &document) else { continue };
        if environment::text(&environment.root, "profile").is_some_and(|(name, _)| name != profile.name) {
            let message = format!("environment {} belongs to another profile than `{}`", path.display(), profile.name);
            return Err(Failure::new(Exit::Manifest, message).help("`--profile DIR` names another one"));
        }
        targets::of_environment(environment, &mut input, report);
    }
    Ok(input)
}

fn unusable(context: &Context<'_>, problem: Problem, noun: &str) -> Failure {
    context.problems(&[problem]);
    Failure::new(Exit::Manifest, format!("the {noun} can not be used")).help("nothing was written")
}

/// A path as comments and places show it.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
