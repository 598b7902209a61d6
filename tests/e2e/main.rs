//! Real servers and real commands, end to end.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod asked;
mod booted;
mod busybox;
mod canaries;
mod cron;
mod daemon_pages;
mod diagnosis;
mod dns;
mod evidence_export;
mod examples;
mod faults;
mod following;
mod following_git;
mod gate_shells;
mod hostile;
mod http;
mod import_ssh;
mod kills;
mod last_good;
mod network_cut;
mod ntp;
mod open_files;
mod plain_user;
mod processes;
mod retention;
mod sandbox;
mod sandbox_answers;
mod sandbox_basic;
mod sandbox_first;
mod sandbox_short;
mod sandbox_template;
mod sandbox_template_lost;
mod sclite;
mod sclite_reactions;
mod secrets;
mod sinks;
mod sinks_outage;
mod sinks_tls;
mod ssh;
mod ssh_gate;
mod stop;
mod survival;
mod systemd;
mod textfile;
mod units;
mod watch;
mod zabbix;
