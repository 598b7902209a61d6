//! Manifests as text, with a few words about where they come from.

use std::fmt::Write as _;

use super::super::exit::Failure;
use super::super::format;
use super::super::printable::printable;
use crate::api::{API_VERSION, Ignored, Labels, Manifest, Metadata, Namespace, Object};

/// Longest line of a comment, in characters.
const MAX_COMMENT: usize = 200;

/// A manifest and what is said above it. The lines hold nothing of the input that was not cleaned.
#[derive(Debug)]
pub(super) struct Document {
    pub comments: Vec<String>,
    pub object: Object,
}

/// A file that is written.
#[derive(Debug)]
pub(super) struct File {
    /// Its name in the directory: one of a few that are written in the program.
    pub name: &'static str,
    pub comments: Vec<String>,
    pub documents: Vec<Document>,
}

/// A manifest in the default namespace.
pub(super) fn manifest<S, N>(kind: &str, name: N, labels: Labels, spec: S) -> Manifest<S, N> {
    Manifest {
        api_version: API_VERSION.to_owned(),
        kind: kind.to_owned(),
        metadata: Metadata {
            name,
            namespace: Namespace::default(),
            labels,
            annotations: Labels::new(),
            uid: Ignored::default(),
            resource_version: Ignored::default(),
            generation: Ignored::default(),
            creation_timestamp: Ignored::default(),
            deletion_timestamp: Ignored::default(),
            deletion_grace_period_seconds: Ignored::default(),
            self_link: Ignored::default(),
            managed_fields: Ignored::default(),
            owner_references: Ignored::default(),
            finalizers: Ignored::default(),
            generate_name: Ignored::default(),
        },
        spec,
        status: Ignored::default(),
    }
}

impl File {
    /// The text of the file.
    pub(super) fn text(&self) -> Result<String, Failure> {
        let mut out = String::new();
        comment(&mut out, &self.comments);
        for document in &self.documents {
            out.push_str("---\n");
            comment(&mut out, &document.comments);
            out.push_str(&match &document.object {
                Object::Target(manifest) => format::yaml(manifest)?,
                Object::TargetSet(manifest) => format::yaml(manifest)?,
                Object::Check(manifest) => format::yaml(manifest)?,
                Object::Policy(manifest) => format::yaml(manifest)?,
                Object::Sink(manifest) => format::yaml(manifest)?,
            });
        }
        Ok(out)
    }

    /// How many objects of each kind it holds.
    pub(super) fn count(&self, counts: &mut [(&'static str, usize)]) {
        for document in &self.documents {
            let index = match document.object {
                Object::Target(_) => 0,
                Object::TargetSet(_) => 1,
                Object::Check(_) => 2,
                Object::Policy(_) => 3,
                // Nothing that is imported knows whom to call.
                Object::Sink(_) => 4,
            };
            if let Some((_, count)) = counts.get_mut(index) {
                *count += 1;
            }
        }
    }
}

fn comment(out: &mut String, lines: &[String]) {
    for line in lines {
        let line: String = printable(line).chars().take(MAX_COMMENT).collect();
        let _ = writeln!(out, "# {}", line.trim_end());
    }
}
