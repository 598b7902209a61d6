//! The page for people.

use super::super::python;
use crate::evidence::json::Json;

/// The page of a review record: verdict, checks, and what it does not claim. Ends with a line feed.
pub fn review_markdown(record: &Json) -> String {
    let shown = |value: Option<&Json>| python::text_of(value.unwrap_or(&Json::Null));
    let mut lines = vec!["# SCLite Review Record".to_owned(), String::new()];
    for key in ["verdict", "review_profile", "source_manifest"] {
        lines.push(format!("{key}: `{}`", shown(record.get(key))));
    }
    lines.extend([String::new(), "## Checks".to_owned()]);
    let list = |key: &str| record.get(key).and_then(Json::as_array).unwrap_or_default();
    for check in list("checks").iter().filter(|check| check.as_object().is_some()) {
        let [status, name, detail] = ["status", "name", "detail"].map(|key| shown(check.get(key)));
        lines.push(format!("- `{status}` — {name}: {detail}"));
    }
    lines.extend([String::new(), "## Non-claims".to_owned()]);
    lines.extend(list("non_claims").iter().map(|item| format!("- {}", python::text_of(item))));
    lines.push(String::new());
    lines.join("\n")
}
