//! Escalations by the front door: what passes over manifests open, suppress, group and resolve.

mod explain;
mod life;
mod many;
mod parents;
mod processes;
mod proposal;
mod read;

use crate::support::engine::Rig;
use crate::support::log;
use tecrax::reaction::escalation::Matter;
use tecrax::status::EscalationState;
use tecrax::store::{Db, VerifyOptions, verify};

/// Every Escalation that the store knows, in the order of the names.
fn known(rig: &Rig) -> Vec<EscalationState> {
    Db::open_read_only(&rig.state()).unwrap().escalations().unwrap().into_values().collect()
}

fn matter(state: &EscalationState) -> &Matter {
    state.matter.as_ref().expect("a record that can be read")
}

/// Names of those for which a person is called.
fn calling(rig: &Rig) -> Vec<String> {
    known(rig).into_iter().filter(|state| state.calls(rig.at)).map(|state| state.id.name.to_string()).collect()
}

/// Reasons by which open ones are suppressed, sorted.
fn suppressed(rig: &Rig) -> Vec<String> {
    let known = known(rig);
    let mut reasons: Vec<String> = known
        .iter()
        .filter_map(|state| matter(state).suppressed.as_ref())
        .map(|suppressed| format!("{} {}", suppressed.reason.as_str(), suppressed.by))
        .collect();
    reasons.sort();
    reasons
}

/// What has happened to Escalations, in the order of the log: the change and the name without the digits of its key.
fn changes(rig: &Rig) -> Vec<String> {
    let row = |row: log::Row| {
        let name = row.pair.rsplit_once('/').unwrap().1.rsplit_once('.').unwrap().0.to_owned();
        format!("{} {name}", row.body["change"].as_str().unwrap())
    };
    log::escalations(&rig.state()).into_iter().map(row).collect()
}

/// The log is sound, and the states are what it folds to.
fn sound(rig: &Rig) {
    log::verify(&rig.state());
    let report = verify(&rig.state(), &VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{:?}", report.defects);
    assert_eq!(Db::open_read_only(&rig.state()).unwrap().replay().unwrap().different, 0);
}
