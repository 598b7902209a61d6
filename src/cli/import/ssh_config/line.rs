//! One line of an OpenSSH client configuration. Rule: ssh_config(5), "a keyword, blanks or one `=`, arguments".

/// A line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Lower case.
    pub keyword: String,
    pub arguments: Vec<String>,
}

/// Reads a line; `None` when it is empty or a comment.
///
/// # Errors
/// A quote that does not end.
pub(super) fn line(text: &str) -> Result<Option<Line>, &'static str> {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}');
    let text = text.trim_matches(blank);
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    let end = text.find(|c| blank(c) || c == '=' || c == '"').unwrap_or(text.len());
    let (keyword, rest) = text.split_at(end);
    let rest = rest.trim_start_matches(blank);
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let keyword = keyword.to_ascii_lowercase();
    Ok(Some(Line { keyword, arguments: words(rest)? }))
}

/// Words as OpenSSH 9 splits them: blanks outside quotes end a word, `\` takes the meaning of a quote, of itself and of a blank, and a
/// `#` where a word would begin ends the line.
pub(in crate::cli::import) fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        while characters.next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}')).is_some() {}
        match characters.peek() {
            None | Some('#') => return Ok(words),
            Some(_) => {}
        }
        let (mut word, mut quote) = (String::new(), None);
        while let Some(c) = characters.next() {
            match (c, quote) {
                ('\\', _) => match characters.peek().copied() {
                    Some(next @ ('"' | '\'' | '\\')) => {
                        characters.next();
                        word.push(next);
                    }
                    Some(' ') if quote.is_none() => {
                        characters.next();
                        word.push(' ');
                    }
                    _ => word.push('\\'),
                },
                (' ' | '\t' | '\r', None) => break,
                ('"' | '\'', None) => quote = Some(c),
                (_, Some(open)) if c == open => quote = None,
                _ => word.push(c),
            }
        }
        if quote.is_some() {
            return Err("a quote does not end");
        }
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<(String, Vec<String>)> {
        line(text).unwrap_or_default().map(|line| (line.keyword, line.arguments))
    }

    #[test]
    fn keywords_and_arguments() {
        let expected = |keyword: &str, arguments: &[&str]| {
            Some((keyword.to_owned(), arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>()))
        };
        assert_eq!(read("  HostName=a.example # the first"), expected("hostname", &["a.example"]));
        assert_eq!(read("Host = a \"b c\" d\\ e"), expected("host", &["a", "b c", "d e"]));
        assert_eq!(read("User\t'x y'"), expected("user", &["x y"]));
        assert_eq!(read("IdentityFile ~/a#b"), expected("identityfile", &["~/a#b"]));
        assert_eq!(read("# Host a"), None);
        assert_eq!(read("   "), None);
        assert_eq!(line("User \"x"), Err("a quote does not end"));
        assert_eq!(read("Host"), expected("host", &[]));
    }

    proptest! {
        #[test]
        fn quoted_words_come_back(words in prop::collection::vec("[^\\x00-\\x1f\"'\\\\]{1,12}", 0..6)) {
            let text = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(super::words(&text), Ok(words));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = line(&text);
        }
    }
}
