//! What is said of AdGuard Home, from 1.1 on; 1.0 stands with the other services.

use super::Contract;
use super::check::Check::Root;
use super::check::Kind::{Count, Filled, FilledOrNull, Flag, FlagOrNull, TextOrNull};

/// Longest scope or state word.
const WORD_MAX: usize = 64;
/// Longest status of a DNS answer.
const STATUS_MAX: usize = 32;
/// Longest status of the login page.
const HTTP_STATUS_MAX: usize = 16;

pub(super) const CONTRACTS: &[Contract] = &[Contract {
    id: "tecrax.adguard_reachability",
    version: "1.1",
    schema_ref: Some("schemas/adguard_reachability.v1.1.schema.json"),
    required: &["dns_resolves", "web_login_reachable"],
    checks: &[Root(&[
        ("observation_scope", Filled(WORD_MAX)),
        ("dns_resolves", FlagOrNull),
        ("dns_answer_count", Count),
        ("dns_blocked_count", Count),
        ("dns_status", FilledOrNull(STATUS_MAX)),
        ("web_login_http_status", TextOrNull(HTTP_STATUS_MAX)),
        ("web_login_reachable", FlagOrNull),
        ("management_api_state", Filled(WORD_MAX)),
        ("container_runtime_state", Filled(WORD_MAX)),
        ("healthy", Flag),
    ])],
}];
