//! `tecrax.basic_host_inventory`: what a host is, and how full it is.
//!
//! 1.1 adds `root_filesystem.used_percent` and `root_filesystem.available_percent`, and names each component that was not
//! observed. Healthy means complete: the contract judges nothing else, thresholds belong into expectations.

mod filesystem;
mod memory;

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, text_at, to_1_0};
use super::finding::Finding;
use super::number::{clamp_count, clamp_load, float, integer};
use super::reading::{Context, Readings, stdout};
use super::subject::{Subject, always, by_scope, joins_none, no_effects};
use super::text::{collapse, cut, lines, part, tokens, trim};
use crate::api::Assessment;

/// Text that is kept of a one-line reading before a field bounds it again.
const LINE_MAX: usize = 512;
/// Largest text of the inventory.
const TEXT_MAX: usize = 256;
/// Largest name or target.
const NAME_MAX: usize = 128;
/// Largest id or version of an operating system.
const OS_ID_MAX: usize = 64;

const FRAME: Frame = Frame {
    id: "tecrax.basic_host_inventory",
    version: "1.1",
    requested: &["os", "kernel", "hostname", "uptime", "load", "root_filesystem", "memory"],
    non_claims: &["packages", "users", "processes", "network_listeners"],
};

/// What 1.0 says instead of naming components.
const NOT_OBSERVED_1_0: &str = "one_or_more_inventory_fields";

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_basic_host_inventory",
    state_key: "basic_host_inventory",
    components: &[
        ("os", &["read_os_release"]),
        ("kernel", &["read_kernel_identity"]),
        ("hostname", &["read_hostname"]),
        ("uptime", &["read_uptime"]),
        ("load", &["read_load_average"]),
        ("root_filesystem", &["read_filesystem_usage"]),
        ("memory", &["read_memory_summary"]),
    ],
    sees: always,
    keys: &[
        ("os", "os"),
        ("kernel", "kernel"),
        ("hostname", "hostname"),
        ("uptime", "uptime"),
        ("load_average", "load"),
        ("root_filesystem", "root_filesystem"),
        ("memory_mib", "memory"),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge: nothing,
    effects: no_effects,
    shows: by_scope,
    project,
};

fn normalize(readings: &Readings, context: &Context<'_>) -> Result<Value, NormalizeError> {
    let text = |step: &str| stdout(readings, step).unwrap_or_default();
    let line = |step: &str, limit: usize| collapse(&collapse(text(step), LINE_MAX), limit);
    let mut payload = json!({
        "target": collapse(context.target, NAME_MAX),
        "os": os(text("read_os_release")),
        "kernel": line("read_kernel_identity", TEXT_MAX),
        "hostname": line("read_hostname", NAME_MAX),
        "uptime": line("read_uptime", TEXT_MAX),
        "load_average": load(text("read_load_average")),
        "root_filesystem": filesystem::root(text("read_filesystem_usage")),
        "memory_mib": memory::mib(text("read_memory_summary")),
    });
    let seen = |component: &str| match component {
        "os" => !text_at(&payload, &["os", "id"]).is_empty(),
        "load" => !at(&payload, &["load_average", "one_minute"]).is_null(),
        "root_filesystem" => text_at(&payload, &["root_filesystem", "mounted_on"]) == "/",
        "memory" => !at(&payload, &["memory_mib", "total"]).is_null(),
        other => !text_at(&payload, &[other]).is_empty(),
    };
    let not_observed: Vec<&str> = FRAME.requested.iter().copied().filter(|component| !seen(component)).collect();
    let complete = not_observed.is_empty();
    if let Some(map) = payload.as_object_mut() {
        map.insert("complete".into(), complete.into());
    }
    FRAME.seal(payload, &not_observed, if complete { Assessment::Healthy } else { Assessment::Unknown })
}

/// The three keys of os-release that identify a system. Keys match exactly, later lines win, double quotes around go.
fn os(text: &str) -> Value {
    let field = |key: &str, limit: usize| {
        let value = lines(text).filter_map(|line| part(line, '=')).filter(|(name, _)| *name == key).last();
        collapse(cut(value.map_or("", |(_, value)| trim(value).trim_matches('"')), TEXT_MAX), limit)
    };
    json!({
        "pretty_name": field("PRETTY_NAME", TEXT_MAX),
        "id": field("ID", OS_ID_MAX),
        "version_id": field("VERSION_ID", OS_ID_MAX),
    })
}

/// `/proc/loadavg`: three loads, runnable/total, last pid. Fewer than five words say nothing.
fn load(text: &str) -> Value {
    let words: Vec<&str> = tokens(text).take(5).collect();
    let [one, five, fifteen, processes, _] = words.as_slice() else {
        return json!({
            "one_minute": null, "five_minutes": null, "fifteen_minutes": null,
            "runnable_processes": null, "total_processes": null,
        });
    };
    let (runnable, total) = part(processes, '/').map_or((*processes, None), |(left, right)| (left, Some(right)));
    let count = |word: &str| integer(word).map(clamp_count);
    json!({
        "one_minute": float(one).map(clamp_load),
        "five_minutes": float(five).map(clamp_load),
        "fifteen_minutes": float(fifteen).map(clamp_load),
        "runnable_processes": count(runnable),
        "total_processes": total.and_then(count),
    })
}

fn nothing(_: &Value) -> Vec<Finding> {
    Vec::new()
}

fn project(facts: &mut Map<String, Value>) {
    to_1_0(facts, Some(NOT_OBSERVED_1_0));
    if let Some(Value::Object(root)) = facts.get_mut("root_filesystem") {
        root.remove("used_percent");
        root.remove("available_percent");
    }
}
