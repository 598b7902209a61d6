//! A bad edit costs only itself: the last good version of each object stays in force. It is kept in the store, so that a restart, another
//! process and `--once` go on with it as well.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Engine;
use super::emptied::doubted;
use super::inputs::{Inputs, refuse_edited};
use super::past::Past;
use super::retained::{Wants, retained};
use super::text::{DOCUMENT, Text, absolute, good};
use crate::api::{Object, PairId};
use crate::desired::{Desired, Good, Held, Lost, Mend, build, mend};
use crate::facts;
use crate::profile::Profile;
use crate::source::{Document, Snapshot};
use crate::store::{Db, DesiredRow, KnownObject, ObjectKey, StoreError};

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
    let make = |snapshot: &Snapshot| make(&engine.profile, snapshot, known);
    let desired = make(snapshot);
    if is_whole(snapshot, &desired) {
        return Ok(Holding::whole(snapshot, desired));
    }
    let source = source.to_owned();
    let past = engine.store.ask(move |db| Past::read(db, &source)).await?;
    Ok(held(snapshot, desired, &make, &past, before))
}

/// What a pass over `snapshot` would have in force, asked of a state directory that may be read-only: what is desired, the objects whose last good
/// version it has, and the pairs beside it that errors may hide and that do not count as removed.
///
/// # Errors
/// The store's.
pub fn foreseen(
    profile: &Profile,
    snapshot: &Snapshot,
    db: &Db,
    source: &str,
) -> Result<(Desired, BTreeSet<Held>, Vec<PairId>), StoreError> {
    let known = db.objects()?;
    let make = |snapshot: &Snapshot| make(profile, snapshot, &known);
    let desired = make(snapshot);
    let holding = if is_whole(snapshot, &desired) {
        Holding::whole(snapshot, desired)
    } else {
        held(snapshot, desired, &make, &Past::read(db, source)?, None)
    };
    let hidden = holding.rows.iter().filter(|row| row.kind == "Pair");
    let hidden = hidden.filter_map(|row| PairId::parse(&format!("{}/{}", row.namespace, row.name))).collect();
    Ok((holding.desired, holding.held, hidden))
}

fn make(profile: &Profile, snapshot: &Snapshot, known: &HashMap<ObjectKey, KnownObject>) -> Desired {
    let mut desired = build(snapshot, profile, &facts::check_path);
    refuse_edited(&mut desired, known);
    desired
}

/// Whether nothing is wrong, and nothing is missed.
fn is_whole(snapshot: &Snapshot, desired: &Desired) -> bool {
    snapshot.bare.is_empty() && Lost::of(&desired.problems, &absolute).is_nothing()
}

impl Holding {
    fn whole(snapshot: &Snapshot, desired: Desired) -> Self {
        let texts = snapshot.documents.iter().filter_map(Text::of).collect();
        Self { desired, held: BTreeSet::new(), texts, rows: Vec::new() }
    }
}

/// What `snapshot`, which comes to `desired`, comes to with what is known of the past.
fn held(
    snapshot: &Snapshot,
    mut desired: Desired,
    make: &dyn Fn(&Snapshot) -> Desired,
    past: &Past,
    before: Option<&Inputs>,
) -> Holding {
    let doubted = doubted(snapshot, &desired, past);
    if let Cow::Owned(doubted) = &doubted {
        desired = make(doubted);
    }
    let snapshot = &*doubted;
    if Lost::of(&desired.problems, &absolute).is_nothing() {
        return Holding::whole(snapshot, desired);
    }
    let wanted = Wants::of(&desired);
    let old = past.of(DOCUMENT);
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
    let rows = retained(past, &desired, &lost, &held, &texts);
    Holding { desired, held, texts, rows }
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
