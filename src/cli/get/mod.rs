//! `tecrax get`: lists.

mod checks;
mod escalations;
mod follow;
mod intents;
mod list;
mod observations;
mod policies;
mod sinks;
mod targets;

use super::args::{GetArgs, Resource};
use super::context::Context;
use super::exit::{Exit, Failure};
use crate::api::{LabelSelector, Labels, did_you_mean};
use crate::plan::Mode;
use crate::status::{View, Wanted, view};
use crate::store::{Db, DesiredRow};

use list::List;

pub use sinks::ready;

/// Runs `get`.
pub fn run(context: &Context<'_>, args: &GetArgs) -> Result<Exit, Failure> {
    let selector = args.selector.as_deref().map(super::selector::parse).transpose()?;
    let query = Query { args, selector };
    if args.watch {
        return follow::follow(context, &query);
    }
    let list = query.list(context)?;
    context.screen.data(&list.render(args)?);
    if let Some(words) = &list.words {
        context.screen.word(words);
    }
    match list.missing(args).as_slice() {
        [] if list.is_empty() => context.screen.word(&nothing(context, args)?),
        [] => {}
        missing => return Err(absent(list.kind, &missing.join("`, `"), missing, &list.known)),
    }
    Ok(Exit::Ok)
}

/// What is asked for.
struct Query<'a> {
    args: &'a GetArgs,
    selector: Option<LabelSelector>,
}

impl Query<'_> {
    fn list(&self, context: &Context<'_>) -> Result<List, Failure> {
        match self.args.resource {
            Resource::Observations => observations::list(context, self),
            Resource::Escalations => escalations::list(context, self),
            Resource::Targets => targets::list(context, self),
            Resource::Checks => checks::list(context, self),
            Resource::Policies => policies::list(context, self),
            Resource::Sinks => sinks::list(context, self),
            Resource::Intents => intents::list(context, self),
        }
    }

    /// Whether namespace and labels fit.
    fn scope(&self, namespace: &str, labels: &Labels) -> bool {
        self.args.namespace.as_deref().is_none_or(|wanted| wanted == namespace)
            && self.selector.as_ref().is_none_or(|selector| selector.matches(labels))
    }

    /// Whether the name is among those asked for.
    fn names(&self, name: &str) -> bool {
        self.args.names.is_empty() || self.args.names.iter().any(|wanted| wanted == name)
    }
}

/// Why a list is empty.
fn nothing(context: &Context<'_>, args: &GetArgs) -> Result<String, Failure> {
    if args.resource != Resource::Intents && context.db()?.is_none() {
        return context.nothing_yet();
    }
    Ok(if args.resource == Resource::Escalations && args.selector.is_none() && args.namespace.is_none() {
        "no open escalations".to_owned()
    } else if args.problems {
        "no problems".to_owned()
    } else if args.selector.is_some() || args.namespace.is_some() {
        "nothing matches".to_owned()
    } else {
        "nothing is wanted; `tecrax validate PATH` says why".to_owned()
    })
}

/// Names that do not exist, with the nearest that does.
pub fn absent(kind: &str, shown: &str, names: &[&str], known: &[String]) -> Failure {
    let near = names.iter().find_map(|name| did_you_mean(name, known.iter().map(String::as_str)));
    let plural = if kind == "policy" { "policies".to_owned() } else { format!("{kind}s") };
    let help =
        near.map_or_else(|| format!("`tecrax get {plural}` lists what there is"), |near| format!("did you mean `{near}`?"));
    Failure::new(Exit::Config, format!("no {kind} named `{shown}`")).help(help)
}

/// Every pair as it stands now.
pub fn views(context: &Context<'_>, db: &Db) -> Result<Vec<View>, Failure> {
    let states = db.states()?;
    let now = (context.now)();
    db.desired("Pair")?
        .iter()
        .map(|row| {
            let wanted: Wanted = parse(row)?;
            Ok(view(&wanted, states.get(&wanted.pair), now, Mode::Watch))
        })
        .collect()
}

/// The value of a row.
pub fn parse<T: serde::de::DeserializeOwned>(row: &DesiredRow) -> Result<T, Failure> {
    serde_json::from_str(&row.value).map_err(|error| {
        Failure::new(Exit::Io, format!("damaged row {} {}: {error}", row.kind, row.name))
            .help("run `tecrax reconcile --once PATH` again")
    })
}
