//! Objects: members sorted by key.

use std::borrow::Cow;

use super::Json;

/// The members of an object, sorted by key in code point order (which is the byte order of UTF-8), each key once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object(Vec<(Cow<'static, str>, Json)>);

impl Object {
    /// An object without members.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes members that are sorted already, each key once.
    pub(super) const fn from_sorted(members: Vec<(Cow<'static, str>, Json)>) -> Self {
        Self(members)
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.find(key).ok().and_then(|at| self.0.get(at)).map(|(_, value)| value)
    }

    /// The value of `key`, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        self.find(key).ok().and_then(|at| self.0.get_mut(at)).map(|(_, value)| value)
    }

    /// Whether there is a member `key`.
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_ok()
    }

    /// Sets `key` and returns the value it had. Appending in order costs nothing; elsewhere the members behind it move.
    pub fn insert(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Json>) -> Option<Json> {
        let (key, value) = (key.into(), value.into());
        if self.0.last().is_none_or(|(last, _)| *last < key) {
            self.0.push((key, value));
            return None;
        }
        match self.find(&key) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Json> {
        self.find(key).ok().map(|at| self.0.remove(at).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_ref())
    }

    /// How many members there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_ref().cmp(key))
    }
}

/// Members in any order; of equal keys the last one counts.
impl<K: Into<Cow<'static, str>>, V: Into<Json>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut members: Vec<_> = members.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        if !members.is_sorted_by(|(left, _), (right, _)| left < right) {
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            // The sort is stable: the last of equal keys is the last one given. `dedup` keeps the first, so it takes that value.
            members.dedup_by(|(key, value), (kept, old)| {
                let same = key == kept;
                if same {
                    std::mem::swap(old, value);
                }
                same
            });
        }
        Self(members)
    }
}

impl<K: Into<Cow<'static, str>>, V: Into<Json>, const N: usize> From<[(K, V); N]> for Object {
    fn from(members: [(K, V); N]) -> Self {
        members.into_iter().collect()
    }
}

impl IntoIterator for Object {
    type Item = (Cow<'static, str>, Json);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
