//! How much is done at the same time, as it is typed.

use std::num::NonZeroU16;

use clap::Args;

use crate::engine::Limits;

/// Limits of what is done at the same time.
#[derive(Debug, Clone, Copy, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub struct LimitArgs {
    /// Most Targets that are read at the same time
    #[arg(long, env = "TECRAX_MAX_TARGETS", hide_env_values = true, value_name = "N", default_value = "256")]
    pub max_targets: NonZeroU16,
    /// Most of those that need the same connector, so that one whose servers hang leaves room to the others
    #[arg(long, env = "TECRAX_MAX_TARGETS_PER_CONNECTOR", hide_env_values = true, value_name = "N", default_value = "192")]
    pub max_targets_per_connector: NonZeroU16,
    /// Most runs of one Target at the same time; they share its connections
    #[arg(long, env = "TECRAX_MAX_RUNS_PER_TARGET", hide_env_values = true, value_name = "N", default_value = "16")]
    pub max_runs_per_target: NonZeroU16,
}

impl From<LimitArgs> for Limits {
    fn from(args: LimitArgs) -> Self {
        let number = |number: NonZeroU16| usize::from(number.get());
        Self {
            targets: number(args.max_targets),
            per_connector: number(args.max_targets_per_connector),
            per_target: number(args.max_runs_per_target),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{LimitArgs, Limits};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitArgs,
    }

    #[test]
    fn what_the_flags_default_to_is_what_the_engine_does_unsaid() {
        Line::command().debug_assert();
        let unsaid = Line::try_parse_from(["tecrax"]).map(|line| Limits::from(line.limits));
        assert_eq!(unsaid.ok(), Some(Limits::default()));
    }
}
