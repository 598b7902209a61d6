//! A bad edit costs only itself: the last good version of each object stays in force. It is kept in the store, so that a restart, another
//! process and `--once` go on with it as well.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::Engine;
use super::inputs::{Inputs, refuse_edited};
use crate::api::{Object, PairId, SubdomainName};
use crate::desired::{Desired, Good, Held, Lost, Mend, build, mend};
use crate::facts;
use crate::secrets::Redactor;
use crate::source::{Document, Kept, Origin, Snapshot};
use crate::status::{WantedCheck, WantedSink, WantedTarget};
use crate::store::{DesiredRow, KnownObject, ObjectKey, StoreError};

/// Rows of this kind hold the last good text of a document; they are named `Kind/name`.
const DOCUMENT: &str = "Document";

/// What is desired, with the last good versions of what has errors.
pub(super) struct Holding {
    pub desired: Desired,
    /// Objects whose last good version is in force.
    pub held: BTreeSet<Held>,
    /// What is good as it stands now.
    pub texts: Vec<Text>,
    /// Rows that stay although nothing of it is desired: errors may hide it.
    pub rows: Vec<DesiredRow>,
}

/// The text of one document, to be kept.
#[derive(Debug)]
pub(super) struct Text {
    namespace: String,
    name: String,
    origin: Origin,
}

impl Text {
    /// `None` for a Policy: what a broken one would have judged is denied, so it has a memory of its own.
    fn of(document: &Document) -> Option<Self> {
        let (kind, namespace, name) = document.identity();
        let text = || Self { namespace: namespace.to_string(), name: format!("{kind}/{name}"), origin: document.origin.clone() };
        (kind != "Policy").then(text)
    }

    /// As a row. One that may hold a secret is not written down: it lasts as long as this process.
    pub(super) fn row(&self, redactor: &Redactor) -> Option<DesiredRow> {
        let kept = Kept::of(&self.origin)?;
        if matches!(redactor.redact_str(&kept.text), Cow::Owned(_)) {
            tracing::debug!("{} seems to hold a secret: its last good version is not kept", self.name);
            return None;
        }
        let value = serde_json::to_string(&Kept { file: absolute(&kept.file), ..kept }).ok()?;
        Some(DesiredRow { kind: DOCUMENT, namespace: self.namespace.clone(), name: self.name.clone(), value })
    }
}

/// Builds what is desired. `before`: what this process has in force, for what the store could not keep.
///
/// # Errors
/// The store's.
pub(super) async fn hold(
    engine: &Engine,
    snapshot: &Snapshot,
    source: &str,
    known: &HashMap<ObjectKey, KnownObject>,
    before: Option<&Inputs>,
) -> Result<Holding, StoreError> {
    let make = |snapshot: &Snapshot| {
        let mut desired = build(snapshot, &engine.profile, &facts::check_path);
        refuse_edited(&mut desired, known);
        desired
    };
    let mut desired = make(snapshot);
    if Lost::of(&desired.problems, &absolute).is_nothing() {
        let texts = snapshot.documents.iter().filter_map(Text::of).collect();
        return Ok(Holding { desired, held: BTreeSet::new(), texts, rows: Vec::new() });
    }
    let old = engine.store.desired_by(source.to_owned(), DOCUMENT).await?;
    let wanted = Wants::of(&desired);
    let good: Vec<Good> = old.iter().filter(|row| !wanted.has_document(row)).filter_map(good).collect();
    let mut held = BTreeSet::new();
    let mut mended = None;
    // What can not be read comes first: what refers to it is not at fault.
    for what in [Mend::Unread, Mend::Invalid] {
        let lost = Lost::of(&desired.problems, &absolute);
        let current = mended.as_ref().unwrap_or(snapshot);
        let Some(more) = mend(current, &desired, &lost, &good, what) else { continue };
        let problems = std::mem::take(&mut desired.problems);
        desired = make(&more.snapshot);
        if what == Mend::Invalid {
            desired.problems = problems;
        }
        held.extend(more.held);
        mended = Some(more.snapshot);
    }
    drop(mended);
    let problems = desired.problems.clone();
    let lost = Lost::of(&problems, &absolute);
    if let Some(before) = before {
        keep(&mut desired, before, &lost, &mut held);
    }
    let good = snapshot.documents.iter().filter(|document| is_good(document, &desired, &held));
    let texts: Vec<Text> = good.filter_map(Text::of).collect();
    let rows = retained(engine, source, &desired, &lost, &held, old, &texts).await?;
    Ok(Holding { desired, held, texts, rows })
}

/// Takes over what the store could not bring back.
fn keep(desired: &mut Desired, before: &Inputs, lost: &Lost<'_>, held: &mut BTreeSet<Held>) {
    let mut kept = Vec::new();
    for pair in &before.desired.pairs {
        let (target, check) = (&pair.target, &pair.check);
        let target_key = (target.namespace.clone(), target.name.clone());
        let check_key = (check.namespace.clone(), check.name.clone());
        let set = target.set.as_ref();
        let hidden = |kind, name: &str, file: &str| lost.may_hide(kind, name, &absolute(file));
        let target_held = !desired.targets.contains_key(&target_key)
            && (hidden("Target", target.name.as_str(), &target.place.file)
                || set.is_some_and(|set| hidden("TargetSet", set.as_str(), &target.place.file)));
        let check_held = !desired.checks.contains_key(&check_key) && hidden("Check", check.name.as_str(), &check.place.file);
        let there =
            (target_held || desired.targets.contains_key(&target_key)) && (check_held || desired.checks.contains_key(&check_key));
        if (target_held || check_held) && there {
            kept.push((pair.clone(), target_held, check_held));
        }
    }
    for (pair, target_held, check_held) in kept {
        let namespace = &pair.id.namespace;
        if target_held {
            let name = pair.target.name.to_string();
            held.insert(Held { kind: "Target", namespace: namespace.clone(), name });
            desired.targets.entry((namespace.clone(), pair.target.name.clone())).or_insert_with(|| Arc::clone(&pair.target));
        }
        if check_held {
            let name = pair.check.name.to_string();
            held.insert(Held { kind: "Check", namespace: namespace.clone(), name });
            desired.checks.entry((namespace.clone(), pair.check.name.clone())).or_insert_with(|| Arc::clone(&pair.check));
        }
        desired.pairs.push(pair);
    }
    desired.pairs.sort_unstable_by(|left, right| left.id.cmp(&right.id));
    desired.pairs.dedup_by(|left, right| left.id == right.id);
}

/// Whether everything that the document declares is in force as it stands there.
fn is_good(document: &Document, desired: &Desired, held: &BTreeSet<Held>) -> bool {
    let (kind, namespace, name) = document.identity();
    let holds = |kind, name: &str| held.contains(&Held { kind, namespace: namespace.clone(), name: name.to_owned() });
    if holds(kind, name) {
        return false;
    }
    match &document.object {
        Object::Target(it) => desired.targets.contains_key(&(namespace.clone(), it.metadata.name.clone())),
        Object::Check(it) => desired.checks.contains_key(&(namespace.clone(), it.metadata.name.clone())),
        Object::Sink(it) => desired.sinks.contains_key(&(namespace.clone(), it.metadata.name.clone())),
        Object::TargetSet(it) => it.spec.items.iter().all(|item| {
            desired.targets.contains_key(&(namespace.clone(), item.name.clone())) && !holds("Target", item.name.as_str())
        }),
        Object::Policy(_) => false,
    }
}

fn good(row: &DesiredRow) -> Option<Good> {
    let kept: Kept = serde_json::from_str(&row.value).ok()?;
    Some(Good { document: kept.read()?, file: kept.file })
}

/// The old rows that errors may hide, so that what they stand for does not count as removed.
async fn retained(
    engine: &Engine,
    source: &str,
    desired: &Desired,
    lost: &Lost<'_>,
    held: &BTreeSet<Held>,
    documents: Vec<DesiredRow>,
    texts: &[Text],
) -> Result<Vec<DesiredRow>, StoreError> {
    let new: HashSet<(String, String)> = texts.iter().map(|text| (text.namespace.clone(), text.name.clone())).collect();
    let mut stay: HashSet<(String, String)> =
        held.iter().map(|held| (held.namespace.to_string(), format!("{}/{}", held.kind, held.name))).collect();
    for item in held.iter().filter(|held| held.kind == "Target") {
        let target = SubdomainName::parse(&item.name).ok().and_then(|name| desired.targets.get(&(item.namespace.clone(), name)));
        stay.extend(target.and_then(|target| Some((item.namespace.to_string(), format!("TargetSet/{}", target.set.as_ref()?)))));
    }
    let stays = |row: &DesiredRow, key: &(String, String)| {
        let Some((kind, name)) = row.name.split_once('/') else { return false };
        let file = || serde_json::from_str::<Kept>(&row.value).map(|kept| kept.file).unwrap_or_default();
        stay.contains(key) || lost.may_hide(kind, name, &file())
    };
    let documents = documents.into_iter().filter(|row| {
        let key = (row.namespace.clone(), row.name.clone());
        !new.contains(&key) && stays(row, &key)
    });
    let mut rows: Vec<DesiredRow> = documents.collect();
    let wanted = Wants::of(desired);
    let mut gone: HashMap<&str, HashSet<(String, String)>> = HashMap::new();
    for kind in ["Target", "Check", "Sink"] {
        for row in engine.store.desired_by(source.to_owned(), kind).await? {
            if !wanted.has(kind, &row.namespace, &row.name) && is_hidden(lost, &row) {
                gone.entry(kind).or_default().insert((row.namespace.clone(), row.name.clone()));
                rows.push(row);
            }
        }
    }
    let wanted: HashSet<String> = desired.pairs.iter().map(|pair| pair.id.to_string()).collect();
    for row in engine.store.desired_by(source.to_owned(), "Pair").await? {
        let Some(pair) = PairId::parse(&format!("{}/{}", row.namespace, row.name)) else { continue };
        let lacks =
            |kind: &str, name: &str| gone.get(kind).is_some_and(|gone| gone.contains(&(row.namespace.clone(), name.to_owned())));
        let id = pair.to_string();
        if !wanted.contains(&id)
            && (at_odds(desired, lost, &pair) || lacks("Target", pair.target.as_str()) || lacks("Check", pair.check.as_str()))
        {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Whether an error says why two that are both there do not make a pair; the Check is named when there are many.
fn at_odds(desired: &Desired, lost: &Lost<'_>, pair: &PairId) -> bool {
    let there = desired.targets.contains_key(&(pair.namespace.clone(), pair.target.clone()))
        && desired.checks.contains_key(&(pair.namespace.clone(), pair.check.clone()));
    there && (lost.names(&pair.to_string()) || lost.names(&format!("Check/{}", pair.check)))
}

/// What is desired, by kind, namespace and name.
struct Wants<'a>(HashSet<(&'static str, &'a str, &'a str)>);

impl<'a> Wants<'a> {
    fn of(desired: &'a Desired) -> Self {
        let targets = desired.targets.keys().map(|(namespace, name)| ("Target", namespace.as_str(), name.as_str()));
        let checks = desired.checks.keys().map(|(namespace, name)| ("Check", namespace.as_str(), name.as_str()));
        let sinks = desired.sinks.keys().map(|(namespace, name)| ("Sink", namespace.as_str(), name.as_str()));
        Self(targets.chain(checks).chain(sinks).collect())
    }

    fn has(&self, kind: &'static str, namespace: &str, name: &str) -> bool {
        self.0.contains(&(kind, namespace, name))
    }

    /// Whether the object of a text is desired. Of a TargetSet nobody knows without reading it.
    fn has_document(&self, row: &DesiredRow) -> bool {
        let Some((kind, name)) = row.name.split_once('/') else { return false };
        ["Target", "Check", "Sink"].into_iter().any(|known| kind == known && self.has(known, &row.namespace, name))
    }
}

fn is_hidden(lost: &Lost<'_>, row: &DesiredRow) -> bool {
    let (place, set) = match row.kind {
        "Target" => serde_json::from_str(&row.value).map(|it: WantedTarget| (it.place, it.set)),
        "Check" => serde_json::from_str(&row.value).map(|it: WantedCheck| (it.place, None)),
        _ => serde_json::from_str(&row.value).map(|it: WantedSink| (it.place, None)),
    }
    .unwrap_or_default();
    let file = absolute(file_of(&place));
    lost.may_hide(row.kind, &row.name, &file) || set.is_some_and(|set| lost.may_hide("TargetSet", &set, &file))
}

/// The file of a place that was written as text.
fn file_of(place: &str) -> &str {
    let cut = |text: &'_ str| -> usize {
        text.rsplit_once(':')
            .filter(|(_, tail)| !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()))
            .map_or(text.len(), |(head, _)| head.len())
    };
    let once = place.get(..cut(place)).unwrap_or(place);
    once.get(..cut(once)).unwrap_or(once)
}

/// A file by a name that does not depend on how its PATH was given.
fn absolute(file: &str) -> String {
    std::path::absolute(file)
        .map_or_else(|_| file.to_owned(), |path| path.components().collect::<std::path::PathBuf>().to_string_lossy().into_owned())
}
