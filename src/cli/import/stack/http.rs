//! Connectors that send HTTP requests.

use super::super::item::Kind;
use super::connector::{Made, Work, connection as made};
use super::environment::text;
use super::secret::Content;
use crate::api::{Connection, Http, HttpAuth, HttpAuthMode, HttpTls, ValueFrom};
use crate::desired::base_url_fault;
use crate::source::Located;

/// How the Python stack is told to send a token as tecrax does.
const BEARER: &str = "Bearer";

/// The connection `role`.
pub(super) fn connection(work: &mut Work<'_>, role: &str, https_only: bool) -> Option<Connection> {
    let (base_url, base_url_from) = base(work, https_only)?;
    let plain = base_url.as_ref().is_some_and(|url| url.starts_with("http://"));
    let auth = work.config.get("auth").filter(|auth| auth.map().is_some()).and_then(|auth| auth_of(work, auth));
    let tls = work.config.get("tls").filter(|tls| tls.map().is_some()).and_then(|tls| {
        let (name, at) = text(tls, "ca_file_secret_ref")?;
        if plain {
            work.say(Kind::NotCarried, at, "a CA is given for an address without TLS", "");
            return None;
        }
        let from = from(work, &name, at, Content::File("the CA certificates"))?;
        Some(HttpTls { ca_from: Some(from), client_cert_from: None })
    });
    made(role, Made::Http(Box::new(Http { base_url, base_url_from, auth, tls, headers: Vec::new() })))
}

/// The base URL, or a reference to it.
fn base(work: &mut Work<'_>, https_only: bool) -> Option<(Option<String>, Option<ValueFrom>)> {
    let config = work.config;
    if let Some((url, at)) = text(config, "base_url") {
        let url = url.trim_end_matches('/').to_owned();
        let fault = base_url_fault(&url, https_only)
            .or_else(|| work.report.plain(&url).is_none().then(|| "base_url can not stand in a manifest".to_owned()));
        return match fault {
            None => Some((Some(url), None)),
            Some(why) => {
                work.say(Kind::LeftOut, at, why, "add the connection by hand: `http.baseURL` is scheme, host, port and path");
                None
            }
        };
    }
    let Some((name, at)) = text(config, "base_url_secret_ref") else {
        work.say(Kind::LeftOut, config, "names no base_url", "add the connection by hand with `http.baseURL`");
        return None;
    };
    from(work, &name, at, Content::Same("the base URL")).map(|from| (None, Some(from)))
}

fn auth_of(work: &mut Work<'_>, auth: &Located) -> Option<HttpAuth> {
    let (name, at) = text(auth, "secret_ref")?;
    let header = text(auth, "header").map_or_else(|| "Authorization".to_owned(), |(header, _)| header);
    let prefix = text(auth, "prefix").map(|(prefix, _)| prefix).unwrap_or_default();
    let bearer = header.eq_ignore_ascii_case("authorization") && prefix.eq_ignore_ascii_case(BEARER);
    if !bearer {
        let message = "the token was sent in another way: where it goes is decided from the version of the server";
        work.say(Kind::Changed, auth, message, "`auth.mode` says it otherwise: Header or Body");
    }
    let token_from = from(work, &name, at, Content::Same("the access"))?;
    Some(HttpAuth { mode: if bearer { HttpAuthMode::Header } else { HttpAuthMode::Auto }, token_from })
}

fn from(work: &mut Work<'_>, name: &str, at: &Located, content: Content) -> Option<ValueFrom> {
    let place = work.environment.place(at);
    let reference = work.secrets.reference(name, content, &place, &work.object, work.report)?;
    Some(ValueFrom { file: None, secret_key_ref: Some(reference), config_map_key_ref: None })
}
