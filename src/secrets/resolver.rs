//! References become values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::file::Content;
use super::sources::{DIRECTORY_VARIABLE, FILE_VARIABLE};
use super::{Redactor, SecretError, SecretValue, Sources, directory, variable};
use crate::api::SecretId;

/// The secrets directory, for people.
const DIRECTORY: &str = "secrets directory";
/// The credentials of the unit, for people.
const CREDENTIALS: &str = "credentials of the systemd unit";

/// Looks references up. Files are read again whenever they changed, so that a rotated secret is in effect with the next
/// connection; the environment of a process does not change. Every value is known to the Redactor before it is returned.
#[derive(Default)]
pub struct Resolver {
    sources: Sources,
    redactor: Redactor,
    file: Mutex<Option<Content>>,
    /// References of the manifests in force, by the variable and by the credential they are looked up as.
    declared: Mutex<BTreeMap<String, BTreeSet<SecretId>>>,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").field("sources", &self.sources).field("redactor", &self.redactor).finish_non_exhaustive()
    }
}

impl Resolver {
    /// Checks every source and makes `redactor` know all that they hold.
    ///
    /// # Errors
    /// A source that can not be used: exit code 78.
    pub fn open(sources: Sources, redactor: Redactor) -> Result<Self, SecretError> {
        let resolver = Self { sources, redactor, ..Self::default() };
        if let Some(root) = &resolver.sources.directory {
            directory::check(root, DIRECTORY)?;
        }
        resolver.refresh()?;
        Ok(resolver)
    }

    /// Who removes what this resolver knows.
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Reads every source again and makes the Redactor know what it holds, referred to or not.
    ///
    /// # Errors
    /// A source that can not be used. What the others hold is known all the same.
    pub fn refresh(&self) -> Result<(), SecretError> {
        self.redactor.register(self.sources.variables.values());
        let file = self.with_file(|_| ());
        let mut results = vec![file.map(|_| Vec::new())];
        for (root, source) in self.directories() {
            results.push(directory::values(root, source));
        }
        let mut first = Ok(());
        let mut values = Vec::new();
        for result in results {
            match result {
                Ok(found) => values.extend(found),
                Err(error) => first = first.and(Err(error)),
            }
        }
        self.redactor.register(&values);
        first
    }

    /// Takes note of all references that are in force, so that two which meet in one variable are refused, whoever comes first.
    pub fn declare(&self, references: impl IntoIterator<Item = SecretId>) {
        let mut by_name: BTreeMap<String, BTreeSet<SecretId>> = BTreeMap::new();
        for id in references {
            for name in [variable::variable(&id), variable::credential(&id)] {
                by_name.entry(name).or_default().insert(id.clone());
            }
        }
        *self.declared.lock().unwrap_or_else(PoisonError::into_inner) = by_name;
    }

    /// The value of a reference. Reads files: not for a task that others wait for.
    ///
    /// # Errors
    /// It is in none of the sources, in two, or empty; its source can not be used; another reference goes by the same variable.
    pub fn resolve(&self, id: &SecretId) -> Result<SecretValue, SecretError> {
        let mut found: Vec<(String, SecretValue)> = Vec::new();
        if let Some(value) = self.with_file(|content| content.get(id).cloned())?.flatten() {
            found.push(("the secrets file".to_owned(), value));
        }
        for (root, source) in self.directories() {
            let (relative, flat) = if source == CREDENTIALS {
                (variable::credential(id), true)
            } else if variable::is_default(id) {
                (format!("{}/{}", id.name, id.key), false)
            } else {
                (format!("{}/{}/{}", id.namespace, id.name, id.key), false)
            };
            let what = format!("{relative} in the {source}");
            if let Some(value) = directory::value(root, Path::new(&relative), &what)? {
                if flat {
                    self.alone(id, &relative, &format!("the credential {relative}"))?;
                }
                found.push((format!("the {source}"), value));
            }
        }
        let name = variable::variable(id);
        if let Some(value) = self.sources.variables.get(&name) {
            self.alone(id, &name, &format!("the variable {name}"))?;
            found.push((format!("the variable {name}"), value.clone()));
        }
        self.redactor.register(found.iter().map(|(_, value)| value));
        match found.as_slice() {
            [] => Err(self.absent(id)),
            [(place, value)] if value.expose().trim().is_empty() => {
                Err(SecretError::new(format!("{id} is empty in {place}"), "Give it a value."))
            }
            [(_, value)] => Ok(value.clone()),
            several => {
                let places: Vec<&str> = several.iter().map(|(place, _)| place.as_str()).collect();
                let message = format!("{id} is given more than once: in {}", places.join(" and in "));
                Err(SecretError::new(message, "Keep one of them: which is in force must not depend on an order."))
            }
        }
    }

    /// The text of a file that a manifest names as the source of a value; known to the Redactor like any other.
    ///
    /// # Errors
    /// It can not be read, is no regular file, is empty, or is longer than 64 KiB or no text.
    pub fn read(&self, path: &Path) -> Result<SecretValue, SecretError> {
        let value = directory::named(path)?;
        self.redactor.register([&value]);
        Ok(value)
    }

    fn directories(&self) -> impl Iterator<Item = (&Path, &'static str)> {
        let directory = self.sources.directory.as_deref().map(|root| (root, DIRECTORY));
        // Of a unit without credentials the directory may be absent.
        let credentials = self.sources.credentials.as_deref().filter(|root| root.is_absolute()).map(|root| (root, CREDENTIALS));
        let credentials = credentials.filter(|(root, source)| !directory::is_absent(root, source));
        directory.into_iter().chain(credentials)
    }

    /// What `look` finds in the secrets file, which is read again when it changed.
    fn with_file<T>(&self, look: impl FnOnce(&Content) -> T) -> Result<Option<T>, SecretError> {
        let Some(path) = &self.sources.file else { return Ok(None) };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (content, changed) = Content::read(path, file.take())?;
        if changed {
            self.redactor.register(content.values());
        }
        Ok(Some(look(file.insert(content))))
    }

    /// Refuses a name that stands for another reference as well.
    fn alone(&self, id: &SecretId, name: &str, what: &str) -> Result<(), SecretError> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(other) = declared.get(name).and_then(|ids| ids.iter().find(|other| *other != id)) else { return Ok(()) };
        let message = format!("{what} would stand for both {id} and {other}");
        Err(SecretError::new(message, "Rename one of them, or give both in the secrets file."))
    }

    fn absent(&self, id: &SecretId) -> SecretError {
        let mut places = Vec::new();
        if self.sources.file.is_some() {
            places.push("the secrets file".to_owned());
        }
        places.extend(self.directories().map(|(_, source)| format!("the {source}")));
        let name = variable::variable(id);
        places.push(format!("the variable {name}"));
        let message = format!("{id} is not in {}", places.join(", nor in "));
        let help =
            format!("Set {name}, or give it in the file that {FILE_VARIABLE} or the directory that {DIRECTORY_VARIABLE} names.");
        SecretError::new(message, help)
    }
}
