//! The Merkle tree of RFC 6962, as a frontier that grows leaf by leaf.

use crate::api::Digest;

/// Every so many levels a node is kept: with the leaves of one block of 256 they give any other node.
pub const KEPT_LEVELS: u32 = 8;
/// Leaves below one kept node of the lowest level. The log is pruned in whole blocks.
pub const BLOCK: u64 = 1 << KEPT_LEVELS;

/// One node: the root of the `2^level` leaves from `index × 2^level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Levels above the leaves.
    pub level: u32,
    /// Position in its level, from 0.
    pub index: u64,
    /// The hash.
    pub hash: Digest,
}

/// Leaf hash of RFC 6962: SHA-256 of a zero byte and the data.
pub fn leaf_hash(data: &[u8]) -> Digest {
    Digest::of_joined(&[&[0], data])
}

/// Node hash of RFC 6962: SHA-256 of a one byte and both children.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_joined(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// Root of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// The right edge of a tree: all that is needed to append a leaf and to know the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, largest first: one for each one bit of the size.
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The frontier of the empty tree.
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// A frontier from its parts; `None` when the number of peaks does not fit the size.
    pub fn from_peaks(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (u32::try_from(peaks.len()) == Ok(size.count_ones())).then_some(Self { size, peaks })
    }

    /// A frontier from its size and the peaks as [`Frontier::to_bytes`] wrote them.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() {
            return None;
        }
        Self::from_peaks(size, peaks.iter().filter_map(|peak| Digest::from_bytes(peak)).collect())
    }

    /// The peaks, 32 bytes each, largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| *peak.as_bytes()).collect()
    }

    /// Leaves so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Appends a leaf. Every node of a kept level that it completes goes to `kept`.
    pub fn append(&mut self, leaf: Digest, mut kept: impl FnMut(Node)) {
        let (mut hash, mut level, mut index) = (leaf, 0, self.size);
        while index & 1 == 1 {
            // One bits of the size are peaks, see `from_peaks`.
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            index >>= 1;
            if level % KEPT_LEVELS == 0 {
                kept(Node { level, index, hash });
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(smallest) = peaks.next() else { return empty_root() };
        peaks.fold(*smallest, |right, left| node_hash(left, &right))
    }
}
