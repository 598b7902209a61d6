//! What is said of Zabbix: whether its API answers, how many problems are open, how many agents are available.

mod api;
mod availability;
mod counts;
mod problems;

use super::subject::Subject;

pub(super) const API: Subject = api::SUBJECT;
pub(super) const AVAILABILITY: Subject = availability::SUBJECT;
pub(super) const PROBLEMS: Subject = problems::SUBJECT;
