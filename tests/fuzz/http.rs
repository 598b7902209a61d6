//! Any content that an HTTP server can send.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::connect::fuzz::{http_json, http_kept, http_rpc};
use crate::secrets::Redactor;

/// Deepest nesting that is read.
const DEEPEST: usize = 64;

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
    let names = vec!["error", "result", "Version", "data", "message", "code", "id", "jsonrpc"];
    let key = prop_oneof![prop::sample::select(names).prop_map(str::to_owned), ".{0,6}"];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
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

/// Whether a peer of JSON-RPC takes the member `error` for one: anything but nothing.
fn is_error(document: &Value) -> bool {
    let nothing = [json!(null), json!(false), json!(0), json!(0.0), json!(-0.0), json!(""), json!([]), json!({})];
    document.get("error").is_some_and(|error| !nothing.contains(error))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is read, another reader of the same bytes reads the same; what is not read is told on one short line.
    #[test]
    fn content_is_refused_or_read_as_everybody_reads_it(
        document in document(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        noise in prop::option::weighted(0.2, prop::collection::vec(any::<u8>(), 0..400)),
    ) {
        let mut bytes = noise.unwrap_or_else(|| document.to_string().into_bytes());
        for (place, with) in flips.iter().filter(|_| !bytes.is_empty()).copied().collect::<Vec<_>>() {
            let place = place.index(bytes.len());
            bytes[place] = with;
        }
        match http_json(&bytes) {
            Ok(value) => {
                prop_assert!(depth(&value) <= DEEPEST);
                prop_assert_eq!(value, serde_json::from_slice::<Value>(&bytes).expect("JSON for everybody"));
            }
            Err(why) => prop_assert!(!why.contains('\n') && why.len() < 200, "{}", why),
        }
    }

    /// Every document within the bounds is read, whole.
    #[test]
    fn documents_are_read(document in document(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() };
        prop_assert_eq!(http_json(text.as_bytes()), Ok(document));
    }

    /// A key that stands twice is refused, wherever it stands and however it is escaped.
    #[test]
    fn a_key_stands_once(document in document(), escaped: bool, lists in 0_usize..20) {
        let other = if escaped { r"\u006bey" } else { "key" };
        let text = format!(r#"{}{{"key": {document}, "{other}": 1}}{}"#, "[".repeat(lists), "]".repeat(lists));
        prop_assert!(http_json(text.as_bytes()).is_err());
    }

    /// A reply is good only with a result and without an error; otherwise what is said fits one line, whatever the server said.
    #[test]
    fn replies_are_good_or_told_on_one_line(document in document(), with_token: bool) {
        match http_rpc(&document, with_token, &Redactor::default()) {
            Ok(()) => prop_assert!(!is_error(&document) && document.get("result").is_some()),
            Err(said) => {
                prop_assert!(is_error(&document) || document.get("result").is_none());
                prop_assert!(!said.contains(char::is_control) && said.chars().count() < 1024, "{}", said);
            }
        }
    }

    /// A shape keeps an object: the whole, the member when it is one, and otherwise the member under its name.
    #[test]
    fn a_shape_keeps_an_object(document in document(), member in prop::option::of(prop::sample::select(vec!["result", "data"]))) {
        let kept = http_kept(document.clone(), member, &Redactor::default());
        let whole = if document.is_object() { document } else { json!({"value": document}) };
        let wanted = match member {
            None => whole,
            Some(name) => match whole.get(name).cloned().unwrap_or_default() {
                inner @ Value::Object(_) => inner,
                other => Value::Object(Map::from_iter([(name.to_owned(), other)])),
            },
        };
        prop_assert_eq!(kept, wanted);
    }
}
