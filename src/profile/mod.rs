//! The profile: the closed vocabulary of what may be asked, as data.
//!
//! Loaded from the embedded `profile/` or from `--profile DIR`, checked completely, immutable afterwards.

mod model;

pub use model::{
    Connector, ContractRef, Intent, ParameterDeclaration, ParameterPlace, Profile, Role, RoleUse, Shape, ValidationRule,
    ValidationStep, Workflow, WorkflowStep,
};
