//! The pair that a reaction asks about: another question on the same Target.

use std::sync::Arc;

use super::model::{DesiredCheck, Pair};
use super::{pairs, parameters};
use crate::profile::Intent;

/// The pair of `pair`'s Check and Target with another question. It keeps id, Target, time-out, retry and waivers, and the values of
/// parameters that both questions declare: it is asked about the same name. Other parameters have their defaults, and expectations,
/// which are about the facts of the old question, are none.
///
/// # Errors
/// Why the Target can not answer it, as the end of a sentence about the Target.
pub fn rerun(pair: &Pair, intent: &Arc<Intent>) -> Result<Pair, String> {
    if pair.check.intent.id == intent.id {
        return Ok(pair.clone());
    }
    let mut check = DesiredCheck::clone(&pair.check);
    check.intent = Arc::clone(intent);
    check.parameters = parameters::carried(&intent.parameters, &pair.check.parameters);
    check.expect = Vec::new();
    match pairs::misfit(intent, &pair.target) {
        Some(misfit) => Err(misfit.why),
        None => Ok(Pair { check: Arc::new(check), ..pair.clone() }),
    }
}
