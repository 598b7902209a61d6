//! The profile: the closed vocabulary of what may be asked, as data.
//!
//! Loaded from the embedded `profile/` or from `--profile DIR`, checked completely, immutable afterwards. Reading a directory
//! and exporting the embedded files live in `files`; every check is a pure function over the texts and reports all faults of
//! a profile at once. A file of a profile is one noun: an intent names its workflow and its validation rules, a workflow names
//! connectors and normalizers, a connector owns the closed list of shapes.

mod argv;
mod connector;
mod contract;
mod digest;
mod files;
mod intent;
mod lint;
mod load;
mod model;
mod operation;
mod parameter;
mod raw;
mod reaction;
mod report;
mod roles;
mod root;
mod rule;
mod shape;
mod shapes;
mod taxonomy;
mod workflow;
mod yaml;

pub use files::{embedded_files, export};
pub use lint::{Around, lint};
pub use model::{
    Connector, ContractRef, FindingTaxonomy, Intent, ParameterDeclaration, ParameterPlace, ParameterValues, Profile, Role,
    RoleUse, ValidationRule, ValidationStep, Workflow, WorkflowStep,
};
pub use operation::OperationWords;
pub use reaction::ReactionFile;
pub use shape::{Auth, Body, CommandRequest, DnsRequest, HttpAnswer, HttpRequest, Method, Request, ServerVersion, Shape};
