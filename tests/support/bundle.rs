//! Bundles made of changed artifacts, bound together again.

use tecrax::evidence::json::{Json, Limits, Object, pretty, read};
use tecrax::evidence::sclite::guard::{GuardKey, build_guard};
use tecrax::evidence::sclite::{Artifact, Bundle, ManifestHead, Member, layout, manifest, review_markdown, review_record};

/// Which artifact each link leads to, in the order in which they can be made.
const LINKS: [(usize, &str, usize); 10] = [
    (1, "intent", 0),
    (2, "intent", 0),
    (2, "policy_decision", 1),
    (3, "intent", 0),
    (3, "policy_decision", 1),
    (3, "execution_contract", 2),
    (4, "execution_contract", 2),
    (4, "execution_ticket", 3),
    (5, "execution_ticket", 3),
    (5, "execution_receipt", 4),
];

/// The six artifacts of a bundle.
pub fn artifacts(bundle: &Bundle) -> [Json; 6] {
    layout::LIFECYCLE.map(|(_, file)| read(bundle.get(file).expect(file), &Limits::UPSTREAM).expect(file).value)
}

/// The place `path` of a value; parts that are numbers lead into lists.
pub fn place<'a>(value: &'a mut Json, path: &[&str]) -> Option<&'a mut Json> {
    path.iter().try_fold(value, |value, part| match value {
        Json::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        other => other.as_object_mut()?.get_mut(part),
    })
}

/// Sets the member at `path`, or takes it out.
pub fn set(value: &mut Json, path: &[&str], to: Option<Json>) {
    let (last, parents) = path.split_last().expect("a path");
    let Some(parent) = place(value, parents).and_then(Json::as_object_mut) else { return };
    match to {
        Some(to) => drop(parent.insert((*last).to_owned(), to)),
        None => drop(parent.remove(last)),
    }
}

/// Points the links at the artifacts as they are now, where there are links.
pub fn relink(artifacts: &mut [Json; 6]) {
    for (source, name, target) in LINKS {
        let target = Artifact::of(artifacts[target].clone());
        if let Some(link) = place(&mut artifacts[source], &["links", name]).and_then(Json::as_object_mut) {
            link.insert("descriptor", target.descriptor().clone());
        }
        if name == "execution_contract" && source == 3 && artifacts[source].at(&["integrity"]).is_some() {
            let path = ["integrity", "ticket_binds_execution_contract_digest"];
            set(&mut artifacts[source], &path, Some(Json::from(target.digest())));
        }
    }
}

/// A bundle of these artifacts: manifest, record and page, and a guard when there is a key.
pub fn bundle(artifacts: &[Json; 6], chain_id: &str, key: Option<&GuardKey>) -> Bundle {
    let made = artifacts.each_ref().map(|value| Artifact::of(value.clone()));
    let members: Vec<Member<'_>> = layout::LIFECYCLE
        .iter()
        .zip(&made)
        .map(|((role, path), artifact)| Member { role, path, required: true, artifact })
        .collect();
    let head = ManifestHead { chain_id, created_at: "2026-03-04T09:15:00+00:00", profile: layout::LIFECYCLE_PROFILE };
    let manifest = manifest(&head, &members);
    let mut bundle = Bundle::new("bundle");
    for ((_, file), value) in layout::LIFECYCLE.iter().zip(artifacts) {
        bundle.insert(*file, pretty(value)).expect("an artifact");
    }
    bundle.insert(layout::MANIFEST, pretty(&manifest)).expect("the manifest");
    if let Ok(record) = review_record(&bundle, "2026-03-04T10:00:00+00:00") {
        bundle.insert(layout::REVIEW_PAGE, review_markdown(&record)).expect("the page");
        bundle.insert(layout::REVIEW_RECORD, pretty(&record)).expect("the record");
    }
    if let Some(key) = key {
        let nonces: Vec<String> = (0..6).map(|index| format!("nonce-{index}")).collect();
        let guard = build_guard(&manifest, key, "key-1", &nonces).expect("a guard");
        bundle.insert(layout::GUARD, pretty(&guard)).expect("the guard");
    }
    bundle
}

/// `bundle` with one file changed.
pub fn with(bundle: &Bundle, path: &str, bytes: Vec<u8>) -> Bundle {
    let mut changed = bundle.clone();
    changed.insert(path, bytes).expect("a file of a bundle");
    changed
}

/// `bundle` without one file.
pub fn without(bundle: &Bundle, path: &str) -> Bundle {
    let mut left = Bundle::new(bundle.label());
    for (name, bytes) in bundle.iter().filter(|(name, _)| *name != path) {
        left.insert(name, bytes).expect("a file of a bundle");
    }
    left
}

/// Every place in a value, as paths.
pub fn paths(value: &Json) -> Vec<Vec<String>> {
    let children: Vec<(String, &Json)> = match value {
        Json::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        Json::Object(members) => Object::iter(members).map(|(key, item)| (key.to_owned(), item)).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (part, child) in children {
        found.push(vec![part.clone()]);
        found.extend(paths(child).into_iter().map(|path| [vec![part.clone()], path].concat()));
    }
    found
}
