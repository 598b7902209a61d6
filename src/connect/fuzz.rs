//! What a target answers, judged from memory, for fuzzers: the parsers of this stage without a connection.

pub use super::dns::fuzz::dns_answer;
pub use super::http::fuzz::{http_json, http_kept, http_rpc};
pub use super::ssh::fuzz::known_hosts;
