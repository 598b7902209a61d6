//! Snapshot × profile → valid pairs: references resolved, TargetSets expanded, defaults filled in. Pure.
//!
//! After this stage nobody reads a raw manifest again. Every problem costs only the pairs it touches.

mod model;

pub use model::{
    Cadence, ConnectionConfig, Desired, DesiredCheck, DesiredTarget, FixtureConfig, HostKeySource, IdentitySource, Pair,
    ResolvedConnection, SshConfig,
};
