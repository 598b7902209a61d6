//! The fields of an intent, in our form or in that of the Python stack (`catalog:`).

use serde_json::Value;

/// Fields that stand under `catalog` in the Python stack's form and beside `id` in ours.
const CATALOG: [&str; 5] = ["title", "summary", "side_effect_class", "target_kinds", "runbook"];

/// An intent as written.
pub(super) struct Words<'a> {
    pub intent: &'a Value,
    catalog: &'a Value,
    apart: bool,
}

impl<'a> Words<'a> {
    /// The fields; `None` when there is nothing for a catalog.
    pub fn of(intent: &'a Value) -> Option<Self> {
        if let Some(catalog) = intent.get("catalog").filter(|catalog| catalog.is_object()) {
            return Some(Self { intent, catalog, apart: true });
        }
        let flat = CATALOG.iter().any(|field| intent.get(*field).is_some());
        flat.then_some(Self { intent, catalog: intent, apart: false })
    }

    pub fn text(&self, field: &str) -> &'a str {
        text(self.catalog, field)
    }

    pub fn list(&self, field: &str) -> Vec<&'a str> {
        list(self.catalog, field)
    }

    /// Capabilities that are needed: ours names the one domain capability.
    pub fn capabilities(&self) -> Vec<&'a str> {
        let listed = self.list("required_capabilities");
        let own = self.intent.get("capability").and_then(Value::as_str).filter(|own| !own.is_empty());
        if self.apart { listed } else { listed.into_iter().chain(own).collect() }
    }

    pub fn validation(&self) -> &'a str {
        if self.apart { self.text("validation_ref") } else { self.text("validation") }
    }

    pub fn runbook(&self) -> &'a str {
        if self.apart { self.text("runbook_ref") } else { self.text("runbook") }
    }
}

/// A text field; empty when there is none.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of a list field.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
