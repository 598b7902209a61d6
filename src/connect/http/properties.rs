//! Any bytes that an HTTP server can send as content.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what does not hold fails the test"
)]

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::json::parse;
use super::rpc;
use crate::secrets::Redactor;

/// Any JSON, as a server would write it.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Eighths, which every reader takes bit by bit.
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        ".{0,12}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        prop::sample::select(vec!["error", "result", "Version", "data", "message", "code", "id", "jsonrpc"])
            .prop_map(str::to_owned),
        ".{0,6}",
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is read, another reader of the same bytes reads the same; and it is never nested deeper than the bound.
    #[test]
    fn any_bytes_are_refused_or_read_as_everybody_reads_them(
        document in document(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        noise in prop::option::of(prop::collection::vec(any::<u8>(), 0..400)),
    ) {
        let mut bytes = noise.unwrap_or_else(|| document.to_string().into_bytes());
        for (place, with) in flips {
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = with;
            }
        }
        match parse(&bytes) {
            Ok(value) => {
                prop_assert_eq!(&value, &serde_json::from_slice::<Value>(&bytes).expect("JSON for everybody"));
                prop_assert!(depth(&value) <= 64);
            }
            Err(why) => prop_assert!(!why.contains('\n') && why.len() < 200, "{why}"),
        }
    }

    /// A good document is always read.
    #[test]
    fn documents_are_read(document in document()) {
        prop_assert_eq!(parse(document.to_string().as_bytes()), Ok(document));
    }

    /// A reply is good only when it has a result and no error; what it says is told on one bounded line.
    #[test]
    fn replies_are_good_or_told_on_one_line(document in document(), with_token: bool) {
        let error = document.get("error").filter(|error| {
            !matches!(error, Value::Null | Value::Bool(false)) && error.as_f64() != Some(0.0)
                && **error != "" && **error != serde_json::json!([]) && **error != serde_json::json!({})
        });
        match rpc::check(&document, "x", with_token, &Redactor::default()) {
            Ok(()) => prop_assert!(error.is_none() && document.get("result").is_some()),
            Err(failure) => {
                prop_assert!(error.is_some() || document.get("result").is_none());
                prop_assert!(!failure.message.contains('\n') && failure.message.chars().count() < 1024);
            }
        }
    }
}
