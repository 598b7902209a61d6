//! Targets and TargetSets of a snapshot become drafts.

use std::sync::Arc;

use super::connection::{self, Context, OS_ROLE};
use super::draft::{self, Body, Draft, Drafts};
use super::model::ConnectionConfig;
use super::report::{Report, Scope};
use super::ssh;
use crate::api::{Digest, Manifest, Object, TargetItem, TargetSetSpec, TargetSpec, reason};
use crate::source::{Document, Origin, Snapshot};

/// Every Target and every item, in document order.
pub(super) fn drafts<'a>(report: &mut Report, snapshot: &'a Snapshot, context: &Context<'_>) -> Drafts<'a> {
    let mut drafts = Drafts::default();
    for document in &snapshot.documents {
        match &document.object {
            Object::Target(manifest) => target(report, document, context, manifest, &mut drafts),
            Object::TargetSet(manifest) => set(report, &document.origin, context, manifest, &mut drafts),
            Object::Check(_) | Object::Policy(_) | Object::Sink(_) => {}
        }
    }
    drafts
}

fn target<'a>(
    report: &mut Report,
    document: &'a Document,
    context: &Context<'_>,
    manifest: &'a Manifest<TargetSpec>,
    drafts: &mut Drafts<'a>,
) {
    let namespace = manifest.metadata.namespace.clone();
    let origin = &document.origin;
    let scope = Scope { origin, namespace, object: format!("Target/{}", manifest.metadata.name), base: "spec" };
    let before = report.errors();
    let body = draft::body(report, &scope, context, &manifest.spec, false);
    let draft = Draft {
        namespace: manifest.metadata.namespace.clone(),
        name: manifest.metadata.name.clone(),
        labels: manifest.metadata.labels.clone(),
        body,
        suspend: manifest.spec.suspend,
        set: None,
        place: origin.place(),
        written: document.spec,
        valid: report.errors() == before,
        scope,
    };
    drafts.add(report, draft, "metadata.name");
}

fn set<'a>(
    report: &mut Report,
    origin: &'a Origin,
    context: &Context<'_>,
    manifest: &'a Manifest<TargetSetSpec>,
    drafts: &mut Drafts<'a>,
) {
    let name = &manifest.metadata.name;
    let spec = &manifest.spec;
    let namespace = manifest.metadata.namespace.clone();
    let scope = Scope { origin, namespace, object: format!("TargetSet/{name}"), base: "spec.template.spec" };
    let before = report.errors();
    let body = draft::body(report, &scope, context, &spec.template.spec, true);
    let template_valid = report.errors() == before;
    let place = origin.place();
    for (index, item) in spec.items.iter().enumerate() {
        let path = format!("spec.items[{index}]");
        let before = report.errors();
        let whole = Scope { base: "", object: format!("Target/{}", item.name), ..scope.clone() };
        let mut written = spec.template.spec.clone();
        let body = fill(report, &whole, &path, &body, item, &mut written);
        let mut labels = spec.template.metadata.labels.clone();
        labels.extend(item.labels.clone());
        let draft = Draft {
            namespace: manifest.metadata.namespace.clone(),
            name: item.name.clone(),
            labels,
            body,
            suspend: written.suspend,
            set: Some(name.clone()),
            place: place.clone(),
            written: Digest::of_canonical(&written),
            valid: template_valid && report.errors() == before,
            scope: scope.clone(),
        };
        drafts.add(report, draft, &format!("{path}.name"));
    }
}

/// One item: its host, port and suspend put into the template.
fn fill(report: &mut Report, whole: &Scope<'_>, path: &str, body: &Body, item: &TargetItem, written: &mut TargetSpec) -> Body {
    let mut body = body.clone();
    written.suspend |= item.suspend;
    let template = written.connections.iter_mut().find(|connection| connection::filled_by_items(connection));
    let Some(template) = template.and_then(|connection| connection.ssh.as_mut()) else {
        for (field, given) in [("host", item.host.is_some()), ("port", item.port.is_some())] {
            if given {
                let message =
                    format!("item `{}` sets {field}, but the template has no ssh connection `{OS_ROLE}` to put it in", item.name);
                report.error(whole, &format!("{path}.{field}"), reason::BAD_VALUE, message);
            }
        }
        return body;
    };
    if let Some(host) = &item.host {
        ssh::host(report, whole, &format!("{path}.host"), host);
        connection::host_twice(report, whole, &format!("{path}.host"), template.host_from.is_some());
    }
    if item.port == Some(0) {
        report.error(whole, &format!("{path}.port"), reason::BAD_VALUE, "port 0 does not exist: write 1 to 65535");
    }
    if template.host_from.is_none() {
        let host = item.host.as_ref().or(template.host.as_ref());
        template.host = Some(host.map_or_else(|| item.name.to_string(), String::clone));
    }
    template.port = item.port.or(template.port);
    let os = body.connections.iter_mut().find(|(name, _)| name.as_str() == OS_ROLE).map(|(_, os)| os);
    if let Some(ConnectionConfig::Ssh(config)) = os.map(|os| &mut os.config) {
        let mut filled = config.as_ref().clone();
        filled.host = template.host.clone().unwrap_or_default();
        filled.port = template.port.unwrap_or(filled.port);
        *config = Arc::new(filled);
    }
    body
}
