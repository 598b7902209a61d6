//! Manifests and known objects become what is desired.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::Engine;
use super::shown::Shown;
use crate::admission::Judge;
use crate::api::{Digest, LabelName, Namespace, PairId, Problem, Severity, SubdomainName, reason};
use crate::desired::policy::{Remembered, remember};
use crate::desired::{Desired, build};
use crate::evidence::Provenance;
use crate::facts;
use crate::secrets::Redactor;
use crate::source::Snapshot;
use crate::status::WantedPolicy;
use crate::store::{DesiredRow, KnownObject, ObjectKey, Seen, StoreError};

/// Kind of the objects whose generation runs bind.
const CHECK: &str = "Check";

/// Generation of each Check's spec.
type Generations = HashMap<(Namespace, LabelName), i64>;

/// What is desired, with everything that sealing needs to know of it.
#[derive(Debug)]
pub struct Inputs {
    /// The valid part of the manifests.
    pub desired: Desired,
    /// Who admits plans.
    pub judge: Judge,
    /// What every run binds.
    pub provenance: Provenance,
    /// Digest of the manifests' content.
    pub digest: Digest,
    /// Manifest files read.
    pub files: usize,
    /// Names the set of manifests.
    source: String,
    /// Objects that the store does not know, or not with this spec.
    news: Vec<(ObjectKey, Seen)>,
    /// Generation of each Check's spec as the store knew it before it took note of `news`.
    known: Generations,
    /// The same once it has: two processes that bring different specs at one moment get a generation each.
    generations: OnceCell<Generations>,
    /// Once these inputs are published: pairs with records that no set of manifests wants any more and that have no tombstone yet.
    orphans: OnceCell<Vec<PairId>>,
}

impl Inputs {
    /// Whether any problem is an error (exit code 65).
    pub fn has_errors(&self) -> bool {
        self.desired.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Generation of the spec of a pair's Check. The first to ask has the store take note of what is new.
    ///
    /// # Errors
    /// Those of the store; then the next call tries again.
    pub(super) async fn generation(&self, engine: &Engine, pair: &PairId) -> Result<i64, StoreError> {
        let generations = self.generations.get_or_try_init(async || self.observe(engine).await).await?;
        Ok(generations.get(&(pair.namespace.clone(), pair.check.clone())).copied().unwrap_or(1))
    }

    async fn observe(&self, engine: &Engine) -> Result<Generations, StoreError> {
        let mut generations = self.known.clone();
        if self.news.is_empty() {
            return Ok(generations);
        }
        let known = engine.store.observe(self.news.clone()).await?;
        for (key @ (_, namespace, name), _) in self.news.iter().filter(|((kind, ..), _)| kind == CHECK) {
            if let (Some(namespace), Some(name), Some(known)) =
                (Namespace::parse(namespace).ok(), LabelName::parse(name).ok(), known.get(key))
            {
                generations.insert((namespace, name), known.generation);
            }
        }
        Ok(generations)
    }

    /// Takes note of what is wanted, in the store: `get` and `status` answer from there. Done once; returns the pairs with records
    /// that no set of manifests wants any more and that have no tombstone yet.
    ///
    /// # Errors
    /// Those of the store; then the next call tries again.
    pub(super) async fn publish(&self, engine: &Engine) -> Result<&[PairId], StoreError> {
        let publish = async || {
            self.generations.get_or_try_init(async || self.observe(engine).await).await?;
            let errors = self.has_errors();
            let rows = rows(&self.desired, &engine.redactor)?;
            let digest = Digest::of_parts(
                rows.iter()
                    .flat_map(|row| [row.kind.as_bytes(), row.namespace.as_bytes(), row.name.as_bytes(), row.value.as_bytes()]),
            );
            engine.store.replace_desired(self.source.clone(), format!("{digest}/{errors}"), rows, errors).await?;
            engine.store.orphans().await
        };
        Ok(self.orphans.get_or_try_init(publish).await?)
    }

    /// Takes over the Sinks of `before`, and the pairs whose Check or Target these inputs do not show, as long as there are errors: a broken
    /// document proves nothing about what is absent, and its last good version keeps running.
    pub(super) fn keep_last_good(&mut self, before: &Self) {
        if !self.has_errors() {
            return;
        }
        let desired = &mut self.desired;
        let kept: Vec<_> = before
            .desired
            .pairs
            .iter()
            .filter(|pair| {
                let id = &pair.id;
                !desired.targets.contains_key(&(id.namespace.clone(), id.target.clone()))
                    || !desired.checks.contains_key(&(id.namespace.clone(), id.check.clone()))
            })
            .cloned()
            .collect();
        let generations = before.generations.get().unwrap_or(&before.known);
        for pair in &kept {
            let check = (pair.id.namespace.clone(), pair.id.check.clone());
            if let Some(generation) = generations.get(&check) {
                for ours in self.generations.get_mut().into_iter().chain([&mut self.known]) {
                    ours.entry(check.clone()).or_insert(*generation);
                }
            }
        }
        desired.pairs.extend(kept);
        for (key, sink) in &before.desired.sinks {
            desired.sinks.entry(key.clone()).or_insert_with(|| Arc::clone(sink));
        }
        desired.pairs.sort_unstable_by(|left, right| left.id.cmp(&right.id));
    }
}

/// Names the set of manifest paths: what one set stops wanting does not remove what another wants. A digest, because evidence
/// holds no absolute path. Symlinks are not followed: where they lead changes with every swap.
pub fn source_id(paths: &[PathBuf]) -> String {
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    // `manifests` and `manifests/` are one set: `absolute` keeps the slash, components do not.
    let mut absolute: Vec<String> =
        paths.iter().map(|path| absolute(path).components().collect::<PathBuf>().to_string_lossy().into_owned()).collect();
    absolute.sort();
    absolute.dedup();
    Digest::of_parts(absolute.iter().map(String::as_bytes)).short()
}

/// Builds what is desired, and drops the pairs whose immutable fields were edited.
///
/// # Errors
/// Those of the store.
pub async fn load(engine: &Engine, snapshot: &Snapshot, source: &str) -> Result<Inputs, StoreError> {
    let mut desired = build(snapshot, &engine.profile, &facts::check_path);
    engine.open.secrets.declare(desired.secrets());
    remember(&mut desired, remembered(engine.store.desired_by(source.to_owned(), "Policy").await?));
    let known = engine.store.objects().await?;
    let mut news = seen(&desired);
    refuse_edited(&mut desired, &known);
    let judge = engine.judge(&desired);
    let generations = desired
        .checks
        .keys()
        .filter_map(|(namespace, name)| {
            let known = known.get(&(CHECK.to_owned(), namespace.to_string(), name.to_string()))?;
            Some(((namespace.clone(), name.clone()), known.generation))
        })
        .collect();
    news.retain(|(key, seen)| known.get(key).is_none_or(|known| known.is_changed(seen)));
    let provenance = Provenance {
        manifest_digest: snapshot.digest,
        revision: snapshot.revision.as_ref().map(|revision| revision.commit.clone()),
        dirty: snapshot.revision.as_ref().is_some_and(|revision| revision.dirty),
        profile_digest: engine.profile.digest,
        tool_version: env!("CARGO_PKG_VERSION"),
    };
    Ok(Inputs {
        desired,
        judge,
        provenance,
        digest: snapshot.digest,
        files: snapshot.files,
        source: source.to_owned(),
        news,
        known: generations,
        generations: OnceCell::new(),
        orphans: OnceCell::new(),
    })
}

/// What the rows of earlier manifests say of their Policies. A row that can not be read counts as a Policy over everything.
pub fn remembered(rows: Vec<DesiredRow>) -> Vec<Remembered> {
    let policy = |row: DesiredRow| {
        let namespace = Namespace::parse(&row.namespace).ok()?;
        let wanted = serde_json::from_str(&row.value);
        let WantedPolicy { last_good, place, .. } = wanted.unwrap_or_else(|_| WantedPolicy::over_everything());
        Some(Remembered { namespace, name: row.name, selections: last_good, place })
    };
    rows.into_iter().filter_map(policy).collect()
}

/// Every Target and Check with its immutable fields.
fn seen(desired: &Desired) -> Vec<(ObjectKey, Seen)> {
    let targets = desired.targets.values().map(|target| {
        let key = ("Target".to_owned(), target.namespace.to_string(), target.name.to_string());
        (key, Seen { spec_digest: target.spec_digest, immutable: target.r#type.as_str().to_owned() })
    });
    let checks = desired.checks.values().map(|check| {
        let key = (CHECK.to_owned(), check.namespace.to_string(), check.name.to_string());
        (key, Seen { spec_digest: check.spec_digest, immutable: check.intent.id.clone() })
    });
    targets.chain(checks).collect()
}

/// An edited immutable field costs the pairs of that object, and says what to do instead.
fn refuse_edited(desired: &mut Desired, known: &HashMap<ObjectKey, KnownObject>) {
    let mut problems = Vec::new();
    let mut edited = |kind: &str, namespace: &str, name: &str, now: &str, field: &str, place: &crate::api::Place| {
        let key = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        let Some(before) = known.get(&key).filter(|known| known.immutable != now) else { return false };
        problems.push(
            Problem::error(reason::IMMUTABLE, format!("{field} was {} and is immutable", before.immutable))
                .at(place.clone())
                .about(format!("{kind}/{name}"))
                .help("use a new name for the changed object: its evidence is about another question"),
        );
        true
    };
    let mut bad_targets = Vec::new();
    for (key, target) in &desired.targets {
        if edited("Target", key.0.as_str(), key.1.as_str(), target.r#type.as_str(), "spec.type", &target.place) {
            bad_targets.push(key.clone());
        }
    }
    let mut bad_checks = Vec::new();
    for (key, check) in &desired.checks {
        if edited("Check", key.0.as_str(), key.1.as_str(), &check.intent.id, "spec.intent", &check.place) {
            bad_checks.push(key.clone());
        }
    }
    if problems.is_empty() {
        return;
    }
    desired.pairs.retain(|pair| {
        let id = &pair.id;
        !bad_targets.contains(&(id.namespace.clone(), id.target.clone()))
            && !bad_checks.contains(&(id.namespace.clone(), id.check.clone()))
    });
    desired.targets.retain(|key, _| !bad_targets.contains(key));
    desired.checks.retain(|key, _| !bad_checks.contains(key));
    desired.problems.append(&mut problems);
}

/// The rows that let `get` and `status` answer without manifests. They hold no secrets: a label or URL may be one by mistake.
fn rows(desired: &Desired, redactor: &Redactor) -> Result<Vec<DesiredRow>, StoreError> {
    let shown = Shown(redactor);
    let mut rows = Vec::with_capacity(desired.pairs.len() + desired.targets.len() + desired.checks.len());
    let mut push = |kind, namespace: &Namespace, name: String, value: Result<String, serde_json::Error>| {
        let value = value.map_err(|error| StoreError::Damaged { what: format!("{kind} {name}: {error}") })?;
        rows.push(DesiredRow { kind, namespace: namespace.to_string(), name, value });
        Ok::<_, StoreError>(())
    };
    for pair in &desired.pairs {
        push("Pair", &pair.id.namespace, pair.id.observation_name(), serde_json::to_string(&shown.pair(pair)))?;
    }
    for target in desired.targets.values() {
        push("Target", &target.namespace, target.name.to_string(), serde_json::to_string(&shown.target(target)))?;
    }
    for check in desired.checks.values() {
        push("Check", &check.namespace, check.name.to_string(), serde_json::to_string(&shown.check(check)))?;
    }
    for sink in desired.sinks.values() {
        push("Sink", &sink.namespace, sink.name.to_string(), serde_json::to_string(&shown.sink(sink)))?;
    }
    let mut policies: BTreeMap<(&Namespace, &str), WantedPolicy> = BTreeMap::new();
    for policy in &desired.policies {
        // One whose name can not be read has nothing to be looked up by.
        let Some(namespace) = policy.namespace.as_ref().filter(|_| SubdomainName::parse(&policy.name).is_ok()) else { continue };
        let pairs = desired.pairs.iter().filter(|pair| policy.selects(pair)).count();
        let wanted = shown.policy(policy, pairs);
        let key = (namespace, policy.name.as_str());
        // A second one of a name can not be used, and the first is still known.
        let wanted = match policies.remove(&key) {
            Some(first) => first.with(wanted),
            None => wanted,
        };
        policies.insert(key, wanted);
    }
    for ((namespace, name), wanted) in policies {
        push("Policy", namespace, name.to_owned(), serde_json::to_string(&wanted))?;
    }
    Ok(rows)
}
