//! Replies of JSON-RPC.

use serde_json::Value;

use crate::api::ErrorClass;
use crate::connect::Failure;
use crate::connect::answer::first_line;
use crate::secrets::Redactor;

/// Words by which Zabbix says that it does not take the token (it has spelled them differently over the years).
const REFUSALS: [&str; 6] = [
    "not authori",
    "session terminated",
    "re-login",
    "token expired",
    "no permissions to call",
    // From 7.2 on, a token in the body.
    "unexpected parameter \"auth\"",
];

/// Whether `value` is a good reply. `with_token` tells whether the request carried one.
pub(super) fn check(value: &Value, name: &str, with_token: bool, redactor: &Redactor) -> Result<(), Failure> {
    let error = value.get("error").filter(|error| is_truthy(error));
    let Some(error) = error else {
        if value.get("result").is_some() {
            return Ok(());
        }
        return Err(Failure::new(ErrorClass::UnexpectedAnswer, format!("{name} answers with no JSON-RPC reply")));
    };
    let text = |member: &str| match error.get(member) {
        None | Some(Value::Null) => None,
        // Zabbix without its database sends an empty `data`, and says what it has to say in `message`.
        Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
        Some(other) => Some(other.to_string()),
    };
    let said = [text("code"), text("data").or_else(|| text("message"))].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let said = if said.is_empty() { error.to_string() } else { said };
    let message = format!("{name} answers with an error: {}", first_line(&redactor.redact(said)));
    let lower = format!("{} {}", text("message").unwrap_or_default(), text("data").unwrap_or_default()).to_ascii_lowercase();
    if with_token && REFUSALS.iter().any(|words| lower.contains(words)) {
        return Err(Failure::new(ErrorClass::AuthRefused, message).next_step(
            "Check the token and its expiry, leave `auth.mode` at Auto, and let the web server pass the Authorization header on.",
        ));
    }
    Err(Failure::new(ErrorClass::ApiError, message))
}

/// What the peers of this protocol take for an error: anything but nothing.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}
