//! Snapshot × profile → valid pairs: references resolved, TargetSets expanded, defaults filled in. Pure.
//!
//! After this stage nobody reads a raw manifest again. Every problem costs only the pairs it touches: a Target's errors its
//! own, a Check's errors its own, and what is wrong between the two only that pair.
//!
//! Order of work: Targets and TargetSet items become drafts (`expand`, `draft`, `connection`, `ssh`), references between
//! them are resolved (`via`, `cycle`), Checks are read (`check`, `cadence`, `parameters`), and both meet (`select`, `pairs`).

mod build;
mod cadence;
mod calendar;
mod check;
mod connection;
mod cycle;
mod digest;
mod draft;
mod expand;
mod http;
mod idle;
mod lost;
mod mend;
mod model;
mod pairs;
mod parameters;
pub mod policy;
mod references;
mod report;
mod rerun;
mod select;
pub mod sink;
mod ssh;
mod union;
mod value;
mod via;
mod waiver;

pub use build::build;
pub use calendar::Calendar;
pub use check::ExpectCheck;
pub use http::fault as base_url_fault;
pub use lost::Lost;
pub use mend::{Good, Held, Mend, Mended, held_of, mend};
pub use model::{
    BaseUrl, Cadence, ConnectionConfig, Desired, DesiredCheck, DesiredTarget, DnsConfig, FixtureConfig, HostKeySource,
    HttpConfig, IdentitySource, Pair, ResolvedConnection, SshConfig, ValueSource, WrapperConfig,
};
pub use pairs::{MAX_PAIRS, Misfit, misfit};
pub use rerun::rerun;
pub use ssh::is_host;
