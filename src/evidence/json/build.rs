//! Containers while they are read.

use std::borrow::Cow;

use super::taint::Taint;
use super::{Json, Object};

/// A container that is being read.
pub(super) enum Open {
    /// A list so far.
    Array(Vec<Json>, Taint),
    /// An object so far.
    Object(Building),
}

/// The members of an object so far, in the order of the text.
#[derive(Default)]
pub(super) struct Building {
    members: Vec<(Cow<'static, str>, Json)>,
    marks: Vec<Mark>,
    /// The key whose value comes next.
    key: String,
    /// Whether a key was not above the one before it.
    unsorted: bool,
}

/// Of one member: where its key stands, and what can not be hashed in it.
#[derive(Clone, Copy)]
struct Mark {
    at: usize,
    taint: Taint,
}

/// A complete object.
pub(super) struct Built {
    pub(super) object: Object,
    pub(super) taint: Taint,
    /// Keys that came more than once, each with the place of its second.
    pub(super) duplicates: Vec<(String, usize)>,
}

impl Building {
    /// Takes the next key, which stands at the byte `at`.
    pub(super) fn key(&mut self, key: String, at: usize, taint: Taint) {
        self.unsorted |= self.members.last().is_some_and(|(last, _)| **last >= *key);
        self.key = key;
        self.marks.push(Mark { at, taint });
    }

    /// The key whose value is being read.
    pub(super) fn open_key(&self) -> &str {
        &self.key
    }

    /// Takes the value of the key.
    pub(super) fn value(&mut self, value: Json, taint: Taint) {
        self.members.push((std::mem::take(&mut self.key).into(), value));
        if let Some(mark) = self.marks.last_mut() {
            mark.taint = mark.taint.or(taint);
        }
    }

    /// The object. Of equal keys the last one counts.
    pub(super) fn finish(self) -> Built {
        if !self.unsorted {
            let taint = self.marks.iter().fold(Taint::NONE, |all, mark| all.or(mark.taint));
            return Built { object: Object::from_sorted(self.members), taint, duplicates: Vec::new() };
        }
        let mut members: Vec<_> = self.members.into_iter().zip(self.marks).collect();
        // Stable: equal keys stay in the order of the text.
        members.sort_by(|((left, _), _), ((right, _), _)| left.cmp(right));
        let mut kept: Vec<(Cow<'static, str>, Json)> = Vec::with_capacity(members.len());
        let (mut taint, mut last_taint) = (Taint::NONE, Taint::NONE);
        let mut duplicates: Vec<(String, usize)> = Vec::new();
        for ((key, value), mark) in members {
            match kept.last_mut() {
                Some((last, old)) if *last == key => {
                    *old = value;
                    if duplicates.last().is_none_or(|(named, _)| **named != *key) {
                        duplicates.push((key.into_owned(), mark.at));
                    }
                }
                _ => {
                    taint = taint.or(last_taint);
                    kept.push((key, value));
                }
            }
            last_taint = mark.taint;
        }
        Built { object: Object::from_sorted(kept), taint: taint.or(last_taint), duplicates }
    }
}
