//! `shapes PATH…`: what can be sent to each target of these manifests.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format::{self, Format};
use super::super::get::absent;
use super::super::loaded::{count, exit_of, load};
use super::super::selector;
use super::super::table::Table;
use super::args::ShapesArgs;
use super::sends::{Scope, Send, all};

/// Loads the manifests and prints; 65 when some manifest is wrong, since its targets are missing here.
pub(super) fn print(context: &Context<'_>, args: &ShapesArgs) -> Result<Exit, Failure> {
    let selector = args.selector.as_deref().map(selector::parse).transpose()?;
    let profile = context.profile()?;
    let loaded = load(context, &args.paths)?;
    let exit = exit_of(&loaded.desired.problems);
    context.problems(&loaded.desired.problems);
    let known: Vec<String> = loaded.desired.targets.keys().map(|(_, name)| name.to_string()).collect();
    let missing: Vec<&str> = args.target.iter().filter(|name| !known.contains(name)).map(String::as_str).collect();
    if !missing.is_empty() {
        return Err(absent("target", &missing.join("`, `"), &missing, &known));
    }
    let scope = Scope { names: &args.target, selector: selector.as_ref(), namespace: args.namespace.as_deref() };
    let sends = all(&loaded.desired, &profile, &context.packs_of(&profile)?, &scope);
    context.screen.data(&text(args.output, &sends)?);
    if sends.is_empty() {
        context.screen.word("nothing would ever be sent: no Check of these manifests selects a target in scope");
    } else if !args.output.structured() {
        let targets: std::collections::BTreeSet<&str> = sends.iter().map(|send| send.target.uid.as_str()).collect();
        context.screen.word(&format!(
            "{} to {}; nothing else can be sent, and nothing was contacted",
            count(sends.len(), "request"),
            count(targets.len(), "target")
        ));
    }
    Ok(exit)
}

fn text(output: Format, sends: &[Send]) -> Result<String, Failure> {
    Ok(match output {
        Format::Json | Format::Yaml => {
            let items: Vec<_> = sends.iter().map(value).collect();
            format::text(output, &json!(items))?
        }
        Format::Name => {
            format::lines(sends.iter().map(|send| format!("{}/{}/{}", send.target.name, send.connection, send.shape.action)))
        }
        Format::Table | Format::Wide => table(sends, output == Format::Wide),
    })
}

fn value(send: &Send) -> serde_json::Value {
    json!({
        "namespace": send.target.namespace,
        "target": send.target.name,
        "connection": {"name": send.connection, "kind": send.kind, "address": send.address, "via": send.via},
        "connector": send.shape.connector,
        "shape": send.shape.action,
        "sends": send.sent.value,
        "maxOutputBytes": send.shape.max_output_bytes,
        "digest": send.shape.digest,
        "checks": send.checks,
    })
}

fn table(sends: &[Send], wide: bool) -> String {
    let mut headings = vec!["TARGET", "CONNECTION", "ADDRESS", "SHAPE", "DIGEST"];
    if wide {
        headings.extend(["NAMESPACE", "VIA", "CHECKS", "BYTES"]);
    }
    headings.push("SENDS");
    let mut table = Table::new(&headings);
    for send in sends {
        let mut cells = vec![
            send.target.name.to_string(),
            format!("{}={}", send.connection, send.kind),
            send.address.clone(),
            send.shape.action.clone(),
            send.shape.digest.short(),
        ];
        if wide {
            let via = if send.via.is_empty() { "-".to_owned() } else { send.via.join(",") };
            let checks: Vec<&str> = send.checks.iter().map(String::as_str).collect();
            cells.extend([send.target.namespace.to_string(), via, checks.join(","), send.shape.max_output_bytes.to_string()]);
        }
        cells.push(send.sent.line.clone());
        table.row(cells);
    }
    table.render()
}
