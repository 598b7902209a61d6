//! References to values that stand elsewhere: checked here, read where a connection is made.

use super::model::ValueSource;
use super::report::{Report, Scope};
use super::union::value_from;
use crate::api::{SecretId, SecretKeyRef, ValueFrom, reason};

/// The secret that a reference names from an object's namespace; reports a key that can not be one.
pub(super) fn secret_id(report: &mut Report, scope: &Scope<'_>, path: &str, reference: &SecretKeyRef) -> Option<SecretId> {
    let id = SecretId::new(&scope.namespace, reference);
    if id.is_none() {
        report.error_with_help(scope, &format!("{path}.key"), reason::BAD_VALUE, "bad key of a secret", SecretId::KEY_RULE);
    }
    id
}

/// A value source; `Err` names the field that has no effect yet. `path` is the whole path of `field`.
pub(super) fn value_source(
    report: &mut Report,
    scope: &Scope<'_>,
    path: &str,
    field: &str,
    from: &ValueFrom,
) -> Result<ValueSource, String> {
    value_from(report, scope, path, from);
    if from.config_map_key_ref.is_some() {
        return Err(format!("{field}.configMapKeyRef"));
    }
    if let Some(reference) = &from.secret_key_ref
        && let Some(id) = secret_id(report, scope, &format!("{path}.secretKeyRef"), reference)
    {
        return Ok(ValueSource::Secret(id));
    }
    Ok(ValueSource::File(scope.origin.directory.join(from.file.as_deref().unwrap_or_default())))
}
