//! How the parts of records are stored.

use proptest::prelude::*;
use tecrax::api::Digest;
use tecrax::evidence::{UnpackError, pack, unpack};

const DICTIONARY: &[u8] = include_bytes!("../../src/evidence/dictionary.txt");

type Named = Vec<(String, Vec<u8>)>;

fn packed(parts: &Named) -> Vec<u8> {
    pack(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}

fn one(text: &str) -> Named {
    vec![("detail".to_owned(), text.as_bytes().to_vec())]
}

#[test]
fn the_dictionary_is_frozen_with_form_1() {
    // Blobs of form 1 can be read with this text only. Another one is another form: add a number, keep this file.
    let digest = Digest::of(DICTIONARY).to_string();
    assert_eq!(digest, "6e198b5b95a7c038681c48b09e2a55301d3b216b2de12ac4466a89d17bcedad5");
}

#[test]
fn a_blob_that_was_written_once_is_read_for_ever() {
    let hex = "016000000028b52ffd0000e50000700664657461696c5500000065227d030089ef94c022eb0dccd451bd";
    let blob: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2).expect("hex"), 16).expect("hex")).collect();
    let text = r#"{"findings":[],"not_in_effect":[],"summary":"everything observed is as it should be"}"#;
    assert_eq!(unpack(&blob), Ok(one(text)));
}

#[test]
fn the_dictionary_is_worth_its_bytes() {
    let text = String::from_utf8(DICTIONARY.to_vec()).expect("text");
    let usual = text.get(text.len() - 4096..).expect("longer");
    assert!(packed(&one(usual)).len() < 64, "{}", packed(&one(usual)).len());
}

#[test]
fn every_form_is_known_or_refused() {
    let frames = b"\x06detail\x02\0\0\0{}";
    let length = u32::try_from(frames.len()).unwrap().to_le_bytes();
    let plain = [&[0][..], &length, frames].concat();
    assert_eq!(unpack(&plain), Ok(one("{}")));
    assert_eq!(unpack(&[&[9][..], &plain[1..]].concat()), Err(UnpackError::Unknown));
    for end in 0..plain.len() {
        assert_eq!(unpack(&plain[..end]), Err(UnpackError::Damaged), "cut at {end}");
    }
    assert_eq!(unpack(&[&plain[..], b"x"].concat()), Err(UnpackError::Damaged), "longer than it says");
    let claims_more = [&[1][..], &u32::MAX.to_le_bytes(), &[0; 9]].concat();
    assert_eq!(unpack(&claims_more), Err(UnpackError::Damaged), "beyond the bound");
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked(parts in proptest::collection::vec(("[a-z_]{1,40}", proptest::collection::vec(any::<u8>(), 0..4000)), 0..5)) {
        let blob = packed(&parts);
        prop_assert_eq!(&packed(&parts), &blob, "the same parts, the same bytes");
        prop_assert_eq!(unpack(&blob), Ok(parts));
    }

    #[test]
    fn a_cut_blob_is_damaged(bytes in proptest::collection::vec(any::<u8>(), 0..500), cut in any::<proptest::sample::Index>()) {
        let blob = packed(&vec![("execution_receipt".to_owned(), bytes)]);
        let end = cut.index(blob.len());
        prop_assert!(unpack(&blob[..end]).is_err());
    }

    #[test]
    fn whatever_stands_in_the_database_is_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500), form in 0_u8..3) {
        let _ = unpack(&[&[form][..], &bytes].concat());
    }
}
