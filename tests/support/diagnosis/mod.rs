//! One pass over the diagnosis of one host, and what it sealed.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::net::TcpListener;

use serde_json::Value;

use super::cli::{Ended, Home};
use super::log;
use super::monitoring::{DIAGNOSIS, Host};

/// Exit codes of a pass.
pub const HEALTHY: i32 = 0;
pub const FAILING: i32 = 1;
pub const UNKNOWN: i32 = 2;
pub const BAD_MANIFEST: i32 = 65;

/// One pass over the diagnosis of `host`, and the run it sealed.
pub fn diagnosed(host: &Host) -> (Ended, Value) {
    let home = Home::new();
    home.write("check.yaml", DIAGNOSIS);
    home.write("host.yaml", &host.manifest("mon-01"));
    let ended = home.once();
    log::verify(&home.state());
    let run = log::runs(&home.state(), "default/whole.mon-01").into_iter().next().expect("a run");
    (ended, run)
}

pub fn statuses(run: &Value) -> BTreeMap<String, String> {
    let components = run["facts"]["components"].as_object().unwrap_or_else(|| panic!("no facts in {run}"));
    components.iter().map(|(name, one)| (name.clone(), one["status"].as_str().unwrap().to_owned())).collect()
}

pub fn named(run: &Value, status: &str) -> Vec<String> {
    statuses(run).into_iter().filter(|(_, one)| one == status).map(|(name, _)| name).collect()
}

pub fn reasons(run: &Value) -> Vec<&str> {
    run["findings"].as_array().unwrap().iter().map(|finding| finding["reasonCode"].as_str().unwrap()).collect()
}

/// A port of this machine on which nobody listens.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
