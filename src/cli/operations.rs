//! `tecrax operations`: what can be asked at all, and of which target.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::catalog::{
    self, Applicability, CatalogTarget, Operation, StackProfile, applicability, of_declared, operation, operations,
};
use super::context::Context;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::inventory::{self, From, Inventory};
use super::stack::is_stack;
use super::table::Table;
use crate::api::{Problem, did_you_mean};
use crate::desired::DesiredTarget;
use crate::profile::Profile;

/// `operations`
#[derive(Debug, Args)]
pub struct OperationsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: OperationsCommand,
}

/// Whose operations.
#[derive(Debug, Args)]
pub struct Whose {
    /// Say for this target which apply, and why the others do not
    #[arg(short, long, value_name = "NAME")]
    pub target: Option<String>,
    /// Operations of a profile directory of the Python stack instead of the profile in force
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    pub stack_profile: Option<PathBuf>,
    /// Where the target comes from.
    #[command(flatten)]
    pub from: From,
}

/// Subcommands of `operations`.
#[derive(Debug, Subcommand)]
pub enum OperationsCommand {
    /// List the operations of the profile
    #[command(after_help = "\
Examples:
  tecrax operations list
  tecrax operations list --target web-07 manifests/
  tecrax operations list --target web-07 --catalog catalog.yaml   JSON, as the Python stack prints it
  tecrax operations list --stack-profile profiles/tecrax -o json  of a profile in the form of the Python stack

The status is one of unsupported_profile, unsupported_target_kind, missing_capability, missing_connector and admission_required: in
the last case everything is there, and policy decides when a plan is made.")]
    List {
        /// Whose.
        #[command(flatten)]
        whose: Whose,
        /// Output format [default: table; json for a catalog]
        #[arg(short, long, value_enum)]
        output: Option<Format>,
    },
    /// Explain one operation
    #[command(after_help = "\
Examples:
  tecrax operations explain check_ntp_health
  tecrax operations explain check_ntp_health -o json
  tecrax operations explain check_ntp_health --target web-07 manifests/")]
    Explain {
        /// Id of the intent
        #[arg(value_name = "INTENT")]
        operation: String,
        /// Whose.
        #[command(flatten)]
        whose: Whose,
        /// Output format [default: table; json for a profile of the Python stack that --profile names]
        #[arg(short, long, value_enum)]
        output: Option<Format>,
    },
}

/// Runs `operations`.
pub fn run(context: &Context<'_>, args: &OperationsArgs) -> Result<Exit, Failure> {
    let (whose, only) = match &args.command {
        OperationsCommand::List { whose, .. } => (whose, None),
        OperationsCommand::Explain { operation, whose, .. } => (whose, Some(operation.as_str())),
    };
    // `--profile` names one of the stack as its own commands do.
    let named = context.global.profile.as_deref().filter(|named| is_stack(named));
    let directory = whose.stack_profile.as_deref().or(named);
    let mut stack = directory.map(|directory| of_stack(context, catalog::stack_profile(directory))).transpose()?;
    let profile = if named.is_some() { context.built_in()? } else { context.profile()? };
    let name = stack.as_ref().map_or_else(|| profile.name.clone(), |stack| stack.name.clone());
    let inventory = match (&whose.target, whose.from.is_empty()) {
        (Some(_), true) => {
            return Err(Failure::new(Exit::Usage, "--target needs to know where the target is declared")
                .help("name manifests, or --catalog FILE"));
        }
        (None, false) => {
            return Err(Failure::new(Exit::Usage, "no target is named")
                .help("add --target NAME; without manifests and catalog every operation is listed"));
        }
        (None, true) => None,
        (Some(_), false) => Some(inventory::read_for(context, &profile, &name, &whose.from)?),
    };
    let target = match (&inventory, &whose.target) {
        (Some(inventory), Some(name)) => inventory.named(name)?.first().copied(),
        _ => None,
    };
    // A target of a catalog may belong to a profile that the catalog names by its path.
    if let (None, Some(Inventory::Catalog(catalog)), Some(target)) = (&stack, &inventory, target)
        && let Some(root) = catalog.profile_of(target)
    {
        stack = Some(of_stack(context, catalog::stack_profile(root))?);
    }
    let own = stack.is_none().then_some(&*profile);
    let target = target.map(|target| {
        let declared = inventory.as_ref().and_then(|inventory| inventory.declared(target));
        Asked { target, declared, profile: own }
    });
    let exit = inventory.as_ref().map_or(Exit::Ok, Inventory::exit);
    let chosen = chosen(context, &profile, stack.as_ref(), only)?;
    let usual = if named.is_some() { Format::Json } else { Format::Table };
    let text = match &args.command {
        OperationsCommand::List { output, .. } => {
            let usual = if whose.from.catalog.is_some() { Format::Json } else { usual };
            let whose = stack.as_ref().map_or_else(|| json!(profile.name), |of| json!({"id": of.name, "version": of.version}));
            list(&whose, &chosen, target.as_ref(), output.unwrap_or(usual))?
        }
        OperationsCommand::Explain { output, .. } => match chosen.first() {
            Some(one) => explain(own, one, target.as_ref(), output.unwrap_or(usual))?,
            None => String::new(),
        },
    };
    context.screen.data(&text);
    Ok(exit)
}

/// The operations that are meant: all of them, or the one that is named.
fn chosen(
    context: &Context<'_>,
    profile: &Profile,
    from: Option<&StackProfile>,
    only: Option<&str>,
) -> Result<Vec<Operation>, Failure> {
    match (from, only) {
        (Some(from), None) => of_stack(context, catalog::descriptors(from)),
        (Some(from), Some(id)) => Ok(vec![of_stack(context, catalog::descriptor(from, id))?]),
        (None, None) => Ok(operations(profile)),
        (None, Some(id)) => Ok(vec![find(profile, id)?]),
    }
}

/// What was read of a profile of the Python stack; 1 when it can not be used, as for a catalog.
fn of_stack<T>(context: &Context<'_>, read: Result<T, Box<Problem>>) -> Result<T, Failure> {
    read.map_err(|problem| {
        context.problems(&[*problem]);
        Failure::new(Exit::Failing, "the profile of the Python stack can not be used")
    })
}

fn find(profile: &Profile, id: &str) -> Result<Operation, Failure> {
    if let Some(intent) = profile.intents.get(id) {
        return Ok(operation(profile, intent));
    }
    let help = did_you_mean(id, profile.intents.keys().map(String::as_str))
        .map_or_else(|| "`tecrax operations list` names them all".to_owned(), |near| format!("did you mean `{near}`?"));
    Err(Failure::new(Exit::Config, format!("no operation named `{id}`")).help(help))
}

/// The target that operations are compared with.
struct Asked<'a> {
    target: &'a CatalogTarget,
    /// The Target of manifests; `None` for one of a catalog.
    declared: Option<&'a DesiredTarget>,
    /// The profile whose intents the operations are; `None` for those of the Python stack.
    profile: Option<&'a Profile>,
}

impl Asked<'_> {
    fn answer(&self, operation: &Operation) -> Applicability {
        let intent = self.profile.and_then(|profile| profile.intents.get(&operation.id));
        match self.declared {
            Some(declared) => of_declared(operation, self.target, intent.map(AsRef::as_ref), declared),
            None => applicability(operation, self.target),
        }
    }

    fn json(&self, operation: &Operation) -> Value {
        json!({"operation": operation, "applicability": self.answer(operation).json()})
    }
}

fn list(profile: &Value, chosen: &[Operation], asked: Option<&Asked<'_>>, output: Format) -> Result<String, Failure> {
    Ok(match (output, asked) {
        (Format::Json | Format::Yaml, None) => format::text(output, &json!({"profile": profile, "operations": chosen}))?,
        (Format::Json | Format::Yaml, Some(asked)) => {
            let items: Vec<Value> = chosen.iter().map(|operation| asked.json(operation)).collect();
            // Of a catalog as the stack prints it: the target by its id.
            let shown = if asked.declared.is_none() { json!(asked.target.id) } else { asked.target.json() };
            format::text(output, &json!({"target": shown, "operations": items}))?
        }
        (Format::Name, None) => format::lines(chosen.iter().map(|operation| &operation.id)),
        (Format::Name, Some(asked)) => {
            format::lines(chosen.iter().filter(|operation| asked.answer(operation).applies()).map(|operation| &operation.id))
        }
        (Format::Table | Format::Wide, None) => {
            let mut table = Table::new(&["OPERATION", "KINDS", "CONNECTORS", "TITLE"]);
            for operation in chosen {
                table.row([
                    operation.id.clone(),
                    operation.target_kinds.join(","),
                    operation.required_connectors.join(","),
                    operation.title.clone(),
                ]);
            }
            table.render()
        }
        (Format::Table | Format::Wide, Some(asked)) => {
            let mut table = Table::new(&["OPERATION", "APPLIES", "STATUS", "MISSING"]);
            for operation in chosen {
                let answer = asked.answer(operation);
                let applies = if answer.applies() { "yes" } else { "no" };
                table.row([operation.id.clone(), applies.to_owned(), answer.status.word().to_owned(), missing(&answer)]);
            }
            table.render()
        }
    })
}

fn missing(answer: &Applicability) -> String {
    let missing = answer.status.missing();
    if missing.is_empty() { "-".to_owned() } else { missing.join(",") }
}

fn explain(profile: Option<&Profile>, one: &Operation, asked: Option<&Asked<'_>>, output: Format) -> Result<String, Failure> {
    if output.structured() {
        return format::text(output, &asked.map_or_else(|| json!(one), |asked| asked.json(one)));
    }
    let intent = profile.and_then(|profile| profile.intents.get(&one.id));
    let mut lines = vec![
        ("Operation", one.id.clone()),
        ("Title", one.title.clone()),
        ("Summary", one.summary.clone()),
        ("Facts", intent.map_or_else(|| "-".to_owned(), |intent| intent.contract.to_string())),
        ("Kinds", one.target_kinds.join(", ")),
        ("Connectors", one.required_connectors.join(", ")),
        ("Capabilities", one.required_capabilities.join(", ")),
        ("Modes", one.modes.join(", ")),
        ("Side effects", one.side_effect_class.clone()),
        ("Runbook", one.runbook_ref.clone()),
        ("Digest", one.digest.clone()),
    ];
    if let Some(asked) = asked {
        let answer = asked.answer(one);
        lines.push(("Target", asked.target.id.clone()));
        lines.push(("Status", format!("{} ({})", answer.status.word(), answer.status.reasons().join(", "))));
        lines.push(("Missing", missing(&answer)));
    }
    Ok(format::lines(
        lines.iter().map(|(name, value)| format!("{:<14} {}", format!("{name}:"), super::printable::printable(value))),
    ))
}
