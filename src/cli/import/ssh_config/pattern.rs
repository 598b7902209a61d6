//! Patterns of Host lines and of Include. Rule: ssh_config(5), "PATTERNS".

/// Whether the patterns of a Host line cover `name`: one of them does, and no negated one.
pub(super) fn covers(patterns: &[String], name: &str) -> bool {
    let mut covered = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(negated) if glob(negated, name) => return false,
            Some(_) => {}
            None => covered |= glob(pattern, name),
        }
    }
    covered
}

/// Whether a pattern stands for one name and for nothing else.
pub(super) fn is_name(pattern: &str) -> bool {
    !pattern.is_empty() && !pattern.starts_with('!') && !pattern.contains(['*', '?'])
}

/// `*` is any run of characters, `?` exactly one. Linear in memory, at worst the product of both lengths in time.
pub(super) fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = name.get(n) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some(expected) if *expected == b'?' || expected == character => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((after, matched)) = star else { return false };
                star = Some((after, matched + 1));
                p = after;
                n = matched + 1;
            }
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_a_host_line() {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(covers(&list("web-? db*"), "web-1") && covers(&list("web-? db*"), "db"));
        assert!(!covers(&list("* !bastion"), "bastion") && covers(&list("* !bastion"), "web"));
        assert!(!covers(&list("!bastion"), "web"), "a negated pattern alone covers nothing");
        assert!(!glob("a*b", "a*c") && glob("*.*.net", "a.b.net") && !glob("web", "Web"));
        assert!(is_name("web") && !is_name("!web") && !is_name("w?b") && !is_name(""));
    }

    #[test]
    fn a_pattern_of_many_stars_ends_soon() {
        assert!(!glob(&format!("{}c", "a*".repeat(500)), &format!("{}b", "a".repeat(1000))));
    }
}
