//! `adguard_health`: what `dig` and `curl` were told becomes a DNS server and an HTTP address.

use super::super::super::printable::steers;
use super::super::item::Kind;
use super::connector::{Made, Work, connection};
use crate::api::{Connection, Dns, Http};
use crate::desired::{base_url_fault, is_host};

/// The path that every request of the connection adds itself.
const LOGIN: &str = "/login.html";
/// The record that is asked for when nothing else is said, and its type.
const NAME: &str = "example.com";
const TYPE: &str = "A";

/// The connections `adguard` and `adguard-dns`; both, or neither.
pub(super) fn connections(work: &mut Work<'_>, parameters: &mut Vec<(&'static str, String)>) -> Vec<Connection> {
    let allowed = work.allowed();
    let arguments = |action: &str| allowed.iter().find(|(name, ..)| name == action).map(|(.., arguments)| arguments.as_slice());
    let dns = arguments("read_adguard_dns_resolution").and_then(dig);
    let web = arguments("read_adguard_login_status").and_then(curl);
    let (Some(asked), Some(base)) = (dns, web) else {
        let config = work.config;
        let help = "add the connections `adguard` (http) and `adguard-dns` (dns) by hand";
        work.say(Kind::LeftOut, config, "its allowlist names no DNS server and login page", help);
        return Vec::new();
    };
    if work.report.plain(&base).is_none() || work.report.plain(&asked.name).is_none() {
        let config = work.config;
        work.say(Kind::LeftOut, config, "its addresses can not stand in a manifest", "");
        return Vec::new();
    }
    if asked.name != NAME {
        parameters.push(("record-name", asked.name));
    }
    if asked.kind != TYPE {
        parameters.push(("record-type", asked.kind));
    }
    let http = Http { base_url: Some(base), base_url_from: None, auth: None, tls: None, headers: Vec::new() };
    let dns = Dns { server: asked.server, port: asked.port };
    [connection("adguard", Made::Http(Box::new(http))), connection("adguard-dns", Made::Dns(dns))].into_iter().flatten().collect()
}

/// A question that `dig` asked.
struct Asked {
    server: String,
    port: Option<u16>,
    name: String,
    kind: String,
}

/// Reads the arguments of `dig`; `None` without a server.
fn dig(arguments: &[String]) -> Option<Asked> {
    let (mut server, mut port, mut words) = (None, None, Vec::new());
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "-p" => port = Some(arguments.next()?.parse().ok().filter(|port: &u16| *port > 0)?),
            "-q" | "-t" => words.push(arguments.next()?),
            _ if argument.starts_with('@') => server = argument.strip_prefix('@'),
            _ if argument.starts_with(['+', '-']) => {}
            word => words.push(word),
        }
    }
    let server = server.filter(|server| is_host(server))?.to_owned();
    let (kinds, names): (Vec<&str>, Vec<&str>) =
        words.into_iter().filter(|word| *word != "IN").partition(|word| matches!(*word, "A" | "AAAA"));
    let name = match names.as_slice() {
        [] => NAME.to_owned(),
        [name] if is_host(name) && !name.contains([':', '%', '[', ']']) => name.trim_end_matches('.').to_ascii_lowercase(),
        _ => return None,
    };
    let kind = kinds.first().unwrap_or(&TYPE).to_string();
    Some(Asked { server, port: port.filter(|port| *port != 53), name, kind })
}

/// The address that `curl` asked, without the path of the login page.
fn curl(arguments: &[String]) -> Option<String> {
    let url = arguments.iter().find(|argument| argument.starts_with("http://") || argument.starts_with("https://"))?;
    let base = url.strip_suffix(LOGIN)?.trim_end_matches('/');
    (base_url_fault(base, false).is_none() && !base.chars().any(steers)).then(|| base.to_owned())
}
