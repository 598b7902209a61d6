//! A policy pack as a Policy over the targets of its environment.

use std::path::Path;

use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure};
use super::super::super::policy::{Document as Pack, read_pack};
use super::super::document::{Document, manifest};
use super::super::host::ORIGIN as LABEL;
use super::super::item::{Kind, Report, origin};
use super::super::names::Names;
use super::environment::Environment;
use super::rule::translate;
use super::targets::{ENVIRONMENT, Targets};
use super::words::Words;
use super::{ORIGIN, shown};
use crate::admission::policy::Pack as Compiled;
use crate::api::{LabelSelector, Labels, Object, Place, PolicyEffect, PolicyRule, PolicySpec};
use crate::profile::Profile;
use crate::source::Located;

/// Most rules of a Policy.
const MAX_RULES: usize = 256;

/// The Policy of the pack that stands in an environment.
pub(super) fn of_environment(
    environment: &Environment,
    targets: &Targets,
    profile: &Profile,
    taken: &mut Names,
    report: &mut Report,
) -> Result<Option<Document>, Failure> {
    let Some(pack) = environment.root.get("policy_pack").filter(|pack| pack.map().is_some()) else { return Ok(None) };
    let compiled = Compiled::from_python(&pack.json()).map_err(|refused| {
        let place = environment.place(pack);
        Failure::new(Exit::Manifest, format!("{place}: the policy pack can not be used: {}", refused.code))
            .help("`tecrax policy test --pack FILE` says where; nothing was written")
    })?;
    let labels = Labels::from([(ENVIRONMENT.to_owned(), environment.label.clone())]);
    let index = targets.list.iter().find(|made| made.labels.get(ENVIRONMENT) == Some(&environment.label));
    let words = Words { profile, targets, environment: index.map(|made| made.thing.environment) };
    write(&compiled, Some(pack), &environment.file, labels, &words, taken, report).map(Some)
}

/// The Policy of the pack in a file, over everything that is imported.
pub(super) fn of_file(
    context: &Context<'_>,
    path: &Path,
    targets: &Targets,
    profile: &Profile,
    taken: &mut Names,
    report: &mut Report,
) -> Result<Document, Failure> {
    let mut problems = Vec::new();
    let document = Pack::read(path)?;
    let compiled = read_pack(&document, &mut problems);
    context.problems(&problems);
    let Some(compiled) = compiled else {
        return Err(Failure::new(Exit::Manifest, "the policy pack can not be used").help("nothing was written"));
    };
    let root = document.root().ok();
    let environment = root.map(|root| root.get("environment").unwrap_or(root));
    let pack = environment.map(|environment| environment.get("policy_pack").unwrap_or(environment));
    let labels = if targets.list.is_empty() { Labels::new() } else { Labels::from([(LABEL.to_owned(), ORIGIN.to_owned())]) };
    let words = Words { profile, targets, environment: None };
    write(&compiled, pack, &shown(path), labels, &words, taken, report)
}

fn write(
    compiled: &Compiled,
    pack: Option<&Located>,
    file: &str,
    labels: Labels,
    words: &Words<'_>,
    taken: &mut Names,
    report: &mut Report,
) -> Result<Document, Failure> {
    let whole = Place { file: file.into(), line: pack.map_or(0, |pack| pack.line), column: pack.map_or(0, |pack| pack.column) };
    let (mut names, mut rules) = (Names::default(), Vec::<PolicyRule>::new());
    for rule in compiled.rules() {
        let place = pack.and_then(|pack| place_of(pack, &rule.id, file)).unwrap_or_else(|| whole.clone());
        let object = format!("rule {}", report.word(&rule.id));
        let Some(given) = names.label(&rule.id, "rule") else { continue };
        let outcome = translate(rule, given.name, words, report);
        for said in outcome.said {
            let (kind, said) = match said.strip_prefix("left out: ") {
                Some(why) => (Kind::LeftOut, why.to_owned()),
                None => (Kind::Changed, said),
            };
            report.add(kind, &place, &object, said);
        }
        let Some(new) = outcome.rule else { continue };
        match rules.iter_mut().find(|known| known.conditions == new.conditions) {
            None => rules.push(new),
            // Rules that became alike: what stops stays, and of two of a kind the one that decided.
            Some(known) => {
                let stricter = rank(new.effect) < rank(known.effect);
                report.add(
                    Kind::Changed,
                    &place,
                    &object,
                    format!("asks for what rule {} asks for: the stricter stays", known.name),
                );
                if stricter {
                    *known = new;
                }
            }
        }
    }
    // What stops comes first: when there are too many, admitting ones are left out.
    rules.sort_by_key(|rule| rank(rule.effect) / 2);
    let stopping = rules.iter().filter(|rule| rank(rule.effect) < 2).count();
    if stopping > MAX_RULES {
        let message = format!("{whole}: more than {MAX_RULES} rules that stop something, and a Policy holds no more");
        return Err(Failure::new(Exit::Manifest, message).help("put together what they have in common; nothing was written"));
    }
    if let Some(left) = rules.len().checked_sub(MAX_RULES).filter(|left| *left > 0) {
        rules.truncate(MAX_RULES);
        report.add(Kind::LeftOut, &whole, "policy pack", format!("{left} rules that admit: a Policy holds {MAX_RULES}"));
    }
    if rules.is_empty() {
        report.add(Kind::Changed, &whole, "policy pack", "none of its rules is left: everything it selects is denied");
    }
    let spec = PolicySpec {
        target_selector: LabelSelector { match_labels: labels, ..LabelSelector::default() },
        check_selector: LabelSelector::default(),
        rules,
    };
    let name = taken.subdomain(compiled.id(), "policy").map(|named| named.name);
    let name = name.ok_or_else(|| Failure::new(Exit::Manifest, "the policy pack has no usable name"))?;
    let title = format!("pack {} version {}", report.word(compiled.id()), report.word(compiled.version()));
    let comments = vec![format!("From {title} at {}.", origin(&whole))];
    Ok(Document { comments, object: Object::Policy(Box::new(manifest("Policy", name, Labels::new(), spec))) })
}

const fn rank(effect: PolicyEffect) -> u8 {
    match effect {
        PolicyEffect::Deny => 0,
        PolicyEffect::ApprovalRequired => 1,
        PolicyEffect::AllowWithObligations => 2,
        PolicyEffect::Allow => 3,
    }
}

/// Where the rule of an id stands.
fn place_of(pack: &Located, id: &str, file: &str) -> Option<Place> {
    let named = |rule: &&Located| {
        ["rule_id", "id"].iter().any(|key| rule.get(key).and_then(super::super::super::catalog::scalar).as_deref() == Some(id))
    };
    let rule = pack.get("rules").and_then(Located::list)?.iter().find(named)?;
    Some(super::super::item::place(file, rule))
}
