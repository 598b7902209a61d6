//! Rule files of the intents that are built.

use std::sync::LazyLock;

use tecrax::facts;
use tecrax::profile::{Profile, ValidationRule};

/// The rule file of an intent, as the bundled profile has it.
pub fn rule(intent: &str) -> Option<ValidationRule> {
    static PROFILE: LazyLock<Profile> =
        LazyLock::new(|| Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile"));
    PROFILE.intents.get(intent).map(|intent| intent.validation.clone())
}
