//! Markdown in which no name and no message can stand for anything but itself.

use std::fmt::Write as _;

use super::super::super::printable::printable;

/// Characters that Markdown gives a meaning.
const SPECIAL: &str = "\\`*_{}[]<>()#+!|&~$";

/// Text on one line, every special character escaped.
pub fn text(text: &str) -> String {
    printable(text).chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if SPECIAL.contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

/// An identifier or a digest in a code span; what can not stand in one is escaped instead.
pub fn code(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/@+=- *,".contains(c);
    if name.is_empty() {
        "–".to_owned()
    } else if name.chars().all(plain) && name.trim() == name {
        format!("`{name}`")
    } else {
        text(name)
    }
}

/// A table under construction. Cells are Markdown already.
#[derive(Debug)]
pub struct Table {
    out: String,
    rows: usize,
}

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        let rule: Vec<&str> = headings.iter().map(|_| "---").collect();
        Self { out: format!("| {} |\n| {} |\n", headings.join(" | "), rule.join(" | ")), rows: 0 }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        let _ = writeln!(self.out, "| {} |", cells.join(" | "));
        self.rows += 1;
    }

    /// The table, or `nothing` when it has no rows.
    pub fn or(self, nothing: &str) -> String {
        if self.rows == 0 { format!("{nothing}\n") } else { self.out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(text("a|b `c` <i>*x*\n# d"), "a\\|b \\`c\\` \\<i\\>\\*x\\* \\# d");
        assert_eq!(code("default/ntp.web-07"), "`default/ntp.web-07`");
        assert_eq!(code("a`b|c"), "a\\`b\\|c");
        assert_eq!(code(" a"), " a");
    }
}
