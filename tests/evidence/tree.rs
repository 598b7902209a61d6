//! The Merkle tree of the log, its proofs, and the texts that carry them, against published values.

use std::convert::Infallible;

use crate::support::cases::cases;
use proptest::prelude::*;
use tecrax::api::Digest;
use tecrax::evidence::log::{
    BLOCK, Checkpoint, Frontier, Node, ProofError, SigningKey, TlogProof, consistency, empty_root, inclusion, leaf_hash,
    node_hash, root_at, verify_consistency, verify_inclusion,
};

/// The leaves of the reference tests of Certificate Transparency.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
/// Their roots, of the first leaf, the first two, and so on.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn digest(hex: &str) -> Digest {
    Digest::parse(hex).unwrap()
}

fn leaves(size: u64) -> Vec<Digest> {
    (0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

/// The root as RFC 6962 defines it, by recursion over all leaves.
fn defined(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&defined(left), &defined(right))
        }
    }
}

/// Where nodes come from when all leaves are at hand.
fn nodes(leaves: &[Digest]) -> impl FnMut(u32, u64) -> Result<Digest, Infallible> + use<> {
    let mut levels = vec![leaves.to_vec()];
    while levels[levels.len() - 1].len() > 1 {
        let below = &levels[levels.len() - 1];
        levels.push(below.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect());
    }
    move |level, index| Ok(levels[level as usize][usize::try_from(index).unwrap()])
}

fn flipped(digest: &Digest, bit: usize) -> Digest {
    let mut bytes = *digest.as_bytes();
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    Digest::from_bytes(&bytes).unwrap()
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    assert_eq!(empty_root(), digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), empty_root());
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        frontier.append(leaf_hash(leaf), |_| {});
        assert_eq!(frontier.root(), digest(root), "{} leaves", frontier.size());
    }
}

#[test]
fn proofs_are_those_of_certificate_transparency() {
    let leaves: Vec<Digest> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    let hex = |proof: Vec<Digest>| proof.iter().map(Digest::to_string).collect::<Vec<_>>();
    let Ok(proof) = inclusion(5, 8, &mut nodes(&leaves));
    assert_eq!(
        hex(proof),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    let Ok(proof) = consistency(6, 8, &mut nodes(&leaves));
    assert_eq!(
        hex(proof),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn a_frontier_grows_as_the_definition_says_and_gives_every_kept_node_once() {
    let leaves = leaves(1_000);
    let (mut frontier, mut kept) = (Frontier::new(), Vec::new());
    for (number, leaf) in leaves.iter().enumerate() {
        frontier.append(*leaf, |node| kept.push(node));
        if number % 37 == 0 {
            assert_eq!(frontier.root(), defined(&leaves[..=number]));
        }
        let again = Frontier::from_bytes(frontier.size(), &frontier.to_bytes()).unwrap();
        assert_eq!(again, frontier);
    }
    let blocks = leaves.chunks_exact(256).zip(0..);
    let expected: Vec<Node> = blocks.map(|(block, index)| Node { level: 8, index, hash: defined(block) }).collect();
    assert_eq!((kept, BLOCK), (expected, 256));
    // One peak for each one bit of the size, whole hashes only.
    assert!(Frontier::from_bytes(1_000, &[0; 32]).is_none() && Frontier::from_bytes(1, &[0; 33]).is_none());
}

#[test]
fn every_proof_of_every_small_tree_holds_and_no_changed_one_does() {
    let leaves = leaves(300);
    let roots: Vec<Digest> = (0..=300).map(|size| defined(&leaves[..size])).collect();
    let mut nodes = nodes(&leaves);
    let mut bit = 0;
    for size in 1..=300_u64 {
        let root = &roots[usize::try_from(size).unwrap()];
        let Ok(again) = root_at(size, &mut nodes);
        assert_eq!(again, *root);
        for index in 0..size {
            let leaf = &leaves[usize::try_from(index).unwrap()];
            let Ok(proof) = inclusion(index, size, &mut nodes);
            assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()), "{index} of {size}");
            bit += 1;
            assert_eq!(verify_inclusion(&flipped(leaf, bit), index, size, &proof, root), Err(ProofError::Root));
            if !proof.is_empty() {
                let at = bit % proof.len();
                let mut wrong = proof.clone();
                wrong[at] = flipped(&wrong[at], bit);
                assert_eq!(verify_inclusion(leaf, index, size, &wrong, root), Err(ProofError::Root));
                assert_eq!(verify_inclusion(leaf, index, size, &proof[1..], root), Err(ProofError::Length));
            }
        }
        for old in (0..=size).step_by(usize::try_from(1 + size / 40).unwrap()) {
            let old_root = &roots[usize::try_from(old).unwrap()];
            let Ok(proof) = consistency(old, size, &mut nodes);
            assert_eq!(verify_consistency((old, old_root), (size, root), &proof), Ok(()), "{old} to {size}");
            bit += 1;
            assert!(verify_consistency((old, &flipped(old_root, bit)), (size, root), &proof).is_err(), "{old} to {size}");
            assert!(verify_consistency((old, old_root), (size, &flipped(root, bit)), &proof).is_err() || old == 0);
            if !proof.is_empty() {
                let mut wrong = proof.clone();
                let at = bit % wrong.len();
                wrong[at] = flipped(&wrong[at], bit);
                assert!(verify_consistency((old, old_root), (size, root), &wrong).is_err(), "{old} to {size}");
                assert!(verify_consistency((old, old_root), (size, root), &proof[1..]).is_err(), "{old} to {size}");
            }
        }
    }
}

#[test]
fn what_lies_outside_a_tree_is_refused() {
    let leaves = leaves(8);
    let root = defined(&leaves);
    assert_eq!(verify_inclusion(&leaves[7], 8, 8, &[], &root), Err(ProofError::Range));
    assert_eq!(verify_inclusion(&leaves[0], 0, 0, &[], &empty_root()), Err(ProofError::Range));
    assert_eq!(verify_inclusion(&leaves[0], 0, 1, &[], &leaves[0]), Ok(()));
    assert_eq!(verify_inclusion(&leaves[0], u64::MAX - 1, u64::MAX, &[root; 70], &root), Err(ProofError::Length));
    assert_eq!(verify_consistency((9, &root), (8, &root), &[]), Err(ProofError::Range));
    assert_eq!(verify_consistency((8, &root), (8, &root), &[root]), Err(ProofError::Length));
    assert_eq!(verify_consistency((0, &empty_root()), (8, &root), &[]), Ok(()));
    assert_eq!(verify_consistency((0, &root), (8, &root), &[]), Err(ProofError::Root));
    assert_eq!(verify_consistency((4, &root), (8, &root), &[]), Err(ProofError::Length));
}

/// A proof of record 3 of 8 in a log of one key.
fn proof() -> (TlogProof, Digest, SigningKey) {
    let leaves: Vec<Digest> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    let key = SigningKey::from_seed("example.com/log", &[7; 32]).unwrap();
    let checkpoint = Checkpoint { origin: "example.com/log".to_owned(), size: 8, root: defined(&leaves) }.sign(&key).unwrap();
    let Ok(path) = inclusion(3, 8, &mut nodes(&leaves));
    (TlogProof { extra: Some(b"{}".to_vec()), index: 3, path, checkpoint }, leaves[3], key)
}

#[test]
fn a_proof_as_text_proves_its_record_and_no_other() {
    let (proof, leaf, key) = proof();
    let keys = [key.verifier().clone()];
    let text = proof.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["c2sp.org/tlog-proof@v1", "extra e30=", "index 3"]);
    assert_eq!((lines[6], lines[7], lines[8], lines[10]), ("", "example.com/log", "8", ""));
    let read = TlogProof::parse(&text).unwrap();
    assert_eq!(read, proof);
    read.verify(&leaf, &keys).unwrap();
    assert!(read.verify(&flipped(&leaf, 3), &keys).is_err());
    assert!(read.verify(&leaf, &[]).is_err(), "nobody is trusted");
    let other = TlogProof { index: 2, ..read };
    assert!(other.verify(&leaf, &keys).is_err());
    let without = TlogProof { extra: None, ..proof };
    assert_eq!(TlogProof::parse(&without.to_string()).unwrap(), without);
}

#[test]
fn texts_that_are_no_proofs_are_refused() {
    let text = proof().0.to_string();
    for (from, to) in [
        ("@v1", "@v2"),
        ("extra e30=", "extra e30"),
        ("index 3", "index 03"),
        ("index 3", "index -1"),
        ("index 3", "index 18446744073709551616"),
        ("index 3", "record 3"),
        ("index 3\n", "index 3\nAAAA\n"),
        ("\n\nexample", "\nexample"),
        ("\n8\n", "\n08\n"),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from}");
        assert!(TlogProof::parse(&broken).is_err(), "{broken}");
    }
    let long =
        text.replacen("index 3\n", &format!("index 3\n{}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(66)), 1);
    assert!(TlogProof::parse(&long).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(64)))]
    #[test]
    fn any_tree_of_any_size_is_proven_from_few_hashes(size in 1_u64..5_000, index in any::<u64>(), old in any::<u64>()) {
        let (index, old) = (index % size, old % size);
        let leaves = leaves(size);
        let root = defined(&leaves);
        let Ok(proof) = inclusion(index, size, &mut nodes(&leaves));
        prop_assert!(proof.len() <= 13);
        prop_assert_eq!(verify_inclusion(&leaves[usize::try_from(index).unwrap()], index, size, &proof, &root), Ok(()));
        let Ok(proof) = consistency(old, size, &mut nodes(&leaves));
        prop_assert!(proof.len() <= 14);
        let old_root = defined(&leaves[..usize::try_from(old).unwrap()]);
        prop_assert_eq!(verify_consistency((old, &old_root), (size, &root), &proof), Ok(()));
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "(c2sp.org/tlog-proof@v1\n)?(extra [A-Za-z0-9+/=]{0,9}\n)?(index [0-9]{0,22}\n)?([A-Za-z0-9+/=]{0,50}\n){0,4}\n?.{0,40}") {
        let _ = TlogProof::parse(&text);
    }
}

#[test]
fn a_digest_is_read_from_64_hex_digits_and_nothing_else() {
    let digest = Digest::of(b"anything");
    let text = digest.to_string();
    assert_eq!(Digest::parse(&text), Some(digest));
    assert_eq!(Digest::parse(&text.to_uppercase()), Some(digest));
    for wrong in [&text[1..], &format!("{text}0"), &format!("+f{}", &text[2..]), &format!("é{}", &text[2..]), &"g".repeat(64)] {
        assert_eq!(Digest::parse(wrong), None, "{wrong}");
    }
}
