//! What an intent says of itself that no run needs: words for catalogs.

use std::collections::BTreeMap;

use serde_json::Value;

/// Words of one intent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationWords {
    /// The domain capability it stands for.
    pub capability: Option<String>,
    /// Modes, sorted.
    pub modes: Vec<String>,
    /// Its rule file, inside the profile.
    pub validation: String,
}

/// The words of every intent file that parses.
pub(super) fn words(contents: &BTreeMap<String, Value>) -> BTreeMap<String, OperationWords> {
    let intents = contents.iter().filter(|(path, _)| path.starts_with("intents/"));
    intents.filter_map(|(_, content)| of(content.get("intent")?)).collect()
}

fn of(intent: &Value) -> Option<(String, OperationWords)> {
    let text = |field: &str| intent.get(field).and_then(Value::as_str).map(str::to_owned);
    let modes = intent.get("modes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut modes: Vec<String> = modes.map(str::to_owned).collect();
    modes.sort();
    let validation = text("validation").unwrap_or_default();
    Some((text("id")?, OperationWords { capability: text("capability"), modes, validation }))
}
