//! The host of a URL's authority, as Python 3.11 reads URLs.

// Addresses as values: `core` has no sockets.
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::facts::text;

/// Characters that a compatibility normalization turns into one of `/?#@:`, which would move the end of the authority.
const EXPANDING: [char; 19] = [
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2A74}', '\u{FE13}', '\u{FE16}',
    '\u{FE55}', '\u{FE56}', '\u{FE5F}', '\u{FE6B}', '\u{FF03}', '\u{FF0F}', '\u{FF1A}', '\u{FF1F}', '\u{FF20}',
];

/// The host of the authority, lower-cased; empty when there is none. An error is the text of the exception that Python raises.
pub(super) fn hostname(url: &str) -> Result<String, String> {
    let url = url.trim_start_matches(|c: char| c <= ' ');
    let url: String = url.chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let rest = after_scheme(&url);
    let Some(rest) = rest.strip_prefix("//") else { return Ok(String::new()) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    check_brackets(authority)?;
    if authority.contains(EXPANDING) {
        return Err(format!("netloc '{authority}' contains invalid characters under NFKC normalization"));
    }
    let place = authority.rsplit('@').next().unwrap_or_default();
    let host = match place.split_once('[') {
        Some((_, bracketed)) => bracketed.split(']').next(),
        None => place.split(':').next(),
    };
    let host = host.unwrap_or_default();
    let (name, zone) = host.split_at(host.find('%').unwrap_or(host.len()));
    Ok(format!("{}{zone}", text::lower(name)))
}

/// The URL without its scheme: a letter, then letters, digits and `+-.`, then a colon.
fn after_scheme(url: &str) -> &str {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    url.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).map_or(url, |(_, rest)| rest)
}

/// Brackets come in pairs and hold an IPv6 address, or one of a later version.
fn check_brackets(authority: &str) -> Result<(), String> {
    match (authority.split_once('['), authority.contains(']')) {
        (None, false) => Ok(()),
        (Some((_, rest)), true) => {
            let address = rest.split(']').next().unwrap_or_default();
            if address.starts_with('v') { check_future(address) } else { check_ipv6(address) }
        }
        _ => Err("Invalid IPv6 URL".to_owned()),
    }
}

/// `v`, hex digits, a point, and something on one line.
fn check_future(address: &str) -> Result<(), String> {
    let parts = address.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    let fits = parts.is_some_and(|(version, rest)| {
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_hexdigit()) && !rest.is_empty()
    });
    if fits { Ok(()) } else { Err("IPvFuture address is invalid".to_owned()) }
}

/// An IPv6 address, perhaps with a zone.
fn check_ipv6(address: &str) -> Result<(), String> {
    if address.parse::<Ipv4Addr>().is_ok() {
        return Err("An IPv4 address cannot be in brackets".to_owned());
    }
    let (place, zone) = address.split_once('%').map_or((address, None), |(place, zone)| (place, Some(zone)));
    let zone_fits = zone.is_none_or(|zone| !zone.is_empty() && !zone.contains('%'));
    if zone_fits && place.parse::<Ipv6Addr>().is_ok() {
        return Ok(());
    }
    Err(format!("'{address}' does not appear to be an IPv4 or IPv6 address"))
}
