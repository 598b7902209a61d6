//! References between Targets: parents and hops.

use std::sync::Arc;

use super::cycle;
use super::draft::Drafts;
use super::model::{ConnectionConfig, SshConfig};
use super::report::Report;
use crate::api::{LabelName, SubdomainName, reason};

/// Most hops to one Target, those of the first hop included.
const MAX_HOPS: usize = 8;
/// Most names that a message about a cycle lists.
const MAX_NAMES: usize = 8;

/// Resolves `dependsOn` and `viaRefs`: unknown names, wrong hops, cycles and too many hops make a draft invalid.
pub(super) fn resolve(report: &mut Report, drafts: &mut Drafts<'_>) {
    let edges: Vec<Vec<usize>> = (0..drafts.list.len()).map(|index| parents(report, drafts, index)).collect();
    for group in cycle::find(&edges) {
        broken_by_cycle(report, drafts, &group);
    }
    // All chains are read before any is applied: a hop's own configuration stays without hops.
    let connections = with_hops(drafts);
    let chains: Vec<Chain> = connections.iter().map(|(index, role)| chain(drafts, *index, role)).collect();
    for ((index, role), chain) in connections.iter().zip(chains) {
        apply(report, drafts, *index, role, chain);
    }
}

/// Indices of the Targets that one draft refers to; reports the unknown ones.
fn parents(report: &mut Report, drafts: &mut Drafts<'_>, index: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut unknown: Vec<(String, SubdomainName)> = Vec::new();
    let Some(draft) = drafts.list.get(index) else { return found };
    if draft.body.depends_on.is_empty() && draft.body.connections.values().all(|connection| connection.via.is_empty()) {
        return found;
    }
    let depends = draft.body.depends_on.iter().enumerate().map(|(at, name)| (format!("dependsOn[{at}].name"), name));
    let hops = draft.body.connections.values().flat_map(|connection| {
        let list = connection.index;
        let path = move |at| format!("connections[{list}].ssh.viaRefs[{at}].name");
        connection.via.iter().enumerate().map(move |(at, name)| (path(at), name))
    });
    for (path, name) in depends.chain(hops) {
        match drafts.get(&draft.namespace, name) {
            Some(parent) => found.push(parent),
            None => unknown.push((path, name.clone())),
        }
    }
    if !unknown.is_empty() {
        let (namespace, scope) = (draft.namespace.clone(), draft.scope.clone());
        for (path, name) in unknown {
            let message = format!("there is no Target `{name}` in namespace `{namespace}`");
            let names = drafts.by_key.keys().filter(|(other, _)| *other == namespace).map(|(_, name)| name.as_str());
            report.unknown(&scope, &path, reason::UNKNOWN_REFERENCE, message, name.as_str(), names);
        }
        invalidate(drafts, index);
    }
    found
}

fn invalidate(drafts: &mut Drafts<'_>, index: usize) {
    if let Some(draft) = drafts.list.get_mut(index) {
        draft.valid = false;
    }
}

fn broken_by_cycle(report: &mut Report, drafts: &mut Drafts<'_>, group: &[usize]) {
    let names: Vec<&str> =
        group.iter().take(MAX_NAMES).filter_map(|index| Some(drafts.list.get(*index)?.name.as_str())).collect();
    let more = if group.len() > MAX_NAMES { " and others" } else { "" };
    let message = match names.as_slice() {
        [only] => format!("`{only}` refers to itself"),
        _ => format!("these Targets refer to each other in a circle: {}{more}", names.join(", ")),
    };
    if let Some(first) = group.first().and_then(|index| drafts.list.get(*index)) {
        let closes = |name: &SubdomainName| drafts.get(&first.namespace, name).is_some_and(|parent| group.contains(&parent));
        let depends = first.body.depends_on.iter().position(closes).map(|at| format!("dependsOn[{at}].name"));
        let path = depends.or_else(|| {
            first.body.connections.values().find_map(|connection| {
                let at = connection.via.iter().position(closes)?;
                Some(format!("connections[{}].ssh.viaRefs[{at}].name", connection.index))
            })
        });
        report.error(&first.scope.clone(), &path.unwrap_or_default(), reason::UNKNOWN_REFERENCE, message);
    }
    for index in group {
        invalidate(drafts, *index);
    }
}

fn with_hops(drafts: &Drafts<'_>) -> Vec<(usize, LabelName)> {
    let mut list = Vec::new();
    for (index, draft) in drafts.list.iter().enumerate().filter(|(_, draft)| draft.valid) {
        for (role, connection) in &draft.body.connections {
            if !connection.via.is_empty() {
                list.push((index, role.clone()));
            }
        }
    }
    list
}

/// The hops to one connection in order.
type Chain = Result<Vec<Arc<SshConfig>>, Stop>;

/// Why a chain of hops is not usable.
enum Stop {
    /// The hop at this position is wrong in itself.
    BadHop(usize, String),
    /// There are more than [`MAX_HOPS`].
    TooMany,
    /// A hop's own connection has no effect in this version.
    Idle(String),
}

/// The whole chain to a connection: as with ssh's ProxyJump, the hops of the first hop come before it, and every later hop is
/// reached through the one before, whatever its own `viaRefs` say.
fn chain(drafts: &Drafts<'_>, index: usize, role: &LabelName) -> Chain {
    let mut chain: Vec<Arc<SshConfig>> = Vec::new();
    let mut current = drafts.list.get(index).and_then(|draft| Some((draft, draft.body.connections.get(role)?)));
    let mut outermost = true;
    while let Some((draft, connection)) = current {
        let mut part = Vec::with_capacity(connection.via.len() + chain.len());
        let mut first = None;
        for (position, name) in connection.via.iter().enumerate() {
            // Whatever is wrong behind the first hop is told at the first hop of the Target itself.
            let at = if outermost { position } else { 0 };
            let Some(hop) = drafts.get(&draft.namespace, name).and_then(|hop| drafts.list.get(hop)) else {
                return Err(Stop::BadHop(at, format!("hop `{name}` leads to a Target that does not exist")));
            };
            let Some(os) = hop.hop() else {
                let idle = hop.body.connections.values().find_map(|connection| match &connection.config {
                    ConnectionConfig::NotInEffect(why) if hop.valid => Some(why.clone()),
                    _ => None,
                });
                return Err(match idle {
                    Some(why) => Stop::Idle(format!("hop `{name}`: {why}")),
                    None => Stop::BadHop(at, format!("hop `{name}` must be a Host with an ssh connection `os`")),
                });
            };
            if !hop.valid {
                return Err(Stop::BadHop(at, format!("hop `{name}` has errors of its own")));
            }
            let ConnectionConfig::Ssh(config) = &os.config else { continue };
            part.push(Arc::clone(config));
            if position == 0 {
                first = Some((hop, os));
            }
        }
        part.append(&mut chain);
        chain = part;
        if chain.len() > MAX_HOPS {
            return Err(Stop::TooMany);
        }
        current = first;
        outermost = false;
    }
    Ok(chain)
}

fn apply(report: &mut Report, drafts: &mut Drafts<'_>, index: usize, role: &LabelName, chain: Chain) {
    let Some(draft) = drafts.list.get_mut(index) else { return };
    let Some(connection) = draft.body.connections.get_mut(role) else { return };
    let path = format!("connections[{}].ssh.viaRefs", connection.index);
    match chain {
        Ok(chain) => {
            if let ConnectionConfig::Ssh(config) = &mut connection.config {
                *config = Arc::new(SshConfig { via: chain, ..config.as_ref().clone() });
            }
        }
        Err(Stop::Idle(sentence)) => {
            connection.config = ConnectionConfig::NotInEffect(sentence.clone());
            let scope = draft.scope.clone();
            super::idle::note(report, &scope, &path, sentence, &mut draft.body.not_in_effect);
        }
        Err(Stop::BadHop(at, message)) => {
            draft.valid = false;
            report.error(&draft.scope, &format!("{path}[{at}].name"), reason::UNKNOWN_REFERENCE, message);
        }
        Err(Stop::TooMany) => {
            draft.valid = false;
            let message = format!("more than {MAX_HOPS} hops, those of the first hop included");
            report.error(&draft.scope, &path, reason::BAD_VALUE, message);
        }
    }
}
