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
    /// Most of those that need the same connector, so that one whose servers hang leaves room to the others [default: three quarters of
    /// them]
    #[arg(long, env = "TECRAX_MAX_TARGETS_PER_CONNECTOR", hide_env_values = true, value_name = "N")]
    pub max_targets_per_connector: Option<NonZeroU16>,
    /// Most runs of one Target at the same time; they share its connections
    #[arg(long, env = "TECRAX_MAX_RUNS_PER_TARGET", hide_env_values = true, value_name = "N", default_value = "16")]
    pub max_runs_per_target: NonZeroU16,
}

impl From<LimitArgs> for Limits {
    fn from(args: LimitArgs) -> Self {
        let number = |number: NonZeroU16| usize::from(number.get());
        let unsaid = Self::of(number(args.max_targets));
        Self {
            per_connector: args.max_targets_per_connector.map_or(unsaid.per_connector, number),
            per_target: number(args.max_runs_per_target),
            ..unsaid
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

    fn limits(words: &[&str]) -> Option<Limits> {
        Line::try_parse_from([&["tecrax"], words].concat()).map(|line| Limits::from(line.limits)).ok()
    }

    #[test]
    fn what_the_flags_default_to_is_what_the_engine_does_unsaid() {
        Line::command().debug_assert();
        assert_eq!(limits(&[]), Some(Limits::default()));
    }

    #[test]
    fn of_fewer_targets_a_quarter_is_left_to_other_connectors_unless_somebody_says_otherwise() {
        let [eight, one] = ["8", "1"].map(|number| limits(&["--max-targets", number]).map(|limits| limits.per_connector));
        assert_eq!((eight, one), (Some(6), Some(1)));
        let said = limits(&["--max-targets", "8", "--max-targets-per-connector", "8"]);
        assert_eq!(said.map(|limits| limits.per_connector), Some(8));
    }
}
