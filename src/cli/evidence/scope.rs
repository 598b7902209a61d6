//! Which subjects a command is about.

use std::collections::HashSet;

use super::super::exit::{Exit, Failure};
use super::super::get::parse;
use super::super::selector;
use super::args;
use super::content::newest;
use super::reference::{near, subject, subject_name};
use crate::api::{DEFAULT_NAMESPACE, LabelSelector, Namespace, PairId};
use crate::evidence::Subject;
use crate::status::Wanted;
use crate::store::Db;

/// Which subjects a command is about.
#[derive(Debug)]
pub struct Scope {
    names: Vec<Subject>,
    namespace: Option<Namespace>,
    /// The pairs that the manifests want and whose labels fit; with a selector only.
    labelled: Option<HashSet<PairId>>,
}

/// A scope as it is asked for, before any state is read.
#[derive(Debug)]
pub struct Asked {
    names: Vec<Subject>,
    namespace: Option<Namespace>,
    selector: Option<LabelSelector>,
}

impl Asked {
    /// Reads names, namespace and selector.
    ///
    /// # Errors
    /// [`Exit::Config`] names the one that can not be read.
    pub fn read(names: &[String], scope: &args::Scope) -> Result<Self, Failure> {
        let namespace = scope.namespace.as_deref().map(Namespace::parse).transpose();
        let namespace = namespace.map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
        let default = namespace.as_ref().map_or(DEFAULT_NAMESPACE, Namespace::as_str);
        let names = names.iter().map(|name| {
            subject(name, default)
                .ok_or_else(|| Failure::new(Exit::Config, format!("`{name}` is no pair")).help("write CHECK.TARGET"))
        });
        Ok(Self {
            names: names.collect::<Result<_, _>>()?,
            namespace,
            selector: scope.selector.as_deref().map(selector::parse).transpose()?,
        })
    }

    /// The scope in that log.
    ///
    /// # Errors
    /// The store's; [`Exit::Config`] when a name has no records.
    pub fn resolve(self, db: &Db) -> Result<Scope, Failure> {
        for name in &self.names {
            if newest(db, name, None)?.is_none() {
                let message = format!("no records of `{}`", subject_name(name));
                return Err(Failure::new(Exit::Config, message).help(near(db, name)?));
            }
        }
        let labelled = match &self.selector {
            None => None,
            Some(selector) => {
                let wanted = db.desired("Pair")?.iter().map(parse::<Wanted>).collect::<Result<Vec<_>, _>>()?;
                Some(wanted.into_iter().filter(|wanted| selector.matches(&wanted.labels)).map(|wanted| wanted.pair).collect())
            }
        };
        Ok(Scope { names: self.names, namespace: self.namespace, labelled })
    }

    /// In words for a headline: `all pairs`, `namespace lab, labels …`.
    pub fn words(&self, selector: Option<&str>) -> String {
        let mut words: Vec<String> = self.names.iter().map(subject_name).collect();
        words.extend(self.namespace.as_ref().map(|namespace| format!("namespace {namespace}")));
        words.extend(selector.map(|selector| format!("labels {selector}")));
        if words.is_empty() { "all pairs".to_owned() } else { words.join(", ") }
    }
}

impl Scope {
    /// Whether records of `subject` belong to it. Those about the log itself only when nothing narrower is asked for.
    pub fn holds(&self, subject: &Subject) -> bool {
        if !self.names.is_empty() && !self.names.contains(subject) {
            return false;
        }
        let named = self.names.contains(subject);
        let inside = |namespace: &Namespace| self.namespace.as_ref().is_none_or(|wanted| wanted == namespace);
        match subject {
            Subject::Log => named || self.is_wide(),
            Subject::Pair(pair) => {
                inside(&pair.namespace) && self.labelled.as_ref().is_none_or(|labelled| labelled.contains(pair))
            }
            // Labels are those of pairs.
            Subject::Escalation(id) => named || (inside(&id.namespace) && self.labelled.is_none()),
        }
    }

    /// The one subject it is about, when it is one.
    pub fn single(&self) -> Option<&Subject> {
        match self.names.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    fn is_wide(&self) -> bool {
        self.namespace.is_none() && self.labelled.is_none()
    }
}
