//! Readings → facts: normalizers (one per subject), contracts, expectations, findings. Pure.
//!
//! [`assemble`] is the stage: it takes the readings of a run and never fails. A reading that could not be taken leaves its part
//! of the facts open, makes coverage partial and is named in a finding; it never turns into healthy or unhealthy. A server that
//! answered, but not as it should, was seen: what its contract can say of that is unhealthy. When nothing was read there are no facts,
//! except of a subject that joins others: it says so of each.

mod adguard;
mod assemble;
pub mod contracts;
mod device;
pub mod diagnosis;
mod digits;
mod docker;
mod envelope;
mod expect;
mod expect_path;
mod finding;
mod inventory;
pub mod json;
mod ntp;
mod ntp_server;
pub mod number;
mod portainer;
mod posture;
mod reachability;
mod reading;
mod shown;
mod subject;
pub mod text;
mod unit_state;
pub mod validation;
mod zabbix;

pub use assemble::{Facts, assemble, stands_for_all};
pub use device::assess_management_posture;
pub use envelope::NormalizeError;
pub use expect::{Outcome, evaluate};
pub use expect_path::check_path;
pub use finding::{FINDINGS_MAX, Finding, FindingKind};
pub use reading::{Context, Reading, Readings};
pub use shown::{Shown, rests_on, sees, shows};
pub use subject::{Normalizer, Subject, normalizer, project, subject, subjects};
