//! Values of settings: tokens, paths, times. Rule: ssh_config(5), "TOKENS" and "TIME FORMATS" of sshd_config(5).

/// Longest value once its tokens are replaced, in bytes: that of a path.
const MAX_VALUE: usize = 4096;

/// `text` with its `%` tokens replaced by what is known; `None` when it holds another, or becomes longer than 4096 bytes.
pub(super) fn tokens(text: &str, known: &[(char, &str)]) -> Option<String> {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if out.len() > MAX_VALUE {
            return None;
        }
        if c != '%' {
            out.push(c);
            continue;
        }
        match characters.next()? {
            '%' => out.push('%'),
            token => {
                let (_, value) = known.iter().find(|(name, _)| *name == token).filter(|(_, value)| value.len() <= MAX_VALUE)?;
                out.push_str(value);
            }
        }
    }
    (out.len() <= MAX_VALUE).then_some(out)
}

/// A path with `~`, tokens and `%d` replaced; `None` when it holds what is not known, a variable for one.
pub(in crate::cli::import) fn path(text: &str, home: Option<&str>, known: &[(char, &str)]) -> Option<String> {
    if text.contains("${") {
        return None;
    }
    let text = match text.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", home?.replace('%', "%%")),
        None if text.starts_with('~') => return None,
        None => text.to_owned(),
    };
    let mut known = known.to_vec();
    known.extend(home.map(|home| ('d', home)));
    tokens(&text, &known)
}

/// A number of seconds, or numbers with `s`, `m`, `h`, `d`, `w` in a row.
pub(in crate::cli::import) fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(digit))?);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    match number {
        None if text.is_empty() => None,
        rest => total.checked_add(rest.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let known = [('h', "a.example"), ('r', "root")];
        assert_eq!(tokens("%h-%%-%r", &known).as_deref(), Some("a.example-%-root"));
        let long = "x".repeat(MAX_VALUE);
        assert_eq!(tokens(&long, &known).as_ref(), Some(&long));
        assert_eq!(tokens(&format!("{long}%%"), &known), None);
        assert_eq!(tokens(&"%h".repeat(1_000_000), &[('h', long.as_str())]), None);
        assert_eq!((tokens("%C", &known), tokens("x%", &known)), (None, None));
        assert_eq!(path("~/.ssh/%h", Some("/home/u"), &known).as_deref(), Some("/home/u/.ssh/a.example"));
        assert_eq!(path("%d/k", Some("/home/%"), &known).as_deref(), Some("/home/%/k"));
        assert_eq!(path("~/k", Some("/home/%h"), &known).as_deref(), Some("/home/%h/k"));
        assert_eq!(
            (path("~", Some("/h"), &[]), path("~u/k", Some("/h"), &[]), path("${X}/k", Some("/h"), &[])),
            (None, None, None)
        );
        assert_eq!((seconds("30"), seconds("1m30s"), seconds("2h"), seconds("10S")), (Some(30), Some(90), Some(7200), Some(10)));
        assert_eq!((seconds(""), seconds("x"), seconds("1y"), seconds("99999999999999999999")), (None, None, None, None));
    }
}
