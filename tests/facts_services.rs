//! Docker, NTP servers, Zabbix and Portainer: what readings become, and what a person is told.

#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

#[path = "facts_services/docker.rs"]
mod docker;
#[path = "facts_services/front_door.rs"]
mod front_door;
#[path = "facts_services/http.rs"]
mod http;
#[path = "facts_services/ntp_server.rs"]
mod ntp_server;
#[path = "facts_services/portainer.rs"]
mod portainer;
#[path = "facts_services/runbooks.rs"]
mod runbooks;
#[path = "facts_services/zabbix.rs"]
mod zabbix;

use std::sync::LazyLock;

use serde_json::Value;
use tecrax::api::ErrorClass;
use tecrax::facts::{self, Facts, Reading, Readings};
use tecrax::profile::Profile;

static PROFILE: LazyLock<Profile> =
    LazyLock::new(|| Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile"));

/// What a run of the bundled `intent` says of these readings.
fn observed(intent: &str, readings: &[(&str, Reading)]) -> Facts {
    let readings: Readings = readings.iter().map(|(step, reading)| ((*step).to_owned(), reading.clone())).collect();
    facts::assemble(&PROFILE.intents[intent], &readings, "default/web-07", &[])
}

fn failed(class: ErrorClass, message: &str) -> Reading {
    Reading::Failed { class, message: message.into(), next_step: Some("look".into()) }
}

/// The facts as a person would look them up.
fn fact<'f>(facts: &'f Facts, pointer: &str) -> &'f Value {
    facts.value.as_ref().expect("facts").pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"))
}

/// Component and reason code of every finding; each has a next step or is one that the stage adds.
fn found(facts: &Facts) -> Vec<(&str, &str)> {
    facts.findings.iter().map(|one| (one.component.as_str(), one.reason_code.as_str())).collect()
}

/// Failures that say nothing about what is behind the connection.
const LOST: [ErrorClass; 8] = [
    ErrorClass::Unreachable,
    ErrorClass::NameUnresolved,
    ErrorClass::TlsUntrusted,
    ErrorClass::TlsName,
    ErrorClass::TlsExpired,
    ErrorClass::Timeout,
    ErrorClass::AuthRefused,
    ErrorClass::CredentialUnusable,
];

/// Failures of a server that answered, but not as it should.
const ANSWERED: [ErrorClass; 3] = [ErrorClass::HttpStatus, ErrorClass::UnexpectedAnswer, ErrorClass::ApiError];
