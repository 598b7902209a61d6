//! Docker, NTP servers, Zabbix and Portainer: what readings become, and what a person is told.

mod docker;
mod front_door;
mod http;
mod ntp_server;
mod portainer;
mod runbook_reasons;
mod runbooks;
mod shown;
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
