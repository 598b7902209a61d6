//! An answer as text, the way `dig +noall +answer` prints it.

use std::fmt::Write as _;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record};

use super::message::Question;

/// Most records that are printed.
const MAX_RECORDS: usize = 32;
/// Most aliases that are followed from the name in question.
const MAX_ALIASES: usize = 16;

/// One line per record that answers the question, in the order of the message: records of the type in question and the aliases
/// that lead to them. Without any it is one line that names the status.
pub(super) fn text(question: &Question, message: &Message) -> String {
    let status = message.metadata.response_code;
    let lines: Vec<String> = if status == ResponseCode::NoError { records(question, &message.answers) } else { Vec::new() };
    if lines.is_empty() { format!(";; status: {}\n", status_name(status)) } else { lines.concat() }
}

fn records(question: &Question, answers: &[Record]) -> Vec<String> {
    let owners = owners(question, answers);
    let belongs = |record: &&Record| record.dns_class == DNSClass::IN && owners.contains(&&record.name);
    answers.iter().filter(belongs).filter_map(|record| line(question, record)).take(MAX_RECORDS).collect()
}

/// The name in question and every name that aliases lead to from there.
fn owners<'a>(question: &'a Question, answers: &'a [Record]) -> Vec<&'a Name> {
    let mut owners = vec![&question.name];
    while owners.len() <= MAX_ALIASES {
        let last = owners.last().copied();
        let next = answers.iter().find_map(|record| match &record.data {
            RData::CNAME(alias) if Some(&record.name) == last => Some(&alias.0),
            _ => None,
        });
        match next {
            Some(next) if !owners.contains(&next) => owners.push(next),
            _ => break,
        }
    }
    owners
}

fn line(question: &Question, record: &Record) -> Option<String> {
    let data = match &record.data {
        RData::A(address) => address.0.to_string(),
        RData::AAAA(address) => address.0.to_string(),
        RData::CNAME(alias) => name(&alias.0),
        _ => return None,
    };
    let r#type = record.record_type();
    let wanted = r#type == question.record || matches!(record.data, RData::CNAME(_));
    wanted.then(|| format!("{} {} IN {} {data}\n", name(&record.name), record.ttl, r#type))
}

/// A name in the form of zone files: what has a meaning there stands behind a backslash, bytes that do not print as `\DDD` in
/// decimal.
fn name(name: &Name) -> String {
    let mut text = String::new();
    for label in name {
        for &byte in label {
            match byte {
                b'"' | b'$' | b'(' | b')' | b'.' | b';' | b'@' | b'\\' => {
                    text.push('\\');
                    text.push(char::from(byte));
                }
                0x21..=0x7e => text.push(char::from(byte)),
                _ => {
                    let _ = write!(text, "\\{byte:03}");
                }
            }
        }
        text.push('.');
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

/// The status as `dig` names it.
fn status_name(status: ResponseCode) -> String {
    let number = u16::from(status);
    let names = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
    ];
    match names.get(usize::from(number)) {
        Some(name) => (*name).to_owned(),
        None if number == 16 => "BADVERS".to_owned(),
        None => format!("RESERVED{number}"),
    }
}
