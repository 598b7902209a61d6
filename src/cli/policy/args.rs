//! What can be typed after `tecrax policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
  tecrax policy test policy-tests.yaml
  tecrax policy test policy-tests.yaml --pack pack.yaml -o json
  tecrax policy test --pack pack.yaml          only whether the pack compiles, and its digest

A table:
  pack: pack.yaml                 # beside the table; --pack goes before it
  cases:
  - name: the inventory may be read
    request:
      action: {mode: read, category: operation, intent: collect_basic_host_inventory}
      resource: {target_ref: web-07, criticality: low}
    expect: {decision: allow_with_obligations, rule: allow-inventory, reason: inventory_allowed}
  - name: what nobody wrote a rule for is denied
    request: {action: {mode: read, intent: anything_else}}
    expect: {decision: deny, reason: no_matching_policy_rule}

Decisions are allow, allow_with_obligations, approval_required and deny. What `expect` leaves out is not compared; `context` of a
case is the context of the run time, `error` of `expect` the reason code of a request that is refused. A pack is one of the
Python stack in YAML or JSON, alone or as `policy_pack` of an environment.

Prints one line a case, and below a denial the nearest rule that would have admitted with the conditions that do not hold.
Contacts nothing. Ends with 0, with 1 when a case failed, with 65 when the table or the pack is wrong, and with 74 when one can
not be read.")]
pub struct TestArgs {
    /// Table of requests in YAML or JSON
    #[arg(value_name = "FILE", required_unless_present = "pack")]
    pub file: Option<PathBuf>,
    /// The pack that is asked
    #[arg(long, value_name = "FILE")]
    pub pack: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}
