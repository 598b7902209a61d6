//! The seam to the other subjects: one row a component.

use crate::api::ErrorClass;
use crate::facts::reading::{Reading, Readings};
use crate::facts::subject::{Subject, subject};

/// One part of a monitoring host, observed by the normalizer of another subject.
#[derive(Debug)]
pub(super) struct Component {
    /// Its name in the facts.
    pub name: &'static str,
    /// Normalizer of its subject.
    pub normalizer: &'static str,
    /// Key of its facts among the states, as in the subject.
    pub state_key: &'static str,
    /// Key of its facts that is true when all is well.
    pub flag: &'static str,
    /// Steps that show it, ours and those of recorded readings. Steps of one role only, or of roles that come together.
    pub steps: &'static [&'static str],
    /// The intent that says it in full.
    pub intent: &'static str,
    /// Kind and reason code of its finding when it is not well; words of the finding taxonomy.
    pub wrong: (&'static str, &'static str),
}

/// Every component, in the order of the contract.
pub(super) const COMPONENTS: [Component; 8] = [
    Component {
        name: "host_inventory",
        normalizer: "normalize_basic_host_inventory",
        state_key: "basic_host_inventory",
        flag: "complete",
        steps: &[
            "read_os_release",
            "read_kernel_identity",
            "read_hostname",
            "read_uptime",
            "read_load_average",
            "read_filesystem_usage",
            "read_memory_summary",
        ],
        intent: "collect_basic_host_inventory",
        wrong: ("monitoring.host_inventory_unhealthy", "host_inventory_unhealthy"),
    },
    Component {
        name: "ntp",
        normalizer: "normalize_ntp_health",
        state_key: "ntp_health",
        flag: "healthy",
        steps: &["read_ntp_sync_state", "read_ntp_daemon_units", "read_ntp_service_state"],
        intent: "check_ntp_health",
        wrong: ("monitoring.ntp_unhealthy", "ntp_unhealthy"),
    },
    Component {
        name: "zabbix",
        normalizer: "normalize_zabbix_health",
        state_key: "zabbix_health",
        flag: "healthy",
        steps: &["read_zabbix_api_version"],
        intent: "check_zabbix_container_health",
        wrong: ("monitoring.zabbix_unhealthy", "zabbix_unhealthy"),
    },
    Component {
        name: "docker",
        normalizer: "normalize_docker_services_health",
        state_key: "docker_services_health",
        flag: "healthy",
        steps: &["read_docker_service_state", "read_docker_socket_state"],
        intent: "check_docker_services_health",
        wrong: ("monitoring.docker_services_unhealthy", "docker_services_unhealthy"),
    },
    Component {
        name: "adguard",
        normalizer: "normalize_adguard_health",
        state_key: "adguard_health",
        flag: "healthy",
        steps: &["read_adguard_dns_resolution", "read_adguard_login_status"],
        intent: "check_adguard_health",
        wrong: ("monitoring.adguard_unhealthy", "adguard_unhealthy"),
    },
    Component {
        name: "portainer",
        normalizer: "normalize_portainer_health",
        state_key: "portainer_health",
        flag: "healthy",
        steps: &["read_portainer_status"],
        intent: "check_portainer_health",
        wrong: ("monitoring.portainer_unhealthy", "portainer_unhealthy"),
    },
    Component {
        name: "host_security",
        normalizer: "normalize_host_security_posture",
        state_key: "host_security_posture",
        flag: "healthy",
        steps: &[
            "read_unattended_upgrades_state",
            "read_available_updates_summary",
            "read_aslr_state",
            "read_dmesg_restrict_state",
            "read_reboot_required_marker",
        ],
        intent: "collect_host_security_posture_readonly",
        wrong: ("monitoring.host_security_degraded", "host_security_degraded"),
    },
    Component {
        name: "ntp_server",
        normalizer: "normalize_ntp_server_observation",
        state_key: "ntp_server_observation",
        flag: "healthy",
        steps: &["read_ntp_daemon_units", "read_ntp_service_state", "read_ntp_server_variables"],
        intent: "check_ntp_server_health",
        wrong: ("monitoring.ntp_server_unhealthy", "ntp_server_unhealthy"),
    },
];

impl Component {
    /// The subject that observes it; `None` when this version has none.
    pub(super) fn subject(&self) -> Option<&'static Subject> {
        subject(self.normalizer)
    }

    /// Whether one of its steps was taken.
    pub(super) fn was_read(&self, readings: &Readings) -> bool {
        self.readings(readings).any(|reading| matches!(reading, Reading::Taken { .. }))
    }

    /// Whether something answered, be it not as it should: only then the subject can tell a bad service from a lost way.
    pub(super) fn answered(&self, readings: &Readings) -> bool {
        self.readings(readings).any(Reading::seen_wrong)
    }

    /// Whether the Target declares none of the connections it is read through.
    pub(super) fn is_undeclared(&self, readings: &Readings) -> bool {
        let undeclared = |reading: &Reading| matches!(reading, Reading::Failed { class: ErrorClass::NotDeclared, .. });
        let mut found = self.readings(readings).peekable();
        found.peek().is_some() && found.all(undeclared)
    }

    fn readings<'r>(&self, readings: &'r Readings) -> impl Iterator<Item = &'r Reading> + use<'r> {
        self.steps.iter().filter_map(|step| readings.get(*step))
    }
}
