//! `tecrax explain escalation/NAME`: the pair that is behind an Escalation.

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::get::absent;
use crate::reaction::escalation::Matter;

/// Name of the Observation that tells why there is an Escalation of that name: that of the pair which has claimed it longest, of a
/// group that of the member that began first.
///
/// # Errors
/// [`Exit::Config`] when there is none of that name, or when no run is known behind it; the store's.
pub fn leading(context: &Context<'_>, namespace: &str, name: &str) -> Result<String, Failure> {
    let Some(db) = context.db()? else {
        return Err(Failure::new(Exit::Config, format!("no escalation named `{name}`")).help(context.nothing_yet()?));
    };
    let all = db.escalations()?;
    let here = || all.values().filter(|state| state.id.namespace.as_str() == namespace);
    let Some(state) = here().find(|state| state.id.name.as_str() == name) else {
        let known: Vec<String> = here().map(|state| state.id.name.to_string()).collect();
        return Err(absent("escalation", name, &[name], &known));
    };
    state.matter.as_ref().and_then(observation).ok_or_else(|| {
        let message = format!("no run is known behind escalation/{name}");
        Failure::new(Exit::Config, message).help(format!("`tecrax describe escalation/{name}` tells whom it is about"))
    })
}

fn observation(matter: &Matter) -> Option<String> {
    let claim = matter.claims.iter().min_by_key(|claim| claim.since);
    match (claim, &matter.target) {
        (Some(claim), Some(target)) => Some(format!("{}.{target}", claim.check)),
        _ => matter.context.run.as_ref().map(|run| run.pair.clone()),
    }
}
