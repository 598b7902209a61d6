//! `tecrax ssh forced-command`: the closed list, held by the target itself.

use std::sync::Arc;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::get::absent;
use super::super::loaded::{Loaded, count, exit_of, load};
use super::super::shapes::sends::{Scope, all};
use super::args::ForcedCommandArgs;
use super::key;
use crate::api::LabelName;
use crate::connect::ssh::Gate;
use crate::desired::{ConnectionConfig, DesiredTarget, SshConfig};
use crate::profile::{Profile, Shape};
use crate::reaction::Packs;

/// Where scripts lie on a target unless told otherwise.
const FOLDER: &str = "/usr/local/lib/tecrax";

/// The SSH connection of a target.
struct Login<'a> {
    target: &'a DesiredTarget,
    role: &'a LabelName,
    config: &'a SshConfig,
}

/// Runs `ssh forced-command`.
pub(super) fn run(context: &Context<'_>, args: &ForcedCommandArgs) -> Result<Exit, Failure> {
    let profile = context.profile()?;
    let loaded = load(context, &args.paths)?;
    let exit = exit_of(&loaded.desired.problems);
    context.problems(&loaded.desired.problems);
    let login = login(&loaded, args)?;
    let shapes = shapes(&loaded, (&profile, &context.packs_of(&profile)?), &login, args.every_intent);
    let name = format!("{}/{}", login.target.namespace, login.target.name);
    let path = match &args.path {
        Some(path) => path.clone(),
        None => format!("{FOLDER}/gate-{}.{}", login.target.namespace, login.target.name),
    };
    let gate = Gate::new(&name, &path, shapes.iter().map(|shape| shape.argv())).ok_or_else(|| {
        Failure::new(Exit::Config, "--path is no path that needs no quotes")
            .help("write an absolute path of ASCII letters, digits, `.`, `_`, `+`, `@` and `-`")
    })?;
    let known = if args.script { None } else { key::of(args.key.as_deref(), &login.config.identity)? };
    let line = gate.line(known.as_deref().unwrap_or(key::PLACEHOLDER));
    let user = login.config.user.as_deref().unwrap_or("LOGIN");
    if args.line {
        context.screen.data(&line);
    } else if args.script {
        context.screen.bytes(gate.script().as_bytes());
    } else {
        let rule = "#".repeat(20);
        context.screen.data(&format!("{rule} ~{user}/.ssh/authorized_keys\n{line}\n\n{rule} {path}\n{}", gate.script()));
    }
    let words = |text: &str| context.screen.word(text);
    if gate.is_empty() {
        words("nothing is permitted: no Check of these manifests asks this target anything over SSH");
    }
    if !args.line {
        words(&format!("{} for {name}; save the script as {path} there, owned by root, mode 755", count(gate.len(), "command")));
    }
    if !args.script {
        words(&format!("put the line into ~{user}/.ssh/authorized_keys there, in place of any other line with this key"));
        if known.is_none() {
            words(&format!("write the public key in place of {}, or run this again with --key FILE", key::PLACEHOLDER));
        }
        for (target, hop) in reached_through(&loaded, login.config) {
            words(&format!(
                "{target} is reached through this host, and `restrict` refuses that: let tecrax jump with a key of its own, or write \
                 restrict,port-forwarding,permitopen=\"{hop}\",permitlisten=\"localhost:1\""
            ));
        }
    }
    Ok(exit)
}

fn login<'l>(loaded: &'l Loaded, args: &ForcedCommandArgs) -> Result<Login<'l>, Failure> {
    let targets = &loaded.desired.targets;
    let found = targets.values().find(|it| it.name.as_str() == args.target && it.namespace.as_str() == args.namespace);
    let Some(target) = found else {
        let known: Vec<String> = targets
            .keys()
            .filter(|(namespace, _)| namespace.as_str() == args.namespace)
            .map(|(_, name)| name.to_string())
            .collect();
        return Err(absent("target", &args.target, &[&args.target], &known));
    };
    let ssh = target.connections.iter().find_map(|(role, connection)| match &connection.config {
        ConnectionConfig::Ssh(config) => Some(Login { target, role, config }),
        _ => None,
    });
    ssh.ok_or_else(|| {
        Failure::new(Exit::Config, format!("target `{}` has no ssh connection", args.target))
            .help("only a login over SSH can be bound to a command")
    })
}

/// The shapes that the login must be able to run.
fn shapes(loaded: &Loaded, (profile, packs): (&Profile, &Packs), login: &Login<'_>, every: bool) -> Vec<Arc<Shape>> {
    if every {
        let connectors = profile.connectors.values().filter(|connector| connector.role.name == *login.role);
        return connectors.flat_map(|connector| connector.shapes.values().cloned()).collect();
    }
    let names = [login.target.name.to_string()];
    let scope = Scope { names: &names, selector: None, namespace: Some(login.target.namespace.as_str()) };
    let sends = all(&loaded.desired, profile, packs, &scope);
    sends.into_iter().filter(|send| send.connection == *login.role).map(|send| send.shape).collect()
}

/// Targets whose way leads through `config`, and where the next hop is.
fn reached_through(loaded: &Loaded, config: &SshConfig) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for target in loaded.desired.targets.values() {
        for connection in target.connections.values() {
            let ConnectionConfig::Ssh(ssh) = &connection.config else { continue };
            let hops = ssh.via.iter().map(AsRef::as_ref);
            let next = ssh.via.iter().skip(1).map(AsRef::as_ref).chain([ssh.as_ref()]);
            let here = hops.zip(next).filter(|(hop, _)| *hop == config);
            found.extend(here.map(|(_, next)| {
                let host = if next.host_from.is_some() { "HOST" } else { &next.host };
                (target.name.to_string(), format!("{host}:{}", next.port))
            }));
        }
    }
    found
}
