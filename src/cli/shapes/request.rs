//! What exactly a shape sends on a connection.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::address;
use crate::api::{HttpAuthMode, LabelName};
use crate::connect::ssh::remote_command;
use crate::connect::{encoded_query, fixed_headers};
use crate::desired::{ConnectionConfig, DesiredTarget, HttpConfig};
use crate::profile::{Auth, HttpRequest, Request, Shape};

/// What is sent: for people in one line, for machines in full.
pub struct Sent {
    pub line: String,
    pub value: Value,
}

/// What `shape` sends to `target` over `config`.
pub(super) fn of(
    shape: &Shape,
    config: &ConnectionConfig,
    target: &DesiredTarget,
    parameters: &BTreeMap<LabelName, String>,
) -> Sent {
    match (config, &shape.request) {
        (ConnectionConfig::Fixture(_), _) => {
            Sent { line: "nothing: recorded readings".to_owned(), value: json!({"nothing": "recorded readings"}) }
        }
        (ConnectionConfig::NotInEffect(sentence), _) => {
            Sent { line: format!("nothing: {sentence}"), value: json!({"nothing": sentence}) }
        }
        (ConnectionConfig::Ssh(_), Request::Command(command)) => {
            let bytes = remote_command(&command.argv);
            Sent { value: json!({"command": bytes}), line: bytes }
        }
        (ConnectionConfig::Wrapper(wrapper), Request::Command(command)) => {
            let path = wrapper.path.display().to_string();
            let argv: Vec<String> = std::iter::once(path).chain(command.argv.iter().skip(1).cloned()).collect();
            let name = format!("{}/{}", target.namespace, target.name);
            Sent { line: remote_command(&argv), value: json!({"argv": argv, "environment": {"TECRAX_TARGET": name}}) }
        }
        (_, Request::Command(command)) => Sent { line: remote_command(&command.argv), value: json!({"argv": command.argv}) },
        (ConnectionConfig::Http(config), Request::Http(request)) => http(request, config),
        (_, Request::Http(request)) => Sent { line: shape.line(), value: json!({"method": request.method.as_str()}) },
        (config, Request::Dns(dns)) => {
            let value = |name| parameters.get(name).map_or("-", String::as_str);
            let (name, record) = (value(&dns.name), value(&dns.record));
            Sent {
                line: format!("{name} IN {record}"),
                value: json!({"question": {"name": name, "type": record, "class": "IN"}, "server": address::of(config)}),
            }
        }
    }
}

fn http(request: &HttpRequest, config: &HttpConfig) -> Sent {
    let method = request.method.as_str();
    let mut url = format!("{}{}", address::base(&config.base_url), request.path);
    if let Some(query) = encoded_query(request) {
        let _ = write!(url, "?{query}");
    }
    let bodies: Vec<Value> = request
        .bodies
        .iter()
        .map(|body| {
            let since = body.since.map(|since| since.to_string());
            json!({"name": body.name, "since": since, "body": body.json.to_string()})
        })
        .collect();
    // The profile names them newest first; a person reads the oldest form, and that there are others.
    let oldest = request.bodies.last().map(|body| body.json.to_string());
    let more = request.bodies.len().saturating_sub(1);
    let mut line = format!("{method} {url}");
    if let Some(body) = oldest {
        let _ = write!(line, " {body}");
    }
    if more > 0 {
        let _ = write!(line, " (+{more} for other versions of the server)");
    }
    let mut headers: BTreeMap<String, String> =
        fixed_headers(request).into_iter().map(|(name, value)| (name.to_string(), value.to_owned())).collect();
    headers.extend(config.headers.iter().map(|(name, source)| (name.clone(), address::reference(source))));
    let value = json!({
        "method": method,
        "url": url,
        "bodies": bodies,
        "headers": headers,
        "token": token(request, config),
    });
    Sent { line, value }
}

/// Where the token goes, and where it is read; `null` when the request carries none.
fn token(request: &HttpRequest, config: &HttpConfig) -> Value {
    let (Auth::Required { header_since }, Some((mode, source))) = (request.auth, &config.auth) else { return Value::Null };
    let place = match mode {
        HttpAuthMode::Header => "header Authorization".to_owned(),
        HttpAuthMode::Body => "member auth of the body".to_owned(),
        HttpAuthMode::Auto => format!("header Authorization from version {header_since} on, before that member auth of the body"),
    };
    json!({"from": address::reference(source), "in": place})
}
