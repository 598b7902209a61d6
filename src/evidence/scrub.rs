//! Takes absolute paths and addresses out of what artifacts say.
//!
//! It finds what is written as such: a path begins with a slash that nothing stands before, an address is a literal of IPv4 or
//! IPv6. Where it is in doubt it takes out too much: a version of four numbers goes with the addresses.

use core::net::{Ipv4Addr, Ipv6Addr}; // parses text; the sockets are in std

use super::Show;

/// Stands for a path.
const PATH: &str = "<path>";
/// Stands for an address.
const ADDRESS: &str = "<address>";

/// `text` without what `show` does not let through; `None` when it holds nothing of the kind.
pub(super) fn scrub_text(text: &str, show: Show) -> Option<String> {
    // Most texts hold neither.
    let suspicious = |byte: u8| match byte {
        b'/' => !show.paths,
        b':' | b'.' => !show.addresses,
        _ => false,
    };
    if !text.bytes().any(suspicious) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let before = text.get(..text.len() - rest.len()).and_then(|done| done.chars().next_back());
        let length = if first == '/' && !show.paths && begins_path(before) { path(rest, before) } else { None };
        let taken = if let Some(length) = length {
            out.push_str(PATH);
            length
        } else if literal(first) && !show.addresses {
            addresses(rest, before, &mut out)
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    (out != text).then_some(out)
}

/// Whether a slash after `before` begins a path: `n/a`, `12/05`, `../x` and `~/x` do not.
fn begins_path(before: Option<char>) -> bool {
    before.is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '/' | '.' | '~' | '-' | '_' | '>' | ']'))
}

/// How long the absolute path at the start of `rest` is; `None` for a bare slash and for what follows the name of a scheme.
fn path(rest: &str, before: Option<char>) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || "\"'`<>|,;:()[]{}".contains(c);
    let length = rest.find(ends).unwrap_or(rest.len());
    let body = rest.get(..length)?.trim_start_matches('/');
    let slashes = length - body.len();
    // `scheme://host/x` names a host; `file:///x` names a file.
    let host = before == Some(':') && slashes == 2;
    (!body.is_empty() && !host).then_some(length)
}

/// What addresses are written with.
fn literal(character: char) -> bool {
    character.is_ascii_hexdigit() || character == ':' || character == '.'
}

/// Writes the run of such characters at the start of `rest` without its addresses, and says how much of `rest` that was.
fn addresses(rest: &str, before: Option<char>, out: &mut String) -> usize {
    let (run, after) = rest.split_at_checked(rest.find(|c| !literal(c)).unwrap_or(rest.len())).unwrap_or((rest, ""));
    let alone = before.is_none_or(|before| !before.is_ascii_alphanumeric()) && run.matches(':').count() >= 2;
    let is_six = |tail: &&&str| run.strip_suffix(**tail).is_some_and(|run| run.parse::<Ipv6Addr>().is_ok());
    if let (true, Some(tail)) = (alone, ["", ".", ":", "::"].iter().find(is_six)) {
        out.push_str(ADDRESS);
        out.push_str(tail);
        return run.len() + zone(after);
    }
    for (index, piece) in run.split(':').enumerate() {
        if index > 0 {
            out.push(':');
        }
        let four = piece.trim_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
        match piece.split_once(four).filter(|_| four.parse::<Ipv4Addr>().is_ok()) {
            Some((left, right)) => out.extend([left, ADDRESS, right]),
            None => out.push_str(piece),
        }
    }
    run.len()
}

/// How long `%eth0` after an address is.
fn zone(rest: &str) -> usize {
    let Some(name) = rest.strip_prefix('%') else { return 0 };
    1 + name.find(|c: char| !c.is_ascii_alphanumeric() && !"_.-".contains(c)).unwrap_or(name.len())
}

#[cfg(test)]
mod tests {
    use super::{Show, scrub_text};

    fn scrubbed(text: &str) -> String {
        scrub_text(text, Show::default()).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn absolute_paths_go() {
        for (text, clean) in [
            ("/dev/vda1", "<path>"),
            ("cannot read /etc/shadow: denied", "cannot read <path>: denied"),
            ("PATH=/usr/bin:/bin", "PATH=<path>:<path>"),
            ("(/dev/vda1)", "(<path>)"),
            ("\"/a b/c\"", "\"<path> b/c\""),
            ("file:///etc/passwd", "file:<path>"),
            ("//srv/share", "<path>"),
            ("ö /ö/ä ö", "ö <path> ö"),
        ] {
            assert_eq!(scrubbed(text), clean);
        }
    }

    #[test]
    fn what_is_no_absolute_path_stays() {
        for text in ["/", "n/a", "12/05/2026", "../x", "~/x", "https://example.com/a/b", "a / b", "tecrax.io/v1alpha1", "//", ""]
        {
            assert_eq!(scrubbed(text), text);
        }
    }

    #[test]
    fn addresses_go() {
        for (text, clean) in [
            ("10.0.0.1", "<address>"),
            ("10.0.0.1:22", "<address>:22"),
            ("10.0.0.0/8 and 192.0.2.7.", "<address>/8 and <address>."),
            ("tcp:192.0.2.7", "tcp:<address>"),
            ("x10.0.0.1y", "x<address>y"),
            ("data10.0.0.1", "data<address>"),
            ("2001:db8::1", "<address>"),
            ("[2001:db8::1]:22", "[<address>]:22"),
            ("fe80::1%eth0: timed out", "<address>: timed out"),
            ("::1", "<address>"),
            ("::ffff:192.0.2.1", "<address>"),
        ] {
            assert_eq!(scrubbed(text), clean, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_stays() {
        for text in
            ["12:04:11", "1.2.3", "6.1.0-18-amd64", "52:54:00:12:34:56", "std::net", "1.3.6.1.4.1.2021", "0.08 0.03", "a: b"]
        {
            assert_eq!(scrubbed(text), text);
        }
    }

    #[test]
    fn each_class_is_let_through_by_its_own_word() {
        let text = "/etc/hosts says 192.0.2.1";
        assert_eq!(scrub_text(text, Show { paths: true, addresses: false }).as_deref(), Some("/etc/hosts says <address>"));
        assert_eq!(scrub_text(text, Show { paths: false, addresses: true }).as_deref(), Some("<path> says 192.0.2.1"));
        assert_eq!(scrub_text(text, Show { paths: true, addresses: true }), None);
    }
}
