//! HPE V1910 with Comware 5: `display version`, `display device manuinfo` and `display ssh server status`.

use super::Device;
use super::fields::Fields;
use crate::facts::text::{collapse, is_whitespace, lines, lower};

/// The version with which a server says that it speaks both protocols (RFC 4253, section 5.1).
const BOTH: &str = "1.99";
/// The version of one that speaks the second only (the same section).
const SECOND: &str = "2.0";
/// Longest text that is kept of one line.
const LINE_MAX: usize = 512;

pub(super) fn read(system: &str, ssh: &str) -> Device {
    let (fields, ssh) = (Fields::of(system), Fields::of(ssh));
    let description = match fields.get(&["device name", "system description", "product name"]) {
        "" => model_line(system),
        field => field.to_owned(),
    };
    let or = |field: &str, otherwise: &dyn Fn() -> String| if field.is_empty() { otherwise() } else { field.to_owned() };
    let version = ssh.get(&["ssh version", "ssh server version"]);
    let compatible = ssh.state(&["ssh server compatible-ssh1x", "compatible ssh1x", "protocol v1"]);
    Device {
        system_name: or(fields.get(&["device name", "system name"]), &|| description.clone()),
        hardware_version: or(fields.get(&["hardware version", "hardware"]), &|| product_number(system)),
        software_version: or(fields.get(&["software version"]), &|| software_version(system).unwrap_or_default()),
        system_description: description,
        server: ssh.state(&["ssh server", "stelnet server"]),
        v1: if version == BOTH { Some(true) } else { compatible.or((version == SECOND).then_some(false)) },
        v2: if version == BOTH || version.contains('2') {
            Some(true)
        } else {
            ssh.state(&["ssh server protocol v2", "protocol v2"])
        },
        idle_timeout: ssh.first_number(&["ssh authentication timeout", "ssh idle timeout"]),
        max_clients: ssh.first_number(&["ssh max connections", "max clients"]),
    }
}

/// The first line that names the model.
fn model_line(system: &str) -> String {
    let names = |line: &String| {
        let line = lower(line);
        line.contains("v1910") && line.contains("switch")
    };
    lines(system).map(|line| collapse(line, LINE_MAX)).find(names).unwrap_or_default()
}

/// The first word in the form of a product number: `J`, three to eight capitals or digits, `A`.
fn product_number(system: &str) -> String {
    let fits = |word: &&str| {
        let inner = word.strip_prefix('J').and_then(|rest| rest.strip_suffix('A'));
        inner.is_some_and(|inner| {
            (3..=8).contains(&inner.len()) && inner.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    };
    system.split(|c: char| !(c.is_alphanumeric() || c == '_')).find(fits).unwrap_or_default().to_owned()
}

/// What follows the first `Version`, up to a comma or the end of the line; and the release, when that is what comes after the comma.
fn software_version(system: &str) -> Option<String> {
    let mut rest = system;
    while let Some((_, tail)) = split_at_word(rest, "version") {
        if let Some(version) = version_of(tail) {
            return Some(collapse(&version, LINE_MAX));
        }
        rest = tail;
    }
    None
}

fn version_of(tail: &str) -> Option<String> {
    let blanks: Vec<usize> =
        tail.char_indices().take_while(|(_, c)| is_whitespace(*c)).map(|(at, c)| at + c.len_utf8()).collect();
    // The last blanks may belong to the version, when nothing but them stands before the comma.
    let version = blanks.iter().rev().find_map(|at| {
        let text = tail.get(*at..)?;
        let end = text.find([',', '\n']).unwrap_or(text.len());
        (end > 0).then(|| text.split_at(end))
    });
    let (version, rest) = version?;
    Some(match release(rest) {
        Some(release) => format!("{version}{release}"),
        None => version.to_owned(),
    })
}

/// `, Release WORD` at the beginning of `rest`.
fn release(rest: &str) -> Option<&str> {
    let tail = rest.strip_prefix(',')?.trim_start_matches(is_whitespace);
    let (before, tail) = split_at_word(tail, "release")?;
    let word = tail.trim_start_matches(is_whitespace);
    if !before.is_empty() || word.is_empty() || word.len() == tail.len() {
        return None;
    }
    let end = word.find(is_whitespace).unwrap_or(word.len());
    rest.get(..rest.len() - word.len() + end)
}

/// What stands before and after the first `word`, whose case does not matter.
fn split_at_word<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let bytes = text.as_bytes();
    let at = bytes.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))?;
    Some((text.get(..at)?, text.get(at + word.len()..)?))
}
