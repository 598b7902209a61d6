//! `tecrax explain` and `tecrax completions`.

use clap::CommandFactory;

use super::args::Cli;
use super::context::Context;
use super::exit::{self, Exit};
use super::explain::Topic;
use super::table::Table;
use crate::api::reason;

/// Prints a topic.
pub fn topic(context: &Context<'_>, topic: Topic) -> Exit {
    let table = match topic {
        Topic::ExitCodes => {
            let mut table = Table::new(&["CODE", "NAME", "MEANING"]);
            for (code, name, meaning) in exit::ALL {
                table.row([code.to_string(), (*name).to_owned(), (*meaning).to_owned()]);
            }
            table
        }
        Topic::Reasons => {
            let mut reasons: Vec<_> = reason::ALL.to_vec();
            reasons.sort_unstable();
            let mut table = Table::new(&["REASON", "MEANING"]);
            for (word, meaning) in reasons {
                table.row([word.to_owned(), meaning.trim().to_owned()]);
            }
            table
        }
    };
    context.screen.data(&table.render());
    Exit::Ok
}

/// Prints a completion script.
pub fn completions(context: &Context<'_>, shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tecrax", &mut script);
    context.screen.data(&String::from_utf8_lossy(&script));
    Exit::Ok
}
