//! The shapes of a connector: the closed list of what may be sent through its role.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_yaml::Location;

use super::argv;
use super::digest;
use super::raw;
use super::report::{Report, is_token};
use super::shape::{Auth, Body, CommandRequest, DnsRequest, HttpAnswer, HttpRequest, Method, Request, ServerVersion, Shape};
use super::yaml::At;
use crate::api::{Digest, LabelName};

/// Largest bound of an output, in bytes.
const MAX_OUTPUT_BYTES: u64 = 1024 * 1024;
/// Most documented exit statuses of one shape.
const MAX_EXIT_CODES: usize = 32;
/// Most substrings of stderr that mean "unsupported".
const MAX_UNSUPPORTED: usize = 16;
/// Longest help of a shape, in characters.
const MAX_HELP: usize = 512;
/// Longest path of a request, in bytes.
const MAX_PATH: usize = 256;
/// Most forms of one body.
const MAX_BODIES: usize = 4;

/// Where a shape stands.
struct Here<'a> {
    path: &'a str,
    action: &'a str,
    at: Location,
}

impl Here<'_> {
    fn fault(&self, report: &mut Report<'_>, at: Option<Location>, why: &str) {
        report.fault(self.path, at.or(Some(self.at)), format!("shape `{}`: {why}", self.action));
    }
}

/// The shapes of a connector as written.
pub(super) struct Written {
    pub(super) commands: BTreeMap<String, At<raw::Shape>>,
    pub(super) http: BTreeMap<String, At<raw::HttpShape>>,
    pub(super) dns: BTreeMap<String, At<raw::DnsShape>>,
}

/// What every kind of shape has, as written.
struct Common {
    max_output_bytes: At<u64>,
    unsupported_help: At<String>,
}

/// Every shape by action; what is wrong has been reported.
pub(super) fn check(
    report: &mut Report<'_>,
    path: &str,
    connector: &str,
    capabilities: &[String],
    written: Written,
) -> BTreeMap<String, Arc<Shape>> {
    let mut made = Vec::new();
    for (action, At { value, referenced: at, .. }) in written.commands {
        let here = Here { path, action: &action, at };
        let (request, common) = command(report, &here, value);
        made.push((action, at, request, common));
    }
    for (action, At { value, referenced: at, .. }) in written.http {
        let here = Here { path, action: &action, at };
        let (request, common) = http(report, &here, value);
        made.push((action, at, request, common));
    }
    for (action, At { value, referenced: at, .. }) in written.dns {
        let here = Here { path, action: &action, at };
        if let Some((request, common)) = dns(report, &here, value) {
            made.push((action, at, request, common));
        }
    }
    let mut shapes = BTreeMap::new();
    for (action, at, request, common) in made {
        if !is_token(&action) {
            report.fault(path, Some(at), format!("action `{}` is no identifier", action.escape_debug()));
        } else if !capabilities.contains(&action) {
            report.fault(path, Some(at), format!("shape `{action}` is missing in capabilities"));
        }
        let shape = shape(report, &Here { path, action: &action, at }, connector, request, common);
        if shapes.insert(action.clone(), Arc::new(shape)).is_some() {
            report.fault(path, Some(at), format!("shape `{action}` stands twice"));
        }
    }
    shapes
}

fn shape(report: &mut Report<'_>, here: &Here<'_>, connector: &str, request: Request, common: Common) -> Shape {
    let bound = common.max_output_bytes.value;
    if !(1..=MAX_OUTPUT_BYTES).contains(&bound) {
        let why = format!("max_output_bytes must be from 1 to {MAX_OUTPUT_BYTES}");
        here.fault(report, Some(common.max_output_bytes.referenced), &why);
    }
    let help = common.unsupported_help.value;
    if help.trim().is_empty() || help.chars().count() > MAX_HELP || help.chars().any(char::is_control) {
        let why = format!("unsupported_help must be one line of 1 to {MAX_HELP} characters");
        here.fault(report, Some(common.unsupported_help.referenced), &why);
    }
    let mut shape = Shape {
        connector: connector.to_owned(),
        action: here.action.to_owned(),
        request,
        max_output_bytes: u32::try_from(bound.min(MAX_OUTPUT_BYTES)).unwrap_or_default(),
        unsupported_help: help,
        digest: Digest::of(&[]),
    };
    shape.digest = digest::shape(&shape);
    shape
}

fn command(report: &mut Report<'_>, here: &Here<'_>, raw: raw::Shape) -> (Request, Common) {
    if let Some(why) = argv::fault(&raw.argv.value) {
        here.fault(report, Some(raw.argv.referenced), &why);
    }
    let (codes, at) = raw.exit_codes.map_or((vec![0], here.at), |codes| (codes.value, codes.referenced));
    let mut exit_codes: Vec<i32> = codes.iter().filter_map(|code| u8::try_from(*code).ok().map(i32::from)).collect();
    exit_codes.sort_unstable();
    exit_codes.dedup();
    if codes.is_empty() || codes.len() > MAX_EXIT_CODES || exit_codes.len() != codes.len() {
        let why = format!("exit_codes must be 1 to {MAX_EXIT_CODES} different statuses from 0 to 255");
        here.fault(report, Some(at), &why);
    }
    if raw.unsupported_stderr.len() > MAX_UNSUPPORTED {
        here.fault(report, None, &format!("more than {MAX_UNSUPPORTED} unsupported_stderr entries"));
    }
    for text in &raw.unsupported_stderr {
        if text.value.trim().len() < 4 || text.value.len() > 128 {
            here.fault(report, Some(text.referenced), "an unsupported_stderr entry needs 4 to 128 characters");
        }
    }
    let request = CommandRequest {
        argv: raw.argv.value,
        exit_codes,
        unsupported_stderr: raw.unsupported_stderr.into_iter().map(|text| text.value).collect(),
    };
    let common = Common { max_output_bytes: raw.max_output_bytes, unsupported_help: raw.unsupported_help };
    (Request::Command(request), common)
}

fn http(report: &mut Report<'_>, here: &Here<'_>, raw: raw::HttpShape) -> (Request, Common) {
    let method = match raw.method.value.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        other => {
            here.fault(
                report,
                Some(raw.method.referenced),
                &format!("method `{}` is neither GET nor POST", other.escape_debug()),
            );
            Method::Get
        }
    };
    let path = raw.path.value;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if !path.starts_with('/') || path.len() > MAX_PATH || !path.bytes().all(plain) || path.split('/').any(|part| part == "..") {
        let why = format!("path must be absolute, plain, without `..` and at most {MAX_PATH} characters");
        here.fault(report, Some(raw.path.referenced), &why);
    }
    let answer = match (raw.answer.value.as_str(), raw.unwrap) {
        ("json", unwrap) => HttpAnswer::Json { unwrap, rpc: false },
        ("json_rpc", None) => HttpAnswer::Json { unwrap: None, rpc: true },
        ("status", None) => HttpAnswer::Status,
        _ => {
            here.fault(report, Some(raw.answer.referenced), "answer is json, json_rpc or status; only json can be unwrapped");
            HttpAnswer::Status
        }
    };
    let auth = match raw.token_header_since {
        None => Auth::None,
        Some(text) => Auth::Required { header_since: version(report, here, &text) },
    };
    let mut bodies: Vec<Body> = raw.body.into_iter().map(|json| Body { name: "default".to_owned(), since: None, json }).collect();
    for body in raw.bodies {
        let since = body.value.since.map(|text| version(report, here, &text));
        bodies.push(Body { name: body.value.name, since, json: body.value.json });
    }
    // The newest form comes first: the first whose version fits is the one that is sent.
    bodies.sort_by_key(|body| std::cmp::Reverse(body.since));
    if bodies.len() > MAX_BODIES || bodies.windows(2).any(|pair| matches!(pair, [one, other] if one.since == other.since)) {
        here.fault(report, None, &format!("at most {MAX_BODIES} bodies, each from another version on"));
    }
    if bodies.last().is_some_and(|body| body.since.is_some()) {
        here.fault(report, None, "one body must be for every version before the others: it has no `since`");
    }
    if bodies.iter().any(|body| !body.json.is_object()) || (method == Method::Post) == bodies.is_empty() {
        here.fault(report, None, "a POST has a JSON object as its body, a GET has none");
    }
    let needs_version = bodies.len() > 1 || auth != Auth::None;
    if needs_version && raw.version_from.is_none() {
        here.fault(report, None, "version_from must name the shape that reads the server's version, as connector.action");
    }
    let (query, version_from) = (raw.query, raw.version_from);
    let request = HttpRequest { method, path, query, bodies, answer, auth, version_from };
    let common = Common { max_output_bytes: raw.max_output_bytes, unsupported_help: raw.unsupported_help };
    (Request::Http(request), common)
}

fn version(report: &mut Report<'_>, here: &Here<'_>, text: &At<String>) -> ServerVersion {
    ServerVersion::parse(&text.value).unwrap_or_else(|| {
        here.fault(report, Some(text.referenced), &format!("bad version `{}`: write \"6.4\"", text.value.escape_debug()));
        ServerVersion { major: 0, minor: 0 }
    })
}

fn dns(report: &mut Report<'_>, here: &Here<'_>, raw: raw::DnsShape) -> Option<(Request, Common)> {
    let mut parameter = |text: At<String>| match LabelName::parse(&text.value) {
        Ok(name) => Some(name),
        Err(error) => {
            here.fault(report, Some(text.referenced), &error.to_string());
            None
        }
    };
    let (name, record) = (parameter(raw.name), parameter(raw.r#type));
    let common = Common { max_output_bytes: raw.max_output_bytes, unsupported_help: raw.unsupported_help };
    Some((Request::Dns(DnsRequest { name: name?, record: record? }), common))
}
