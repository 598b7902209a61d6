//! One HTTP connection as written: the origin, and references to what it may be given.

use super::model::{BaseUrl, HttpConfig};
use super::report::{Report, Scope};
use super::ssh::is_host;
use super::union::{exactly_one, unique};
use super::value::value_source;
use crate::api::{Http, reason};
use crate::profile::{Profile, Role};

/// Longest base URL, in bytes.
const MAX_URL: usize = 2048;
/// Headers that this program writes itself.
const OWN_HEADERS: [&str; 8] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "proxy-authorization",
    "transfer-encoding",
];

/// Reads the `http` field at `path`; `Err` is the sentence and the place of what this version does not build yet.
pub(super) fn read(
    report: &mut Report,
    scope: &Scope<'_>,
    path: &str,
    profile: &Profile,
    role: &Role,
    http: &Http,
) -> Result<HttpConfig, (String, String)> {
    exactly_one(report, scope, path, &[("baseURL", http.base_url.is_some()), ("baseURLFrom", http.base_url_from.is_some())]);
    let idle = |field: String| {
        let sentence = format!("http.{field} has no effect in this version, so this connection is not made");
        (sentence, format!("{path}.{field}"))
    };
    let source = |report: &mut Report, field: &str, from| {
        value_source(report, scope, &format!("{path}.{field}"), field, from).map_err(idle)
    };
    let base_url = match (&http.base_url, &http.base_url_from) {
        (None, Some(from)) => BaseUrl::From(source(report, "baseURLFrom", from)?),
        (given, _) => {
            let given = given.clone().unwrap_or_default();
            if let Some(why) = fault(&given, role.https_only) {
                let help = if given.starts_with("http://") && role.https_only {
                    "write https:// and the port that speaks TLS; a CA of your own goes to `tls.caFrom`"
                } else {
                    "write scheme, host, port and path, such as https://zabbix.example.net/zabbix"
                };
                report.error_with_help(scope, &format!("{path}.baseURL"), reason::BAD_VALUE, why, help);
            } else if let Some(own) = path_of_request(profile, role, &given) {
                let why = format!("baseURL ends with `{own}`, which every request adds itself");
                let help = format!("write `{}`", given.trim_end_matches('/').trim_end_matches(own));
                report.error_with_help(scope, &format!("{path}.baseURL"), reason::BAD_VALUE, why, help);
            }
            if given.starts_with("http://") && http.tls.is_some() {
                let help = "write https:// in baseURL, or leave `tls` out";
                let why = "`tls` is given for an address without TLS";
                report.error_with_help(scope, &format!("{path}.tls"), reason::BAD_VALUE, why, help);
            }
            BaseUrl::Given(given)
        }
    };
    let auth = match &http.auth {
        Some(auth) => Some((auth.mode, source(report, "auth.tokenFrom", &auth.token_from)?)),
        None => None,
    };
    let tls = http.tls.as_ref();
    let ca = tls.and_then(|tls| tls.ca_from.as_ref()).map(|from| source(report, "tls.caFrom", from)).transpose()?;
    let client_cert =
        tls.and_then(|tls| tls.client_cert_from.as_ref()).map(|from| source(report, "tls.clientCertFrom", from)).transpose()?;
    unique(report, scope, &format!("{path}.headers"), "name", http.headers.iter().map(|header| header.name.as_str()));
    let mut headers = Vec::with_capacity(http.headers.len());
    for (index, header) in http.headers.iter().enumerate() {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let name = header.name.to_ascii_lowercase();
        let at = format!("{path}.headers[{index}].name");
        if name.is_empty() || !name.bytes().all(token) {
            report.error(scope, &at, reason::BAD_VALUE, "a header name has letters, digits, `-` and `_`");
        } else if OWN_HEADERS.contains(&name.as_str()) {
            let help = "use `auth` for a token; the others follow from the request";
            report.error_with_help(scope, &at, reason::BAD_VALUE, format!("header `{name}` is written by tecrax itself"), help);
        }
        headers.push((name, source(report, &format!("headers[{index}].valueFrom"), &header.value_from)?));
    }
    Ok(HttpConfig { base_url, https_only: role.https_only, auth, headers, ca, client_cert })
}

/// The path of a request through this role with which `url` ends already: it was copied from a documentation of the service.
fn path_of_request<'p>(profile: &'p Profile, role: &Role, url: &str) -> Option<&'p str> {
    let connectors = profile.connectors.values().filter(|connector| connector.role.name == role.name);
    let mut paths =
        connectors.flat_map(|connector| connector.shapes.values()).filter_map(|shape| Some(shape.http()?.path.as_str()));
    let given = url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)))?.trim_end_matches('/');
    paths.find(|path| path.len() > 1 && given.ends_with(path))
}

/// Why `url` can not be the base of requests; `None` when it can. Also asked when the URL comes from a secret.
pub fn fault(url: &str, https_only: bool) -> Option<String> {
    if url.len() > MAX_URL {
        return Some(format!("baseURL is longer than {MAX_URL} bytes"));
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some("baseURL has no scheme".to_owned());
    };
    match scheme {
        "http" if https_only => return Some("this role is only read over TLS: baseURL must begin with https://".to_owned()),
        "http" | "https" => {}
        _ => return Some("baseURL must begin with http:// or https://".to_owned()),
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if rest.contains(['?', '#']) {
        return Some("baseURL has a query or a fragment: requests bring their own".to_owned());
    }
    if authority.contains('@') {
        return Some("baseURL holds credentials: name them by reference, in `auth`".to_owned());
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if !is_host(host) || (host.contains(':') && !host.starts_with('[')) || host.contains('%') {
        return Some("the host of baseURL is no name and no address".to_owned());
    }
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return Some("the port of baseURL must be 1 to 65535".to_owned());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if !path.bytes().all(plain) || path.split('/').any(|part| part == ".." || part == ".") {
        return Some("the path of baseURL has other characters than letters, digits and `/-._~`".to_owned());
    }
    None
}
