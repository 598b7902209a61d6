//! Which lines of a DNS answer are answers.

use core::net::IpAddr;

use crate::facts::text::{collapse, lines, tokens, trim};

/// Most answers that are counted.
const COUNT_MAX: usize = 32;
/// Most lines that are looked at.
const LINES_MAX: usize = 256;
/// Longest status word.
const STATUS_MAX: usize = 32;
/// Longest name in its printed form: every byte of 255 may be written as `\DDD`.
const NAME_MAX: usize = 1020;
/// Begins the line that names the status of an answer without records.
const STATUS: &str = ";; status:";

/// What a DNS answer says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// Records that lead to an address, the aliases among them; none without an address. At most [`COUNT_MAX`].
    pub(super) count: usize,
    /// Addresses with which filters answer for a blocked name.
    pub(super) blocked: usize,
    /// The status: as it is named, `NOERROR` when there are records.
    pub(super) status: Option<String>,
}

/// What a record holds.
enum Data {
    Address(IpAddr),
    Alias,
}

impl Answers {
    /// Reads records in the form of zone files (`NAME [TTL] IN A|AAAA|CNAME DATA`), one a line. What is none does not count.
    pub(super) fn read(text: &str) -> Self {
        let (mut addresses, mut aliases, mut blocked, mut status) = (0, 0, 0, None);
        for line in lines(text).map(trim).filter(|line| !line.is_empty()).take(LINES_MAX) {
            if let Some(named) = line.strip_prefix(STATUS) {
                status.get_or_insert_with(|| collapse(named, STATUS_MAX));
            }
            match record(line) {
                Some(Data::Address(address)) if is_sinkhole(address) => blocked += 1,
                Some(Data::Address(_)) => addresses += 1,
                Some(Data::Alias) => aliases += 1,
                None => {}
            }
        }
        let count = if addresses == 0 { 0 } else { (addresses + aliases).min(COUNT_MAX) };
        if addresses + aliases + blocked > 0 {
            status.get_or_insert_with(|| "NOERROR".to_owned());
        }
        Self { count, blocked: blocked.min(COUNT_MAX), status: status.filter(|status| !status.is_empty()) }
    }
}

fn record(line: &str) -> Option<Data> {
    if line.starts_with(';') {
        return None;
    }
    let mut words = tokens(line);
    let owner = words.next()?;
    let mut word = words.next()?;
    if word.bytes().all(|byte| byte.is_ascii_digit()) && word.parse::<u32>().is_ok() {
        word = words.next()?;
    }
    let (r#type, data) = (words.next()?, words.next()?);
    if word != "IN" || words.next().is_some() || !is_name(owner) {
        return None;
    }
    match r#type {
        "A" => data.parse().ok().map(IpAddr::V4).map(Data::Address),
        "AAAA" => data.parse().ok().map(IpAddr::V6).map(Data::Address),
        "CNAME" if is_name(data) => Some(Data::Alias),
        _ => None,
    }
}

/// Whether `word` is a name as `dig` prints it.
fn is_name(word: &str) -> bool {
    word.len() <= NAME_MAX && word.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether filters answer with `address` for a name that they block: no server can be there.
fn is_sinkhole(address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_unspecified() || address.is_loopback()
}

#[cfg(test)]
mod tests {
    use super::Answers;

    fn read(text: &str) -> (usize, usize, Option<String>) {
        let answers = Answers::read(text);
        (answers.count, answers.blocked, answers.status)
    }

    #[test]
    fn only_records_that_lead_to_an_address_are_answers() {
        let ok = Some("NOERROR".to_owned());
        for (text, expected) in [
            ("example.com. 300 IN A 93.184.216.34\n", (1, 0, ok.clone())),
            ("a IN A 192.0.2.1", (1, 0, ok.clone())),
            ("a. 1 IN CNAME b.\nb. 1 IN AAAA 2001:db8::1\n", (2, 0, ok.clone())),
            ("a. 1 IN CNAME b.\n", (0, 0, ok.clone())),
            ("a. 1 IN A 0.0.0.0\n", (0, 1, ok.clone())),
            ("a. 1 IN A 127.0.0.1\nb. 1 IN AAAA ::\nc. 1 IN AAAA ::1\nd. 1 IN AAAA ::ffff:0.0.0.0", (0, 4, ok.clone())),
            ("a. 1 IN A 0.0.0.0\na. 1 IN A 192.0.2.1\n", (1, 1, ok)),
            (";; status: NXDOMAIN\n", (0, 0, Some("NXDOMAIN".to_owned()))),
            ("connection timed out; no servers could be reached", (0, 0, None)),
            ("a. 1 IN A 1\n", (0, 0, None)),
            ("a. 1 IN A 192.0.2.1 extra\n", (0, 0, None)),
            ("a. 1 CH A 192.0.2.1\n", (0, 0, None)),
            ("a. 99999999999 IN A 192.0.2.1\n", (0, 0, None)),
            ("", (0, 0, None)),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
