//! Ranges in names of hosts: `web[01:20]`, `db-[a:f].example.net`, with a step behind a second colon.

/// Most names of one pattern.
const MAX_NAMES: usize = 20_000;
/// Most ranges of one pattern.
const MAX_RANGES: usize = 4;

/// Longest pattern, in bytes: a name with its ranges.
const MAX_PATTERN: usize = 512;

/// The names that a pattern means; itself when it has no range.
///
/// # Errors
/// A range that is none, and more than a bound.
pub(super) fn expand(pattern: &str) -> Result<Vec<String>, String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("a name of more than {MAX_PATTERN} bytes"));
    }
    let mut names = vec![String::new()];
    let mut rest = pattern;
    let mut ranges = 0;
    while let Some((before, after)) = rest.split_once('[') {
        let (range, behind) = after.split_once(']').ok_or("a range does not end")?;
        ranges += 1;
        if ranges > MAX_RANGES {
            return Err(format!("more than {MAX_RANGES} ranges in one name"));
        }
        let values = values(range)?;
        if names.len().saturating_mul(values.len()) > MAX_NAMES {
            return Err(format!("a pattern means more than {MAX_NAMES} hosts"));
        }
        names = names.iter().flat_map(|name| values.iter().map(move |value| format!("{name}{before}{value}"))).collect();
        rest = behind;
    }
    for name in &mut names {
        name.push_str(rest);
    }
    Ok(names)
}

fn values(range: &str) -> Result<Vec<String>, String> {
    let mut parts = range.split(':');
    let (first, last, step) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let step = match step {
        None => 1,
        Some(text) => text.parse::<usize>().ok().filter(|step| *step > 0).ok_or("the step of a range is a number above zero")?,
    };
    if parts.next().is_some() {
        return Err("a range has a beginning, an end and a step".to_owned());
    }
    let letter = |text: &str| {
        let mut characters = text.chars();
        characters.next().filter(|c| c.is_ascii_alphabetic() && characters.next().is_none())
    };
    if let (Some(first), Some(last)) = (letter(first), letter(last)) {
        if first > last || first.is_ascii_lowercase() != last.is_ascii_lowercase() {
            return Err("a range of letters goes upwards, and its ends are of one case".to_owned());
        }
        return Ok((first..=last).step_by(step).map(String::from).collect());
    }
    let number = |text: &str| text.parse::<usize>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    // Without a beginning it is zero.
    let begin = if first.is_empty() { Some(0) } else { number(first) };
    let (Some(begin), Some(end)) = (begin, number(last)) else {
        return Err("a range is two numbers or two letters, such as [01:20]".to_owned());
    };
    if begin > end || (end - begin) / step >= MAX_NAMES {
        return Err(format!("a range of numbers goes upwards, to at most {MAX_NAMES} hosts"));
    }
    // A leading zero says how long the numbers are.
    let width = if first.len() > 1 && first.starts_with('0') { first.len() } else { 0 };
    if width > 0 && width != last.len() {
        return Err("both ends of a range with leading zeros are equally long".to_owned());
    }
    Ok((begin..=end).step_by(step).map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges() {
        let names = |pattern: &str| expand(pattern).unwrap_or_default().join(" ");
        assert_eq!(names("web"), "web");
        assert_eq!(names("web[08:11].x"), "web08.x web09.x web10.x web11.x");
        assert_eq!(names("db-[a:c]"), "db-a db-b db-c");
        assert_eq!(names("n[1:9:4]"), "n1 n5 n9");
        assert_eq!(names("[a:b][:1]"), "a0 a1 b0 b1");
        for bad in [
            "a[1:",
            "a[2:1]",
            "a[a:3]",
            "a[1:2:0]",
            "a[01:100]",
            "a[]",
            "a[1:2:3:4]",
            "a[1:99999]",
            "[a:z][a:z][a:z][a:z]",
            "a[Z:a]",
            &format!("{}[0:9]", "a".repeat(600)),
            &format!("a[{}1:{}2]", "0".repeat(300), "0".repeat(300)),
        ] {
            assert!(expand(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_range_means_as_many_as_it_says(begin in 0_usize..500, more in 0_usize..500, step in 1_usize..7) {
            let names = expand(&format!("h[{begin}:{}:{step}]", begin + more)).unwrap_or_default();
            prop_assert_eq!(names.len(), more / step + 1);
            prop_assert_eq!(names.first(), Some(&format!("h{begin}")));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            let _ = expand(&text);
        }
    }
}
