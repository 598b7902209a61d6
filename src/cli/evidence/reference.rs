//! REF: the name of one record.

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::content::newest;
use crate::api::{DEFAULT_NAMESPACE, EscalationId, PairId, did_you_mean};
use crate::evidence::{RecordKind, Subject};
use crate::store::{Db, LoggedRecord};

/// Longest REF.
const MAX_LEN: usize = 512;

/// One record, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The record at that index of the log.
    Index(u64),
    /// One record of a sequence.
    Record(Subject, u64),
    /// The latest run of a pair; of the log, its latest record.
    Latest(Subject),
}

impl Reference {
    /// Reads `CHECK.TARGET`, `CHECK.TARGET@SEQ`, either behind `NAMESPACE/`, `escalation/NAME`, `log`, each of them with `@SEQ` or
    /// without, or an index.
    ///
    /// # Errors
    /// [`Exit::Config`]
    pub fn parse(text: &str, namespace: &str) -> Result<Self, Failure> {
        let bad = || {
            let shown: String = text.chars().take(MAX_LEN).collect();
            Failure::new(Exit::Config, format!("`{shown}` names no record"))
                .help("write CHECK.TARGET, CHECK.TARGET@SEQ or the index in the log; `tecrax evidence list` shows them")
        };
        if text.len() > MAX_LEN {
            return Err(bad());
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Index).map_err(|_| bad());
        }
        let (name, seq) = match text.split_once('@') {
            Some((name, seq)) => (name, Some(seq.parse::<u64>().ok().filter(|seq| *seq > 0).ok_or_else(bad)?)),
            None => (text, None),
        };
        let subject = subject(name, namespace).ok_or_else(bad)?;
        Ok(seq.map_or_else(|| Self::Latest(subject.clone()), |seq| Self::Record(subject.clone(), seq)))
    }

    /// The record.
    ///
    /// # Errors
    /// The store's; [`Exit::Config`] when there is no such record.
    pub fn find(&self, db: &Db) -> Result<LoggedRecord, Failure> {
        let found = match self {
            Self::Index(index) => db.record_at(*index)?,
            Self::Record(subject, seq) => db.record(subject, *seq)?,
            // The log itself and an Escalation have no runs.
            Self::Latest(subject @ (Subject::Log | Subject::Escalation(_))) => newest(db, subject, None)?,
            Self::Latest(subject) => newest(db, subject, Some(RecordKind::Run))?,
        };
        match found {
            Some(record) => Ok(record),
            None => Err(self.absent(db)?),
        }
    }

    /// What to say when there is no such record.
    fn absent(&self, db: &Db) -> Result<Failure, Failure> {
        let (subject, message) = match self {
            Self::Index(index) => {
                return Ok(Failure::new(Exit::Config, format!("no record {index} in the log"))
                    .help(format!("the log has {} records, counted from 0; retention drops the oldest", db.log_size()?)));
            }
            Self::Record(subject, seq) => (subject, format!("no record {} in the log", name(subject, *seq))),
            Self::Latest(subject) => (subject, format!("no run of {} is in the log", subject_name(subject))),
        };
        Ok(match newest(db, subject, None)? {
            Some(newest) => Failure::new(Exit::Config, message)
                .help(format!("the newest is {}; retention drops the oldest", name(subject, newest.header.seq))),
            None => Failure::new(Exit::Config, format!("no records of {}", subject_name(subject))).help(near(db, subject)?),
        })
    }
}

/// The subject that a name without sequence number stands for.
pub fn subject(name: &str, namespace: &str) -> Option<Subject> {
    if name == "log" {
        return Some(Subject::Log);
    }
    if let Some(name) = name.strip_prefix(Subject::ESCALATION) {
        let id = if name.contains('/') { name.to_owned() } else { format!("{namespace}/{name}") };
        return EscalationId::parse(&id).map(Subject::Escalation);
    }
    let pair = if name.contains('/') { PairId::parse(name) } else { PairId::parse(&format!("{namespace}/{name}")) };
    pair.map(Subject::Pair)
}

/// The subject as it is typed: without the default namespace.
pub fn subject_name(subject: &Subject) -> String {
    match subject {
        Subject::Pair(pair) if pair.namespace.as_str() == DEFAULT_NAMESPACE => pair.observation_name(),
        Subject::Escalation(id) if id.namespace.as_str() == DEFAULT_NAMESPACE => format!("{}{}", Subject::ESCALATION, id.name),
        other => other.to_string(),
    }
}

/// The record as it is typed.
pub fn name(subject: &Subject, seq: u64) -> String {
    format!("{}@{seq}", subject_name(subject))
}

/// What to say about a subject without records.
pub fn near(db: &Db, subject: &Subject) -> Result<String, Failure> {
    let known: Vec<String> = db.states()?.into_keys().map(|pair| subject_name(&Subject::Pair(pair))).collect();
    let near = did_you_mean(&subject_name(subject), known.iter().map(String::as_str));
    Ok(near.map_or_else(|| "`tecrax evidence list` shows what there is".to_owned(), |near| format!("did you mean `{near}`?")))
}

/// The log, and the record of it that `text` names.
///
/// # Errors
/// As [`Reference::parse`] and [`Reference::find`]; [`Exit::Config`] before the first run.
pub fn open(context: &Context<'_>, text: &str, namespace: &str) -> Result<(Db, LoggedRecord), Failure> {
    let reference = Reference::parse(text, namespace)?;
    let Some(db) = context.db()? else {
        return Err(Failure::new(Exit::Config, format!("no record `{text}`")).help(context.nothing_yet()?));
    };
    let record = reference.find(&db)?;
    Ok((db, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_these_forms() {
        let pair = |text: &str| PairId::parse(text).map(Subject::Pair);
        let read = |text: &str| Reference::parse(text, "lab").ok();
        assert_eq!(read("17"), Some(Reference::Index(17)));
        assert_eq!(read("ntp.web-07"), pair("lab/ntp.web-07").map(Reference::Latest));
        assert_eq!(read("ntp.web.example.net@3"), pair("lab/ntp.web.example.net").map(|subject| Reference::Record(subject, 3)));
        assert_eq!(read("prod/ntp.web@3"), pair("prod/ntp.web").map(|subject| Reference::Record(subject, 3)));
        assert_eq!(read("log@1"), Some(Reference::Record(Subject::Log, 1)));
        for bad in
            ["", "ntp", "ntp.web@", "ntp.web@0", "ntp.web@-1", "ntp.web@1@2", "a/b/c.d", "99999999999999999999", "NTP.web", "@1"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
