//! Inclusion and consistency proofs: RFC 9162 §2.1.3 and §2.1.4.

use super::tree::{empty_root, node_hash};
use crate::api::Digest;

/// Most hashes of a proof: no tree here has more than 2^63 leaves, and a consistency proof at most one hash more than it has levels.
pub const PROOF_MAX: usize = 65;

/// Where the hashes of complete nodes come from: `(level, index)` to the root of the `2^level` leaves from `index × 2^level`.
pub type Nodes<'a, E> = dyn FnMut(u32, u64) -> Result<Digest, E> + 'a;

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index or the older size is not inside the tree.
    #[error("the proof is about something outside the tree")]
    Range,
    /// It has too few or too many hashes.
    #[error("the proof has another length than the tree asks for")]
    Length,
    /// It leads to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// The root of the tree at `size`.
///
/// # Errors
/// Those of `nodes`.
pub fn root_at<E>(size: u64, nodes: &mut Nodes<'_, E>) -> Result<Digest, E> {
    if size == 0 { Ok(empty_root()) } else { range(0, size, nodes) }
}

/// The inclusion proof of leaf `index` in the tree of `size` leaves, from the leaf's sibling up. Empty when the leaf is not inside.
///
/// # Errors
/// Those of `nodes`.
pub fn inclusion<E>(index: u64, size: u64, nodes: &mut Nodes<'_, E>) -> Result<Vec<Digest>, E> {
    let mut proof = Vec::new();
    if index < size {
        path(index, 0, size, nodes, &mut proof)?;
    }
    Ok(proof)
}

/// The consistency proof from the tree of `old` leaves to that of `new`. Empty when `old` is 0, `new`, or larger.
///
/// # Errors
/// Those of `nodes`.
pub fn consistency<E>(old: u64, new: u64, nodes: &mut Nodes<'_, E>) -> Result<Vec<Digest>, E> {
    let mut proof = Vec::new();
    if 0 < old && old < new {
        subproof(old, 0, new, true, nodes, &mut proof)?;
    }
    Ok(proof)
}

/// Whether `proof` shows that `leaf` is number `index` of the `size` leaves below `root`.
///
/// # Errors
/// [`ProofError`]
pub fn verify_inclusion(leaf: &Digest, index: u64, size: u64, proof: &[Digest], root: &Digest) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// Whether `proof` shows that the tree with `new.0` leaves and root `new.1` begins with the one of `old.0` leaves and root `old.1`.
///
/// # Errors
/// [`ProofError`]
pub fn verify_consistency(old: (u64, &Digest), new: (u64, &Digest), proof: &[Digest]) -> Result<(), ProofError> {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size > new_size {
        return Err(ProofError::Range);
    }
    if old_size == 0 || old_size == new_size {
        let same = if old_size == new_size { old_root == new_root } else { *old_root == empty_root() };
        return match (proof.is_empty(), same) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::Root),
            (false, _) => Err(ProofError::Length),
        };
    }
    let mut hashes = proof.iter();
    let first = if old_size.is_power_of_two() { Some(old_root) } else { hashes.next() };
    let Some(first) = first else { return Err(ProofError::Length) };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for hash in hashes {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(hash, &old_hash);
            new_hash = node_hash(hash, &new_hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            new_hash = node_hash(&new_hash, hash);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match (last, old_hash == *old_root && new_hash == *new_root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// The root of leaves `start..end`, a subtree of RFC 6962's recursion: at least one leaf, `start` a multiple of its width.
fn range<E>(start: u64, end: u64, nodes: &mut Nodes<'_, E>) -> Result<Digest, E> {
    let width = end - start;
    if width.is_power_of_two() {
        let level = width.trailing_zeros();
        return nodes(level, start >> level);
    }
    let middle = start + split(width);
    let left = range(start, middle, nodes)?;
    Ok(node_hash(&left, &range(middle, end, nodes)?))
}

fn path<E>(index: u64, start: u64, end: u64, nodes: &mut Nodes<'_, E>, proof: &mut Vec<Digest>) -> Result<(), E> {
    if end - start == 1 {
        return Ok(());
    }
    let middle = start + split(end - start);
    if index < middle {
        path(index, start, middle, nodes, proof)?;
        proof.push(range(middle, end, nodes)?);
    } else {
        path(index, middle, end, nodes, proof)?;
        proof.push(range(start, middle, nodes)?);
    }
    Ok(())
}

/// `whole` says that the older tree still begins at `start` 0 of every step, so that its root is known to the verifier.
fn subproof<E>(old: u64, start: u64, end: u64, whole: bool, nodes: &mut Nodes<'_, E>, proof: &mut Vec<Digest>) -> Result<(), E> {
    if old == end {
        if !whole {
            proof.push(range(start, end, nodes)?);
        }
        return Ok(());
    }
    let middle = start + split(end - start);
    if old <= middle {
        subproof(old, start, middle, whole, nodes, proof)?;
        proof.push(range(middle, end, nodes)?);
    } else {
        subproof(old, middle, end, false, nodes, proof)?;
        proof.push(range(start, middle, nodes)?);
    }
    Ok(())
}

/// The largest power of two below `width`; `width` is at least 2.
const fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}
