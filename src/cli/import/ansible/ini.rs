//! Inventories in the form of INI files. Rule: the Ansible documentation, "ansible.builtin.ini inventory".

use super::super::item::line as place;
use super::inventory::{Inventory, Refused, Variables};
use super::range::expand;
use crate::api::Place;

/// What the lines of a section are.
enum Section {
    /// Hosts of a group.
    Hosts(String),
    /// Groups of a group.
    Children(String),
    /// Variables of a group.
    Variables(String),
}

/// Reads an inventory; `file` is its name in messages.
///
/// # Errors
/// The first line that can not be read, and more than a bound.
pub(super) fn read(file: &str, text: &str) -> Result<Inventory, Refused> {
    let mut inventory = Inventory::default();
    let mut section = Section::Hosts("ungrouped".to_owned());
    for (number, text) in (1..).zip(text.lines()) {
        let at = place(file, number);
        let text = text.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = text.strip_prefix('[')
            && let Some(header) = without_comment(header).strip_suffix(']')
            && !header.contains('[')
            && !matches!(header.split_once(':'), Some((begin, end)) if is_range(begin, end))
        {
            section = of(header).map_err(|why| (at.clone(), why.to_owned()))?;
            let (Section::Hosts(name) | Section::Children(name) | Section::Variables(name)) = &section;
            inventory.group(name, &at)?;
            continue;
        }
        match &section {
            Section::Hosts(group) => host(&mut inventory, group, text, &at)?,
            Section::Children(group) => {
                let child = without_comment(text).to_owned();
                inventory.group(&child, &at)?;
                inventory.count(&at)?;
                inventory.group(group, &at)?.children.insert(child);
            }
            Section::Variables(group) => {
                let (name, value) = text.split_once('=').unwrap_or((text, ""));
                let value = unquoted(value.trim()).to_owned();
                inventory.group(group, &at)?.variables.add(name.trim(), value, at.clone())?;
            }
        }
    }
    Ok(inventory)
}

/// Whether what stands between brackets is a range of names and no section: `[a:c].example.net` begins a host.
fn is_range(begin: &str, end: &str) -> bool {
    let short = |text: &str| text.len() <= 1 || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    short(begin) && short(end)
}

fn of(header: &str) -> Result<Section, &'static str> {
    let (name, kind) = header.split_once(':').unwrap_or((header, ""));
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err("a section without a name");
    }
    match kind {
        "" => Ok(Section::Hosts(name)),
        "children" => Ok(Section::Children(name)),
        "vars" => Ok(Section::Variables(name)),
        _ => Err("a section is [GROUP], [GROUP:children] or [GROUP:vars]"),
    }
}

fn without_comment(text: &str) -> &str {
    let end = text.find(" #").or_else(|| text.find("\t#")).unwrap_or(text.len());
    text.get(..end).unwrap_or(text).trim()
}

fn host(inventory: &mut Inventory, group: &str, text: &str, at: &Place) -> Result<(), Refused> {
    let words = words(text).map_err(|why| (at.clone(), why.to_owned()))?;
    let Some((pattern, rest)) = words.split_first() else { return Ok(()) };
    let (pattern, port) = port(pattern);
    let mut variables = Variables::default();
    if let Some(port) = port {
        variables.add("ansible_port", port.to_owned(), at.clone())?;
    }
    for word in rest {
        let Some((name, value)) = word.split_once('=') else {
            return Err((at.clone(), "behind the name of a host stand only NAME=VALUE".to_owned()));
        };
        variables.add(name, value.to_owned(), at.clone())?;
    }
    for name in expand(pattern).map_err(|why| (at.clone(), why))? {
        let index = inventory.host(&name, at)?;
        inventory.count(at)?;
        inventory.group(group, at)?.hosts.insert(index);
        if let Some(host) = inventory.hosts.get_mut(index) {
            host.variables.extend(&variables);
        }
    }
    Ok(())
}

/// A port behind the last colon, unless that is part of a range or of an address.
fn port(pattern: &str) -> (&str, Option<&str>) {
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((address, behind)) = pattern.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && address.matches(':').count() > 2
    {
        return (address, behind.strip_prefix(':').filter(|port| digits(port)));
    }
    match pattern.rsplit_once(':') {
        Some((name, port)) if digits(port) && !name.contains(':') => (name, Some(port)),
        Some((name, port))
            if digits(port) && name.ends_with(|c: char| c == ']' || c.is_ascii_alphanumeric()) && balanced(name) =>
        {
            (name, Some(port))
        }
        _ => (pattern, None),
    }
}

/// Whether every colon of a name is inside of a range.
fn balanced(name: &str) -> bool {
    let mut inside = false;
    name.contains('[')
        && name.chars().all(|c| {
            match c {
                '[' => inside = true,
                ']' => inside = false,
                _ => {}
            }
            c != ':' || inside
        })
}

/// Words as a shell splits them: quotes hold together and disappear, `\` takes the meaning of the next, `#` begins a comment.
fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut begun) = (Vec::new(), String::new(), false);
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('#', None) if !begun => break,
            ('\\', None) => {
                begun = true;
                word.extend(characters.next());
            }
            ('\\', Some('"')) => match characters.next() {
                Some(next @ ('"' | '\\')) => word.push(next),
                Some(next) => word.extend(['\\', next]),
                None => {}
            },
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                begun = true;
                quote = Some(c);
            }
            (c, None) if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (c, _) => {
                begun = true;
                word.push(c);
            }
        }
    }
    if quote.is_some() {
        return Err("a quote does not end");
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

fn unquoted(text: &str) -> &str {
    let inside = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_of_a_line() {
        let split = |text: &str| words(text).map(|words| words.join("|"));
        assert_eq!(split("a b='c d' e=\"f \\\" g\" # h"), Ok("a|b=c d|e=f \" g".to_owned()));
        assert_eq!(split("a b\\ c d#e"), Ok("a|b c|d#e".to_owned()));
        assert!(split("a 'b").is_err());
        assert_eq!(port("a:2222"), ("a", Some("2222")));
        assert_eq!(port("a[1:3]:22"), ("a[1:3]", Some("22")));
        assert_eq!(port("a[1:3]"), ("a[1:3]", None));
        assert_eq!(port("[fe80:0:0:1]:22"), ("fe80:0:0:1", Some("22")));
        assert_eq!(port("fe80::1"), ("fe80::1", None));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]:a-z0-9= #'\"\\\\\n]{0,200}") {
            let _ = read("x", &text);
        }

        #[test]
        fn what_was_written_is_read(hosts in prop::collection::btree_map("[a-z]{1,6}", ("[a-z0-9.]{1,9}", 1_u16..), 1..8), group in "[a-z]{2,6}") {
            let line = |(name, (address, port)): (&String, &(String, u16))| {
                format!("{name} ansible_host='{address}' ansible_port={port} other=1 # x")
            };
            let text: Vec<String> = std::iter::once(format!("[{group}]")).chain(hosts.iter().map(line)).collect();
            let inventory = read("x", &text.join("\n")).unwrap_or_default();
            prop_assert_eq!(inventory.hosts.len(), hosts.len());
            prop_assert_eq!(inventory.groups.get(&group).map(|group| group.hosts.len()), Some(hosts.len()));
            for host in &inventory.hosts {
                let kept = |name: &str| host.variables.kept.get(name).map(|variable| variable.text.clone());
                let (address, port) = hosts.get(&host.name).cloned().unwrap_or_default();
                prop_assert_eq!((kept("ansible_host"), kept("ansible_port")), (Some(address), Some(port.to_string())));
                prop_assert_eq!(host.variables.others, 1);
            }
        }
    }
}
