//! Runs of the diagnosis, which joins the readings of the others.

use tecrax::api::{Assessment, ErrorClass};
use tecrax::facts::{Reading, Readings};
use tecrax::profile::{Intent, Profile};

use super::readings::{failed, recorded, steps, written};
use super::scenarios::{Scenario, common, healthy, normalizer};

/// The intents whose readings it joins.
const JOINED: [&str; 8] = [
    "collect_basic_host_inventory",
    "check_ntp_health",
    "check_zabbix_container_health",
    "check_docker_services_health",
    "check_adguard_health",
    "check_portainer_health",
    "collect_host_security_posture_readonly",
    "check_ntp_server_health",
];

pub fn scenarios(profile: &Profile, intent: &Intent) -> Vec<Scenario> {
    let joined: Vec<&Intent> = JOINED.iter().map(|id| &*profile.intents[*id]).collect();
    let good: Readings =
        joined.iter().flat_map(|leaf| healthy(leaf)).filter(|(step, _)| steps(intent).contains(&step.as_str())).collect();
    let over = |readings: &Readings| {
        let mut all = good.clone();
        all.extend(readings.clone());
        all
    };
    let mut all = common(intent, &good);
    let mut wrong: Vec<(&str, Readings)> = Vec::new();
    for leaf in &joined {
        for (name, readings) in recorded(normalizer(leaf)).into_iter().chain(written(normalizer(leaf))) {
            let seen = Scenario::of(name.as_str(), readings.clone()).run(leaf).assessment;
            if seen > Assessment::Unknown && !wrong.iter().any(|(id, _)| *id == leaf.id) {
                wrong.push((&leaf.id, readings.clone()));
            }
            all.push(Scenario::of(format!("{}: {name}", leaf.id), over(&readings)));
        }
    }
    // One component can not be seen, another one is wrong, and nothing is known of a third.
    for lost in &joined {
        let silent: Readings = steps(lost).into_iter().map(|step| (step.to_owned(), Reading::taken(""))).collect();
        all.push(Scenario::of(format!("{} says nothing", lost.id), over(&silent)));
        let gone: Readings = steps(lost).into_iter().map(|step| (step.to_owned(), failed(ErrorClass::Timeout))).collect();
        for (id, readings) in &wrong {
            let mut both = over(readings);
            both.extend(gone.clone());
            all.push(Scenario::of(format!("{id} is wrong, {} timed out", lost.id), both));
        }
    }
    all
}
