//! Some of the rows that a pack is asked about.

/// Places of rows, as bits: what thousands of rules say of a few dozen rows is put together word by word.
#[derive(Debug, Clone, Default)]
pub(super) struct RowSet {
    /// The lowest places first; what is beyond them is not in the set.
    words: Vec<u64>,
}

impl RowSet {
    /// The first `len` rows.
    pub(super) fn up_to(len: usize) -> Self {
        let (whole, rest) = (len / BITS, len % BITS);
        let mut words = vec![u64::MAX; whole];
        words.extend((rest > 0).then(|| bit(rest) - 1));
        Self { words }
    }

    pub(super) fn insert(&mut self, row: usize) {
        let place = row / BITS;
        if self.words.len() <= place {
            self.words.resize(place + 1, 0);
        }
        if let Some(word) = self.words.get_mut(place) {
            *word |= bit(row % BITS);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Adds those of `other`.
    pub(super) fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(mine, its)| *mine |= its);
    }

    /// Keeps those that `other` has, too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        self.words.iter_mut().zip(&other.words).for_each(|(mine, its)| *mine &= its);
    }

    /// Takes out those of `other`, and says which they are, the lowest first.
    pub(super) fn take(&mut self, other: &Self) -> impl Iterator<Item = usize> {
        let both = self.words.iter_mut().zip(&other.words).enumerate();
        both.flat_map(|(place, (mine, its))| {
            let mut taken = *mine & its;
            *mine &= !its;
            std::iter::from_fn(move || {
                let lowest = taken.trailing_zeros() as usize;
                taken &= taken.wrapping_sub(1);
                (lowest < BITS).then_some(place * BITS + lowest)
            })
        })
    }
}

impl PartialEq for RowSet {
    fn eq(&self, other: &Self) -> bool {
        let words = self.words.len().max(other.words.len());
        let word = |set: &Self, place: usize| set.words.get(place).copied().unwrap_or_default();
        (0..words).all(|place| word(self, place) == word(other, place))
    }
}

const BITS: usize = u64::BITS as usize;

const fn bit(place: usize) -> u64 {
    1 << (place % BITS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::RowSet;

    fn set(rows: &BTreeSet<usize>) -> RowSet {
        let mut set = RowSet::default();
        for row in rows {
            set.insert(*row);
        }
        set
    }

    fn rows() -> impl Strategy<Value = BTreeSet<usize>> {
        proptest::collection::btree_set(0..200_usize, 0..12)
    }

    proptest! {
        #[test]
        fn it_is_a_set(left in rows(), right in rows(), len in 0..200_usize) {
            let (mut all, mut both, mut rest) = (set(&left), set(&left), set(&left));
            all.add(&set(&right));
            prop_assert_eq!(&all, &set(&(&left | &right)));
            both.keep(&set(&right));
            prop_assert_eq!(&both, &set(&(&left & &right)));
            prop_assert_eq!(both.is_empty(), left.is_disjoint(&right));
            let taken: Vec<usize> = rest.take(&set(&right)).collect();
            prop_assert_eq!(taken, (&left & &right).into_iter().collect::<Vec<_>>());
            prop_assert_eq!(&rest, &set(&(&left - &right)));
            prop_assert_eq!(RowSet::up_to(len), set(&(0..len).collect()));
            prop_assert_eq!(set(&left) == set(&right), left == right);
        }
    }
}
