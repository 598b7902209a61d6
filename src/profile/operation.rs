//! What an intent says of itself that no run needs: words for catalogs.

use super::raw;
use super::yaml::At;

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

impl OperationWords {
    pub(super) fn of(intent: &raw::Intent) -> Self {
        let text = |field: &Option<At<String>>| field.as_ref().map(|text| text.value.clone());
        let mut modes: Vec<String> = intent.modes.iter().map(|mode| mode.value.clone()).collect();
        modes.sort();
        Self { capability: text(&intent.capability), modes, validation: text(&intent.validation).unwrap_or_default() }
    }
}
