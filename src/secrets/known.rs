//! Registered values, found in one pass whatever their number.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::forms::forms;

/// Bytes by which a place in a text is told to be possible; no form is shorter.
const HEAD: usize = 4;
/// Values that are remembered; when more were seen, the oldest that the sources no longer hold are forgotten.
const MAX_VALUES: usize = 16_384;
/// Words of the table of possible heads: 65,536 bits, so that a few thousand forms leave it nearly empty.
const WORDS: usize = 1024;

/// A set of values; never changed, only replaced. Values and forms are wiped when the last set that holds them goes.
pub(super) struct Known {
    /// In the order in which they were last told.
    values: VecDeque<Arc<Zeroizing<String>>>,
    /// Forms in lower case by their first four bytes, longest first.
    forms: HashMap<u32, Vec<Zeroizing<String>>>,
    /// One bit for each hash of a head that some form has.
    heads: Box<[u64; WORDS]>,
}

impl Default for Known {
    fn default() -> Self {
        Self { values: VecDeque::new(), forms: HashMap::new(), heads: Box::new([0; WORDS]) }
    }
}

impl Known {
    /// How many values.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// These values and `more`; `None` when all of them are known.
    pub(super) fn with(&self, more: &[&str]) -> Option<Self> {
        let told: HashSet<&str> = more.iter().copied().collect();
        let known: HashSet<&str> = self.values.iter().map(|value| value.as_str()).collect();
        if told.is_subset(&known) {
            return None;
        }
        let kept = self.values.iter().filter(|value| !told.contains(value.as_str())).cloned();
        let new = told.iter().map(|value| Arc::new(Zeroizing::new((*value).to_owned())));
        let mut values: VecDeque<Arc<Zeroizing<String>>> = kept.chain(new).collect();
        while values.len() > MAX_VALUES.max(told.len()) {
            values.pop_front();
        }
        Some(Self::of(values))
    }

    fn of(values: VecDeque<Arc<Zeroizing<String>>>) -> Self {
        let mut known = Self { values, ..Self::default() };
        for form in known.values.iter().flat_map(|value| forms(value)) {
            let Some(head) = head(form.as_bytes()) else { continue };
            known.forms.entry(head).or_default().push(Zeroizing::new(form));
            let (word, bit) = slot(head);
            if let Some(word) = known.heads.get_mut(word) {
                *word |= bit;
            }
        }
        for list in known.forms.values_mut() {
            list.sort_unstable_by_key(|form| std::cmp::Reverse(form.len()));
            list.dedup();
        }
        known
    }

    /// Every place of `lower`, a text in lower case, where a form stands; at each place the longest.
    pub(super) fn find(&self, lower: &str, parts: &mut Vec<Range<usize>>) {
        if self.forms.is_empty() {
            return;
        }
        for (at, window) in lower.as_bytes().array_windows::<HEAD>().enumerate() {
            let head = u32::from_le_bytes(*window);
            let (word, bit) = slot(head);
            if self.heads.get(word).is_none_or(|heads| heads & bit == 0) {
                continue;
            }
            let Some(rest) = lower.get(at..) else { continue };
            let form = self.forms.get(&head).and_then(|list| list.iter().find(|form| rest.starts_with(form.as_str())));
            parts.extend(form.map(|form| at..at + form.len()));
        }
    }

    /// Where the end of `lower` may be the beginning of a form that was cut off.
    pub(super) fn cut_off(&self, lower: &str) -> Option<Range<usize>> {
        let begins = |start: &usize| {
            let Some(tail) = lower.get(*start..) else { return false };
            let list = head(tail.as_bytes()).and_then(|head| self.forms.get(&head));
            list.is_some_and(|list| list.iter().any(|form| form.starts_with(tail)))
        };
        let longest = self.forms.values().filter_map(|list| list.first()).map(|form| form.len()).max()?;
        let start = (lower.len().saturating_sub(longest)..=lower.len().saturating_sub(HEAD)).find(begins)?;
        Some(start..lower.len())
    }
}

fn head(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk::<HEAD>().map(|head| u32::from_le_bytes(*head))
}

/// Word and bit of a head. Multiplicative hashing: the upper bits depend on all of them.
const fn slot(head: u32) -> (usize, u64) {
    let hash = head.wrapping_mul(0x9e37_79b1) >> 16;
    ((hash >> 6) as usize, 1 << (hash & 63))
}
