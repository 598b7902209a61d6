//! What can be typed after `tecrax policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::default_policy::PolicyArgs;
use super::super::format::Format;

/// `policy`
#[derive(Debug, Args)]
pub struct PolicyCommandArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// Subcommands of `policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Ask a policy a table of requests and compare what it decides
    Test(TestArgs),
}

/// `policy test`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax policy test policy-tests.yaml manifests/
  tecrax policy test pack-tests.yaml --pack pack.yaml -o json
  tecrax policy test --pack pack.yaml          only whether the pack compiles, and its digest

A table about Policies asks for pairs of manifests, a table about a pack of the Python stack makes its requests itself:
  apiVersion: test.tecrax.io/v1alpha1   # with both of these lines it
  kind: PolicyTest                      # may lie among manifests
  manifests: [manifests/]         # beside the table; PATHs go before them
  pack: pack.yaml                 # beside the table; --pack goes before it
  cases:
  - name: the inventory of a web server may be read
    check: inventory
    target: web-07
    expect: {decision: allow, rule: web/allow-inventory}
  - name: what nobody wrote a rule for is denied
    request: {action: {mode: read, intent: anything_else}, resource: {criticality: low}}
    expect: {decision: deny, reason: no_matching_policy_rule}

Decisions are allow, allow_with_obligations (of a pack only), approval_required and deny. What `expect` leaves out is not compared.
A case may name the `namespace` of its pair, or the `context` of the run time of its request; `error` of `expect` is the reason code of
a request that is refused. A pack is YAML or JSON, alone or as `policy_pack` of an environment.

Prints one line a case; a denial names the rule that denied and the nearest one that would have admitted, with the conditions that
do not hold. Contacts nothing. Ends with 0, with 1 when a case failed, with 65 when a table, pack or manifest is wrong, and with
74 when one can not be read.")]
pub struct TestArgs {
    /// Table of requests in YAML or JSON
    #[arg(value_name = "FILE", required_unless_present = "pack")]
    pub file: Option<PathBuf>,
    /// Manifest files and directories, with the Policies that are asked
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The pack that is asked
    #[arg(long, value_name = "FILE")]
    pub pack: Option<PathBuf>,
    /// What decides over pairs that no Policy selects.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}
