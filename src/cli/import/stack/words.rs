//! What a condition of a pack may be about, in the words of a Policy.

use std::collections::BTreeSet;

use super::targets::Targets;
use crate::api::{Criticality, PolicyCondition};
use crate::profile::Profile;

/// A reading that is taken in another way here: its name in the Python stack, and ours.
const RENAMED: [(&str, &str); 1] = [("read_ntp_service_state", "read_ntp_daemon_units")];
/// The connector that asked the DNS server, too.
const ADGUARD: &str = "adguard_health";
const ADGUARD_DNS: &str = "adguard_dns";
const DNS_READING: &str = "read_adguard_dns_resolution";

/// What became of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Translated {
    /// These conditions together say the same.
    Conditions(Vec<PolicyCondition>),
    /// No request of tecrax ever has this value: the rule never matches.
    Never,
    /// No request of tecrax has this key.
    Unknown,
}

/// What translates.
pub(super) struct Words<'a> {
    pub profile: &'a Profile,
    pub targets: &'a Targets,
    /// Position of the environment whose targets are meant; all when none.
    pub environment: Option<usize>,
}

fn condition(key: &str, values: impl IntoIterator<Item = String>) -> PolicyCondition {
    PolicyCondition { key: key.to_owned(), values: values.into_iter().collect() }
}

fn one(key: &str, values: &[&str]) -> Translated {
    Translated::Conditions(vec![condition(key, values.iter().map(|value| (*value).to_owned()))])
}

impl Words<'_> {
    /// A condition of a pack whose value is the text `value`. `connector` is what the rule says of it elsewhere.
    pub(super) fn condition(&self, key: &str, value: &str, connector: Option<&str>) -> Translated {
        match key {
            "action.mode" => known(key, value, &["read", "mutating"]),
            "action.category" => known(key, value, &["operation", "connector"]),
            "action.risk" => known(key, value, &["low", "medium", "high", "critical"]),
            "action.intent" if self.profile.intents.contains_key(value) => one(key, &[value]),
            "action.name" => {
                let value = RENAMED.iter().find(|(theirs, _)| *theirs == value).map_or(value, |(_, ours)| *ours);
                let there = self.profile.connectors.values().any(|connector| connector.shapes.contains_key(value));
                if there { one(key, &[value]) } else { Translated::Never }
            }
            // The question to the DNS server is a connector of its own here; which of both is meant, the name of the reading says.
            "action.connector" if value == ADGUARD => one(key, &[ADGUARD, ADGUARD_DNS]),
            "action.connector" if self.profile.connectors.contains_key(value) && value != ADGUARD_DNS => one(key, &[value]),
            "action.backend" => backend(key, value, connector),
            "resource.target_ref" => self.target(key, value),
            "resource.criticality" => {
                let all = [Criticality::Low, Criticality::Medium, Criticality::High, Criticality::Critical];
                // The Python stack writes them in lower case, and compares as they are written.
                let level = all.into_iter().find(|level| level.as_str().to_ascii_lowercase() == value);
                level.map_or(Translated::Never, |level| one(key, &[level.as_str()]))
            }
            "action.intent" | "action.connector" => Translated::Never,
            _ => Translated::Unknown,
        }
    }

    fn target(&self, key: &str, value: &str) -> Translated {
        let made = self.targets.list.iter();
        let mine = made.filter(|made| self.environment.is_none_or(|index| index == made.thing.environment));
        let names: BTreeSet<String> = mine.filter(|made| made.thing.name == value).map(|made| made.name.to_string()).collect();
        if names.is_empty() { Translated::Never } else { Translated::Conditions(vec![condition(key, names)]) }
    }
}

fn known(key: &str, value: &str, words: &[&str]) -> Translated {
    if words.contains(&value) { one(key, &[value]) } else { Translated::Never }
}

/// A backend is a kind of connection here. One that several connectors had is told apart by them.
fn backend(key: &str, value: &str, connector: Option<&str>) -> Translated {
    let of = |kinds: &[&str], connectors: &[&str]| {
        let mut conditions = vec![condition(key, kinds.iter().map(|kind| (*kind).to_owned()))];
        if connector.is_none() {
            conditions.push(condition("action.connector", connectors.iter().map(|name| (*name).to_owned())));
        }
        Translated::Conditions(conditions)
    };
    match (value, connector) {
        ("ssh_readonly", _) => one(key, &["ssh"]),
        ("static_fixture", _) => one(key, &["fixture"]),
        ("local_shell_readonly", Some(ADGUARD)) => of(&["http", "dns"], &[]),
        ("local_shell_readonly", Some("network_device_cli")) => of(&["wrapper"], &[]),
        ("local_shell_readonly", Some("monitoring_host")) => of(&["local"], &[]),
        ("local_shell_readonly", None) => {
            of(&["local", "wrapper", "http", "dns"], &[ADGUARD, ADGUARD_DNS, "network_device_cli", "monitoring_host"])
        }
        ("http_api", Some(ADGUARD)) => Translated::Never,
        ("http_api", _) => of(&["http"], &["portainer_api", "zabbix_api", "zabbix_api_authenticated"]),
        _ => Translated::Never,
    }
}

/// The connector that a reading belongs to here, when its name alone tells it from others of its old connector.
pub(super) fn reading_connector(name: &str) -> Option<&'static str> {
    (name == DNS_READING).then_some(ADGUARD_DNS)
}
