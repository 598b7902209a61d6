//! Rust text → the paths it names, without comments and literals.
//!
//! Not a parser: it knows as much of the language as is needed to see `use a::{b, c::d}` and `a::b` wherever they stand.

/// One `a::b::c` of the source. A grouped `use` gives one path a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub line: usize,
    pub segments: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Sign(char),
    /// `::`
    Joint,
}

/// Every path of `source` with at least two segments, every single word that a `use` names, and every plain word of `words`.
pub fn paths(source: &str, words: &[&str]) -> Vec<Path> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (line, token) = &tokens[at];
        let Token::Word(word) = token else {
            at += 1;
            continue;
        };
        if word == "use" {
            at += 1;
            tree(&tokens, &mut at, &[], &mut found);
            continue;
        }
        let mut segments = vec![word.clone()];
        at += 1;
        while let (Some((_, Token::Joint)), Some((_, Token::Word(next)))) = (tokens.get(at), tokens.get(at + 1)) {
            segments.push(next.clone());
            at += 2;
        }
        if segments.len() > 1 || words.contains(&word.as_str()) {
            found.push(Path { line: *line, segments });
        }
    }
    found
}

/// One tree of a `use`: `a`, `a::b`, `a::{…}`, `a::*`, `a as b`.
fn tree(tokens: &[(usize, Token)], at: &mut usize, prefix: &[String], found: &mut Vec<Path>) {
    let mut segments = prefix.to_vec();
    let mut line = tokens.get(*at).map_or(0, |(line, _)| *line);
    loop {
        match tokens.get(*at).map(|(_, token)| token) {
            Some(Token::Joint | Token::Sign('*')) => *at += 1,
            Some(Token::Word(word)) if word == "as" => *at += 2,
            Some(Token::Word(word)) => {
                line = tokens[*at].0;
                segments.push(word.clone());
                *at += 1;
            }
            Some(Token::Sign('{')) => {
                *at += 1;
                while !matches!(tokens.get(*at).map(|(_, token)| token), None | Some(Token::Sign('}'))) {
                    tree(tokens, at, &segments, found);
                    if matches!(tokens.get(*at).map(|(_, token)| token), Some(Token::Sign(','))) {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            _ => break,
        }
    }
    if segments.is_empty() {
        // Not a tree at all, such as `use<'_>` of a return type: step over it.
        *at += 1;
    } else {
        found.push(Path { line, segments });
    }
}

fn tokens(source: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&here) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let end = match (here, next) {
            ('/', Some('/')) => find(&chars, at, |rest| rest.starts_with(&['\n'])),
            ('/', Some('*')) => comment(&chars, at),
            ('"', _) => string(&chars, at),
            ('\'', _) => character(&chars, at),
            ('r', Some('"' | '#')) | ('b', Some('r')) if raw(&chars, at).is_some() => raw(&chars, at).unwrap(),
            (':', Some(':')) => {
                tokens.push((line, Token::Joint));
                at + 2
            }
            _ if here.is_alphabetic() || here == '_' => {
                let end = chars[at..].iter().position(|c| !c.is_alphanumeric() && *c != '_').map_or(chars.len(), |n| at + n);
                tokens.push((line, Token::Word(chars[at..end].iter().collect())));
                end
            }
            _ if here.is_ascii_digit() => {
                chars[at..].iter().position(|c| !c.is_alphanumeric() && *c != '_').map_or(chars.len(), |n| at + n)
            }
            _ => {
                if !here.is_whitespace() {
                    tokens.push((line, Token::Sign(here)));
                }
                at + 1
            }
        };
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    tokens
}

/// The first index from `at` where `there` holds, or the end.
fn find(chars: &[char], at: usize, there: impl Fn(&[char]) -> bool) -> usize {
    (at..chars.len()).find(|index| there(&chars[*index..])).unwrap_or(chars.len())
}

/// The end of a block comment, which may hold others.
fn comment(chars: &[char], at: usize) -> usize {
    let (mut depth, mut at) = (0_usize, at);
    while at < chars.len() {
        match chars[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The end of a string that starts at `at`.
fn string(chars: &[char], at: usize) -> usize {
    let mut at = at + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// The end of a character literal, or of the quote of a lifetime.
fn character(chars: &[char], at: usize) -> usize {
    match chars[at..] {
        ['\'', '\\', _, ..] => find(chars, at + 3, |rest| rest.starts_with(&['\''])) + 1,
        ['\'', _, '\'', ..] => at + 3,
        _ => at + 1,
    }
    .min(chars.len())
}

/// The end of `r"…"`, `r#"…"#`, `br"…"`; nothing when it is something else, such as a raw identifier.
fn raw(chars: &[char], at: usize) -> Option<usize> {
    let start = at + if chars[at] == 'b' { 2 } else { 1 };
    let hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    if chars.get(start + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.extend(std::iter::repeat_n('#', hashes));
    Some((find(chars, start + hashes + 1, |rest| rest.starts_with(&close)) + close.len()).min(chars.len()))
}
