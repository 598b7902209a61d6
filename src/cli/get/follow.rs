//! `get --watch`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::screen::Screen;
use super::super::signal;
use super::Query;

/// How often the state is read.
const EVERY: Duration = Duration::from_secs(1);

/// Prints the list, then every line that says something else, until interrupted or until nobody reads any more.
pub fn follow(context: &Context<'_>, query: &Query<'_>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Io, format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let stop = signal::terminated();
        tokio::pin!(stop);
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut before = None;
        let mut headings = true;
        loop {
            let list = query.list(context)?;
            let text = if query.args.output.structured() {
                let text = list.render(query.args)?;
                let news = before.as_ref() != Some(&text);
                before = Some(text.clone());
                if news { text } else { String::new() }
            } else {
                list.lines(query.args.output, headings, |row| {
                    seen.insert(row.key.clone(), row.meaning.clone()).as_ref() != Some(&row.meaning)
                })
            };
            if !text.is_empty() && !context.global.quiet {
                headings = false;
                context.screen.data(&text);
            }
            if Screen::abandoned() {
                return Ok(Exit::Ok);
            }
            tokio::select! {
                () = &mut stop => return Ok(Exit::Ok),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}
