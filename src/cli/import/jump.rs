//! Jump hosts as SSH clients write them. Rule: ssh_config(5), ProxyJump; ssh(1), -J and -W.

/// One jump host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hop {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
}

/// Flags of `ssh` without a value that do not change where a jump leads.
const HARMLESS: [&str; 9] = ["-q", "-x", "-a", "-A", "-T", "-4", "-6", "-C", "-k"];

/// The hops of a ProxyJump, in order: `[user@]host[:port]` or `ssh://…`, separated by commas. None for `none`.
///
/// # Errors
/// What is no such list.
pub(super) fn hops(text: &str) -> Result<Vec<Hop>, &'static str> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    text.split(',').map(hop).collect()
}

fn hop(text: &str) -> Result<Hop, &'static str> {
    let text = text.trim();
    let text = text.strip_prefix("ssh://").map_or(text, |rest| rest.trim_end_matches('/'));
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, text),
    };
    let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or("text after a bracket")?)),
        None => match rest.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, Some(port)),
            _ => (rest, None),
        },
    };
    if host.is_empty() || user.as_deref() == Some("") {
        return Err("an empty host or user");
    }
    let port = port.map(|port| port.parse().ok().filter(|port| *port > 0).ok_or("a port that is none")).transpose()?;
    Ok(Hop { user, host: host.to_owned(), port })
}

/// The hop of a command that does what ProxyJump does: `ssh [-q …] -W %h:%p [user@]host`. None when it does anything else.
pub(super) fn of_command(words: &[String]) -> Option<Vec<Hop>> {
    let mut words = words.iter().map(String::as_str);
    let program = words.next()?;
    if program.rsplit('/').next() != Some("ssh") {
        return None;
    }
    let (mut forwards, mut login, mut port, mut to) = (false, None, None, None);
    while let Some(word) = words.next() {
        match word {
            "-W" => forwards = matches!(words.next()?, "%h:%p" | "[%h]:%p"),
            "-l" => login = Some(words.next()?.to_owned()),
            "-p" => port = Some(words.next()?.parse().ok()?),
            word if HARMLESS.contains(&word) => {}
            word if word.starts_with('-') => return None,
            word if to.is_none() => to = Some(hop(word).ok()?),
            _ => return None,
        }
    }
    let to = to?;
    forwards.then(|| vec![Hop { user: to.user.or(login), port: to.port.or(port), host: to.host }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<(Option<String>, String, Option<u16>)> {
        hops(text).unwrap_or_default().into_iter().map(|hop| (hop.user, hop.host, hop.port)).collect()
    }

    #[test]
    fn jumps() {
        let hop = |user: Option<&str>, host: &str, port| (user.map(str::to_owned), host.to_owned(), port);
        assert_eq!(shown("bastion"), [hop(None, "bastion", None)]);
        assert_eq!(shown("a@b:2222,ssh://c@d:22/"), [hop(Some("a"), "b", Some(2222)), hop(Some("c"), "d", Some(22))]);
        assert_eq!(shown("[fe80::1]:22,fe80::2"), [hop(None, "fe80::1", Some(22)), hop(None, "fe80::2", None)]);
        assert_eq!(hops("none"), Ok(Vec::new()));
        for bad in ["", "a,,b", "@b", "a:0", "a:x", "[a]x"] {
            assert!(hops(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn commands_that_only_jump() {
        let of = |text: &str| of_command(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let to = |user: Option<&str>, port| Some(vec![Hop { user: user.map(str::to_owned), host: "b".to_owned(), port }]);
        assert_eq!(of("ssh -q -W %h:%p b"), to(None, None));
        assert_eq!(of("/usr/bin/ssh a@b -W [%h]:%p"), to(Some("a"), None));
        assert_eq!(of("ssh -l a -p 23 b -W %h:%p"), to(Some("a"), Some(23)));
        for other in ["nc b 22", "ssh b nc %h %p", "ssh -W host:22 b", "ssh -F x -W %h:%p b", "ssh -W %h:%p", ""] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_written_hop_comes_back(user in prop::option::of("[a-z][a-z0-9_-]{0,8}"), host in "[a-z0-9.-]{1,20}", port in prop::option::of(1_u16..)) {
            let text = format!(
                "{}{host}{}",
                user.as_ref().map(|user| format!("{user}@")).unwrap_or_default(),
                port.map(|port| format!(":{port}")).unwrap_or_default(),
            );
            prop_assume!(host != "none");
            prop_assert_eq!(hops(&text), Ok(vec![Hop { user, host, port }]));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            let _ = hops(&text);
        }
    }
}
