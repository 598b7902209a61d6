//! Manifests and known objects become what is desired.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::Engine;
use super::hold::{Holding, hold};
use super::text::Text;
use crate::admission::Judge;
use crate::api::{Digest, LabelName, Namespace, PairId, Problem, Severity, reason};
use crate::desired::policy::{Remembered, remember};
use crate::desired::{Desired, Held, Pair, held_of};
use crate::evidence::Provenance;
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
    /// Objects whose last good version is in force, because they have errors.
    pub held: BTreeSet<Held>,
    /// To be published beside what is desired.
    beside: Mutex<(Vec<Text>, Vec<DesiredRow>)>,
    /// The digest of the rows, once they are published.
    published: OnceCell<String>,
}

impl Inputs {
    /// Whether any problem is an error (exit code 65).
    pub fn has_errors(&self) -> bool {
        self.desired.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Whether the pair is wanted.
    pub(super) fn wants(&self, pair: &PairId) -> bool {
        self.pair(pair).is_some()
    }

    /// Whether it is, and is not suspended.
    pub(super) fn runs(&self, pair: &PairId) -> bool {
        self.pair(pair).is_some_and(|pair| !pair.check.suspend && !pair.target.suspend)
    }

    /// Whether the pair runs as it is: nobody has edited its Check or its Target.
    pub(super) fn runs_as(&self, pair: &Pair) -> bool {
        self.runs(&pair.id) && self.pair(&pair.id).is_some_and(|wanted| wanted.spec_digest == pair.spec_digest)
    }

    /// The pair as it is wanted: they stand in the order of the ids.
    fn pair(&self, pair: &PairId) -> Option<&Pair> {
        let pairs = &self.desired.pairs;
        pairs.binary_search_by(|other| other.id.cmp(pair)).ok().and_then(|index| pairs.get(index))
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

    /// Takes note of what is wanted, in the store: `get` and `status` answer from there. Done once.
    ///
    /// # Errors
    /// Those of the store; then the next call tries again.
    pub(super) async fn publish(&self, engine: &Engine) -> Result<(), StoreError> {
        let publish = async || {
            self.generations.get_or_try_init(async || self.observe(engine).await).await?;
            let mut rows = self.rows(&engine.redactor)?;
            rows.extend(self.beside.lock().unwrap_or_else(PoisonError::into_inner).1.iter().cloned());
            // The texts are as many bytes as the manifests: they are only made when they are news, and their digest is known.
            let parts = rows
                .iter()
                .flat_map(|row| [row.kind.as_bytes(), row.namespace.as_bytes(), row.name.as_bytes(), row.value.as_bytes()]);
            let digest = Digest::of_parts(parts.chain([self.digest.as_bytes().as_slice()])).to_string();
            if engine.store.desired_digest(self.source.clone()).await?.as_ref() != Some(&digest) {
                self.texts(&mut rows, &engine.redactor);
                engine.store.replace_desired(self.source.clone(), digest.clone(), rows).await?;
            }
            // They keep whole manifests in memory.
            *self.beside.lock().unwrap_or_else(PoisonError::into_inner) = (Vec::new(), Vec::new());
            Ok::<_, StoreError>(digest)
        };
        self.published.get_or_try_init(publish).await?;
        Ok(())
    }

    fn texts(&self, rows: &mut Vec<DesiredRow>, redactor: &Redactor) {
        let beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        rows.extend(beside.0.iter().filter_map(|text| text.row(redactor)));
    }

    /// Whether the store still holds what was published.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn is_published(&self, engine: &Engine) -> Result<bool, StoreError> {
        let Some(digest) = self.published.get() else { return Ok(false) };
        Ok(engine.store.desired_digest(self.source.clone()).await?.as_ref() == Some(digest))
    }

    /// Objects among those that a pair is about whose last good version is in force.
    pub(super) fn held_of(&self, pair: &Pair) -> Vec<String> {
        held_of(&self.held, pair)
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
    load_after(engine, snapshot, source, None).await
}

/// The same for a process that has had `before` in force.
pub(super) async fn load_after(
    engine: &Engine,
    snapshot: &Snapshot,
    source: &str,
    before: Option<&Inputs>,
) -> Result<Inputs, StoreError> {
    let (policies, known) = tokio::join!(engine.store.desired_by(source.to_owned(), "Policy"), engine.store.objects());
    let (policies, known) = (policies?, known?);
    let Holding { mut desired, held, texts, rows } = hold(engine, snapshot, source, &known, before).await?;
    engine.open.secrets.declare(desired.secrets());
    remember(&mut desired, remembered(policies));
    let mut news = seen(&desired);
    let judge = engine.judge(&desired).await;
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
        held,
        beside: Mutex::new((texts, rows)),
        published: OnceCell::new(),
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
pub(super) fn refuse_edited(desired: &mut Desired, known: &HashMap<ObjectKey, KnownObject>) {
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
    let mut bad_targets = HashSet::new();
    for (key, target) in &desired.targets {
        if edited("Target", key.0.as_str(), key.1.as_str(), target.r#type.as_str(), "spec.type", &target.place) {
            bad_targets.insert(key.clone());
        }
    }
    let mut bad_checks = HashSet::new();
    for (key, check) in &desired.checks {
        if edited("Check", key.0.as_str(), key.1.as_str(), &check.intent.id, "spec.intent", &check.place) {
            bad_checks.insert(key.clone());
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
