//! The stage itself.

use std::sync::Arc;

use super::check::ExpectCheck;
use super::connection::Context;
use super::digest;
use super::draft::{Draft, Drafts};
use super::model::{ConnectionConfig, Desired, DesiredTarget, ResolvedConnection};
use super::pairs::Meeting;
use super::report::Report;
use super::select::Index;
use super::{expand, policy, sink, via};
use crate::api::{Digest, Object, SubdomainName, reason, uid};
use crate::profile::Profile;
use crate::source::Snapshot;
use std::collections::BTreeMap;

/// Everything that is wanted, with nothing left to look up. Pure.
///
/// `check_expect` judges one expectation against the JSON Schema of the intent's facts contract; its error is a lower-case
/// fragment that says what is wrong. Errors of a Target or a Check cost its own pairs, errors between the two cost that pair.
pub fn build(snapshot: &Snapshot, profile: &Profile, check_expect: &ExpectCheck<'_>) -> Desired {
    let mut report = Report::new(snapshot.problems.clone());
    let context = Context::new(profile);
    let mut drafts = expand::drafts(&mut report, snapshot, &context);
    via::resolve(&mut report, &mut drafts);
    let targets: Vec<Option<Arc<DesiredTarget>>> = drafts.list.iter().map(finish).collect();
    let mut meeting = Meeting {
        drafts: &drafts,
        targets: &targets,
        index: Index::new(&drafts),
        profile,
        check_expect,
        checks: BTreeMap::new(),
        pairs: Vec::new(),
    };
    let mut policies = Vec::new();
    let mut sinks = BTreeMap::new();
    for document in &snapshot.documents {
        match &document.object {
            Object::Check(manifest) => meeting.check(&mut report, document, manifest),
            Object::Policy(manifest) => {
                let policy = policy::read(&mut report, &document.origin, manifest, profile);
                policies.push((Some((document, manifest)), policy));
            }
            Object::Sink(manifest) => {
                if let Some(sink) = sink::read(&mut report, &document.origin, manifest) {
                    sinks.insert((sink.namespace.clone(), sink.name.clone()), Arc::new(sink));
                }
            }
            Object::Target(_) | Object::TargetSet(_) => {}
        }
    }
    let Meeting { checks, mut pairs, .. } = meeting;
    pairs.sort_unstable_by(|left, right| left.id.cmp(&right.id));
    policies.extend(snapshot.lost_policies.iter().map(|lost| (None, policy::lost(lost))));
    for (written, policy) in &policies {
        let Some((document, manifest)) = written else { continue };
        if !pairs.iter().any(|pair| policy.selects(pair)) {
            let scope = policy::scope(&document.origin, manifest);
            let message = "this Policy selects no pair: it decides nothing";
            report.warn(&scope, "", reason::EMPTY_SELECTION, message);
        }
    }
    Desired {
        pairs,
        targets: by_name(&drafts, &targets),
        checks,
        policies: policies.into_iter().map(|(_, policy)| Arc::new(policy)).collect(),
        sinks,
        problems: report.finish(),
        manifest_digest: snapshot.digest,
        revision: snapshot.revision.clone(),
    }
}

fn by_name(drafts: &Drafts<'_>, targets: &[Option<Arc<DesiredTarget>>]) -> BTreeMap<super::draft::Key, Arc<DesiredTarget>> {
    drafts.by_key.iter().filter_map(|(key, index)| Some((key.clone(), Arc::clone(targets.get(*index)?.as_ref()?)))).collect()
}

/// A valid draft as a Target; `None` when it has errors.
fn finish(draft: &Draft<'_>) -> Option<Arc<DesiredTarget>> {
    if !draft.valid {
        return None;
    }
    let mut parents = draft.body.depends_on.clone();
    let mut hops: Vec<SubdomainName> = Vec::new();
    for hop in draft.body.connections.values().flat_map(|connection| &connection.via) {
        for list in [&mut parents, &mut hops].into_iter().filter(|list| !list.contains(hop)) {
            list.push(hop.clone());
        }
    }
    let mut parts = vec![draft.written];
    let mut connections = BTreeMap::new();
    for (name, connection) in &draft.body.connections {
        if let ConnectionConfig::Ssh(config) = &connection.config {
            // A hop's spec is not part of this one: what it resolved to is.
            parts.extend(config.via.iter().map(|hop| digest::ssh(hop)));
        }
        let resolved = ResolvedConnection {
            name: name.clone(),
            config: connection.config.clone(),
            parameters: connection.parameters.clone(),
            digest: digest::connection(&connection.config, &connection.parameters),
        };
        connections.insert(name.clone(), resolved);
    }
    Some(Arc::new(DesiredTarget {
        namespace: draft.namespace.clone(),
        name: draft.name.clone(),
        uid: uid("Target", draft.namespace.as_str(), draft.name.as_str()),
        labels: draft.labels.clone(),
        r#type: draft.body.r#type,
        criticality: draft.body.criticality,
        hops,
        depends_on: parents,
        connections,
        suspend: draft.suspend,
        spec_digest: Digest::of_parts(parts.iter().map(|part| &part.as_bytes()[..])),
        place: draft.place.clone(),
        set: draft.set.clone(),
        not_in_effect: draft.body.not_in_effect.clone(),
    }))
}
