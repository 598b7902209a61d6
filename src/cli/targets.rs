//! `tecrax targets`: what there is to be checked, before anything was.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::catalog::CatalogTarget;
use super::context::Context;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::inventory::{self, Declared, From, Inventory};
use super::selector;
use super::stack::is_stack;
use super::table::Table;

/// `targets`
#[derive(Debug, Args)]
pub struct TargetsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TargetsCommand,
}

/// Subcommands of `targets`.
#[derive(Debug, Subcommand)]
pub enum TargetsCommand {
    /// List targets
    #[command(after_help = "\
Examples:
  tecrax targets list manifests/
  tecrax targets list manifests/ -l site=fra -o wide
  tecrax targets list --catalog catalog.yaml      JSON, as the Python stack prints it

Reads files only. `tecrax get targets` shows how the targets of the last pass are.

A catalog that can not be used ends with 1, a wrong manifest with 65.")]
    List {
        /// Only targets whose labels match; not for catalogs
        #[arg(short = 'l', long, value_name = "SELECTOR", conflicts_with = "catalog")]
        selector: Option<String>,
        /// Where they come from.
        #[command(flatten)]
        from: From,
        /// Output format [default: table; json for a catalog]
        #[arg(short, long, value_enum)]
        output: Option<Format>,
    },
    /// Show one target
    #[command(after_help = "\
Examples:
  tecrax targets show web-07 manifests/
  tecrax targets show monitoring-host-01 --catalog catalog.yaml")]
    Show {
        /// Name of the target
        name: String,
        /// Where it comes from.
        #[command(flatten)]
        from: From,
        /// Output format: json or yaml
        #[arg(short, long, value_enum, default_value = "json")]
        output: Format,
    },
}

/// Runs `targets`.
pub fn run(context: &Context<'_>, args: &TargetsArgs) -> Result<Exit, Failure> {
    let named = context.global.profile.as_deref().is_some_and(is_stack);
    let profile = if named { context.built_in()? } else { context.profile()? };
    match &args.command {
        TargetsCommand::List { selector, from, output } => {
            let selector = selector.as_deref().map(selector::parse).transpose()?;
            let mut inventory = inventory::read(context, &profile, from)?;
            if let (Inventory::Manifests { targets, .. }, Some(selector)) = (&mut inventory, &selector) {
                targets.retain(|(_, declared)| selector.matches(&declared.labels));
            }
            let usual = if matches!(inventory, Inventory::Catalog(_)) { Format::Json } else { Format::Table };
            context.screen.data(&list(&inventory, output.unwrap_or(usual))?);
            if inventory.targets().is_empty() {
                context.screen.word("no target matches");
            }
            Ok(inventory.exit())
        }
        TargetsCommand::Show { name, from, output } => {
            let inventory = inventory::read(context, &profile, from)?;
            inventory.named(name)?;
            let mut found: Vec<Value> = match &inventory {
                Inventory::Catalog(catalog) => {
                    catalog.targets.iter().filter(|target| target.id == *name).map(CatalogTarget::json).collect()
                }
                Inventory::Manifests { targets, .. } => {
                    let mine = targets.iter().filter(|(target, _)| target.id == *name);
                    mine.map(|(target, declared)| declared.json(target)).collect()
                }
            };
            let value = if found.len() == 1 { found.pop().unwrap_or_default() } else { json!(found) };
            let output = if output.structured() { *output } else { Format::Json };
            context.screen.data(&format::text(output, &value)?);
            Ok(inventory.exit())
        }
    }
}

fn list(inventory: &Inventory, output: Format) -> Result<String, Failure> {
    let value = match inventory {
        Inventory::Catalog(catalog) => json!({
            "catalog_digest": catalog.digest,
            "catalog_version": catalog.version,
            "targets": catalog.targets.iter().map(CatalogTarget::json).collect::<Vec<_>>(),
        }),
        Inventory::Manifests { digest, targets, .. } => json!({
            "manifest_digest": digest,
            "targets": targets.iter().map(|(target, declared)| declared.json(target)).collect::<Vec<_>>(),
        }),
    };
    Ok(match output {
        Format::Json | Format::Yaml => format::text(output, &value)?,
        Format::Name => format::lines(inventory.targets().iter().map(|target| &target.id)),
        Format::Table | Format::Wide => table(inventory, output == Format::Wide),
    })
}

fn table(inventory: &Inventory, wide: bool) -> String {
    let mut headings = vec!["NAME", "KIND", "CONNECTORS"];
    if wide {
        headings.extend(["ENVIRONMENT", "LABELS", "CAPABILITIES", "PLACE"]);
    }
    let mut table = Table::new(&headings);
    let row = |target: &CatalogTarget, declared: Option<&Declared>| {
        let connectors = match declared {
            Some(declared) => {
                declared.connections.iter().map(|(name, kind)| format!("{name}={kind}")).collect::<Vec<_>>().join(",")
            }
            None => target.connector_refs.join(","),
        };
        let mut cells = vec![target.id.clone(), target.target_kind.clone(), connectors];
        if wide {
            let labels = declared.map(|declared| {
                declared.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
            });
            cells.push(target.environment_id.clone());
            cells.push(labels.unwrap_or_else(|| "-".to_owned()));
            cells.push(target.capabilities.join(","));
            cells.push(declared.map_or_else(|| "-".to_owned(), |declared| declared.place.clone()));
        }
        cells
    };
    match inventory {
        Inventory::Catalog(catalog) => {
            for target in &catalog.targets {
                table.row(row(target, None));
            }
        }
        Inventory::Manifests { targets, .. } => {
            for (target, declared) in targets {
                table.row(row(target, Some(declared)));
            }
        }
    }
    table.render()
}
