//! Helpers shared by integration tests.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod alertmanager;
pub mod bundle;
pub mod canary;
pub mod cases;
pub mod certs;
pub mod cli;
pub mod daemon;
pub mod dead;
pub mod diagnosis;
pub mod engine;
pub mod export;
pub mod following;
pub mod gate;
pub mod harness;
pub mod hostile;
pub mod hosts;
pub mod living;
pub mod log;
pub mod manifests;
pub mod monitoring;
pub mod network;
pub mod nginx;
pub mod notices;
pub mod ntp;
pub mod profile;
pub mod program;
pub mod receiver;
pub mod recorded_bundles;
pub mod relay;
pub mod running;
pub mod schemas;
pub mod sclite;
pub mod script;
pub mod services;
pub mod shut_in;
pub mod small_disk;
pub mod ssh_client;
pub mod sshd;
pub mod systemd_host;
pub mod unbound;
pub mod watching;
pub mod wrapped;
pub mod zabbix;
pub mod zabbix_api;
