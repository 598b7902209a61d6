//! The bytes that digests of records are taken of: JSON in ASCII, keys sorted, no whitespace, numbers as Python prints them.

use serde_json::Value;

use crate::api::{Digest, write_ascii, write_ascii_text};

/// Bytes of most records.
const RECORD_BYTES: usize = 1024;

/// The digest of a record of the Python stack. Its text form there is `sha256:` and the hex digits.
pub(super) fn record_digest(record_type: &str, record: &Value) -> Digest {
    digest("govengine", record_type, record)
}

/// The digest of a record of one owner: of the map of both, the record and the version of the form.
pub(super) fn digest(owner: &str, record_type: &str, record: &Value) -> Digest {
    let mut out = String::with_capacity(RECORD_BYTES);
    out.push_str("{\"owner\":");
    write_ascii_text(&mut out, owner);
    out.push_str(",\"record\":");
    write_ascii(&mut out, record);
    out.push_str(",\"record_type\":");
    write_ascii_text(&mut out, record_type);
    out.push_str(",\"schema_version\":\"v1\"}");
    Digest::of(out.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::ascii_compact;

    #[test]
    fn numbers_and_texts_are_those_of_python() {
        let value = json!([1, 1.0, -0.0, 1e21, 1e-7, 1e16, 1e15, 0.0001, 0.00001, 12.5, u64::MAX, "é\u{1F600}\n\u{7f}\u{1}"]);
        let python = r#"[1,1.0,-0.0,1e+21,1e-07,1e+16,1000000000000000.0,0.0001,1e-05,12.5,18446744073709551615,"\u00e9\ud83d\ude00\n\u007f\u0001"]"#;
        assert_eq!(ascii_compact(&value), python);
    }
}
