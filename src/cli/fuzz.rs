//! What a user hands to a command, judged from memory, for fuzzers.

pub use super::catalog::fuzz::catalog;
pub use super::evidence::fuzz::{header, sums};
pub use super::facts::readings_file;
pub use super::import::fuzz_ansible as ansible;
pub use super::import::fuzz_ssh_config as ssh_config;
pub use super::lint::fuzz::{exceptions, findings};
pub use super::policy::fuzz::policy_table;
