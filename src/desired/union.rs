//! Unions: exactly one of several fields.

use super::report::{Report, Scope};
use crate::api::{ValueFrom, reason};

/// Checks that exactly one of the named fields is set; `path` is where the union stands.
pub(super) fn exactly_one(report: &mut Report, scope: &Scope<'_>, path: &str, fields: &[(&str, bool)]) -> bool {
    let names = || fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let set: Vec<&str> = fields.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
    match set.as_slice() {
        [_] => true,
        [] => {
            report.error(scope, path, reason::UNION, format!("exactly one of {} must be set, none is", names()));
            false
        }
        several => {
            let message = format!("exactly one of {} must be set, here are {}", names(), several.join(" and "));
            report.error(scope, path, reason::UNION, message);
            false
        }
    }
}

/// Checks that at most one of two fields is set.
pub(super) fn at_most_one(report: &mut Report, scope: &Scope<'_>, path: &str, fields: [(&str, bool); 2]) {
    if let [(first, true), (second, true)] = fields {
        report.error(scope, path, reason::UNION, format!("{first} and {second} exclude each other: remove one"));
    }
}

/// Checks a value that stands elsewhere.
pub(super) fn value_from(report: &mut Report, scope: &Scope<'_>, path: &str, value: &ValueFrom) {
    let fields = [
        ("file", value.file.is_some()),
        ("secretKeyRef", value.secret_key_ref.is_some()),
        ("configMapKeyRef", value.config_map_key_ref.is_some()),
    ];
    exactly_one(report, scope, path, &fields);
}

/// Reports every key that stands twice in a list map; `path` is the list, `field` the key's field.
pub(super) fn unique<'k>(report: &mut Report, scope: &Scope<'_>, path: &str, field: &str, keys: impl Iterator<Item = &'k str>) {
    let mut seen = std::collections::BTreeSet::new();
    for (index, key) in keys.enumerate() {
        if !seen.insert(key) {
            report.error(
                scope,
                &format!("{path}[{index}].{field}"),
                reason::DUPLICATE_KEY,
                format!("`{key}` stands twice in {path}"),
            );
        }
    }
}
