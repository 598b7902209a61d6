//! The reader and the writers of evidence, case by case: limits, places of errors, duplicate keys, layouts, loose equality.

use tecrax::evidence::json::{
    DuplicateKeys, Finite, Integer, Json, JsonErrorKind, Limits, Object, canonical, loosely_equal, pretty, read,
};
use tecrax::evidence::sclite::{Descriptor, redaction, schema};

fn value(text: &str) -> Json {
    read(text.as_bytes(), &Limits::UPSTREAM).unwrap_or_else(|error| panic!("{text}: {error}")).value
}

fn text(value: &Json) -> String {
    String::from_utf8(canonical(value)).expect("UTF-8")
}

/// Kind, line and column.
fn refused(bytes: impl AsRef<[u8]>, limits: &Limits) -> (JsonErrorKind, u32, u32) {
    let error = read(bytes.as_ref(), limits).expect_err("an error");
    (error.kind, error.line, error.column)
}

#[test]
fn errors_name_line_and_column_in_characters() {
    let at = |bytes: &[u8]| refused(bytes, &Limits::UPSTREAM);
    assert_eq!(at(b""), (JsonErrorKind::Syntax, 1, 1));
    assert_eq!(at(b"{\"a\":1}\n\n x"), (JsonErrorKind::Syntax, 3, 2));
    assert_eq!(at("[\"äöü\", ?]".as_bytes()), (JsonErrorKind::Syntax, 1, 9));
    assert_eq!(at("[\n\"ä\u{1}\"]".as_bytes()), (JsonErrorKind::Syntax, 2, 3));
    assert_eq!(at(b"{\"a\" 1}"), (JsonErrorKind::Syntax, 1, 6));
    assert_eq!(at(b"[\"\xc3\xa4\xff\"]"), (JsonErrorKind::NotUtf8, 1, 4));
    assert_eq!(at(b"[1,\n 1e999]"), (JsonErrorKind::NonFinite, 2, 2));
    assert_eq!(at(b"[\"x\\udc00\"]"), (JsonErrorKind::LoneSurrogate, 1, 4));
    let error = read(b"[1,\n]", &Limits::UPSTREAM).expect_err("an error");
    assert_eq!(error.to_string(), "line 2, column 1: expected a value");
}

#[test]
fn what_can_not_be_hashed_comes_after_what_is_no_json() {
    let kind = |text: &str| refused(text, &Limits::UPSTREAM).0;
    assert_eq!(kind("[NaN, \"\\ud800\", ]"), JsonErrorKind::Syntax);
    assert_eq!(kind("[\"\\ud800\", -Infinity]"), JsonErrorKind::NonFinite, "Python meets it first");
    assert_eq!(kind("{\"\\ud800\": NaN, \"a\": 1}"), JsonErrorKind::NonFinite);
    let long = "9".repeat(4301);
    assert_eq!(kind(&format!("[{long}, ]")), JsonErrorKind::IntegerTooLong, "integers are made while reading");
    assert_eq!(kind(&format!("[NaN, {long}]")), JsonErrorKind::IntegerTooLong);
}

/// A value that a later key replaces is never hashed, so nothing in it counts.
#[test]
fn replaced_values_are_not_hashed() {
    assert_eq!(value("{\"a\": NaN, \"b\": 1, \"a\": 2}"), value("{\"a\": 2, \"b\": 1}"));
    assert_eq!(value("{\"a\": {\"x\": [\"\\udc00\"]}, \"a\": 2}"), value("{\"a\": 2}"));
    assert_eq!(refused("{\"a\": 2, \"a\": NaN}", &Limits::UPSTREAM).0, JsonErrorKind::NonFinite);
    assert_eq!(refused("{\"b\": NaN, \"a\": 1, \"a\": 2}", &Limits::UPSTREAM).0, JsonErrorKind::NonFinite);
}

#[test]
fn duplicate_keys_are_named_or_refused() {
    let document = "{\"z\": [0, {\"k\": 1, \"a\": 2, \"\\u006b\": 3, \"k\": 4}], \"a\": 5}";
    let read_document = read(document.as_bytes(), &Limits::UPSTREAM).expect("a document");
    assert_eq!(text(&read_document.value), "{\"a\":5,\"z\":[0,{\"a\":2,\"k\":4}]}");
    assert_eq!(read_document.duplicate_keys, ["$.z[1].k"]);
    assert_eq!(refused(document, &Limits::STRICT), (JsonErrorKind::DuplicateKey, 1, 28));
    assert!(read(b"{\"a\": 1, \"b\": {\"a\": 2}}", &Limits::STRICT).expect("a document").duplicate_keys.is_empty());
}

#[test]
fn named_duplicate_keys_are_bounded() {
    let key = "k".repeat(5000);
    let many = vec![format!("{{\"{key}\": 1, \"{key}\": 2}}"); 300].join(",");
    let document = read(format!("{{\"{key}\": [{many}]}}").as_bytes(), &Limits::UPSTREAM).expect("a document");
    assert_eq!(document.duplicate_keys.len(), 100);
    assert!(document.duplicate_keys.iter().all(|path| path.chars().count() == 257 && path.ends_with('…')));
}

#[test]
fn limits_hold_at_their_edge() {
    let limits = Limits { max_bytes: 10, max_depth: 3, duplicate_keys: DuplicateKeys::Refuse };
    assert!(read(b"[1, 2, 34]", &limits).is_ok());
    assert_eq!(refused("[1, 2, 34] ", &limits).0, JsonErrorKind::TooLarge);
    assert!(read(b"[{\"a\":[]}]", &limits).is_ok());
    assert!(read(b"[{\"a\": 0}]", &limits).is_ok());
    assert_eq!(refused("[[[ {} ]]]", &limits), (JsonErrorKind::TooDeep, 1, 5));
    assert_eq!(refused("[[[ 0 ]]]", &limits), (JsonErrorKind::TooDeep, 1, 5));
    assert_eq!((Limits::STRICT.max_bytes, Limits::STRICT.max_depth), (1_048_576, 64));
}

/// The deepest document survives everything on the stack of a test thread.
#[test]
fn the_deepest_document_is_no_danger_to_the_stack() {
    let deepest = |levels: usize| {
        let opening: String = (0..levels).map(|level| if level % 2 == 0 { "[" } else { "{\"a\":" }).collect();
        let closing: String = (0..levels).rev().map(|level| if level % 2 == 0 { "]" } else { "}" }).collect();
        format!("{opening}0{closing}")
    };
    let text_of = deepest(Limits::UPSTREAM.max_depth - 1);
    let document = value(&text_of);
    assert_eq!(text(&document), text_of);
    assert_eq!(value(&pretty(&document)), document);
    assert!(loosely_equal(&document.clone(), &document));
    assert_eq!(redaction::sanitize(&document), document);
    assert_eq!(redaction::changed_paths(&document, &document), 0);
    assert!(schema::validate(&document, "finding.v0.1").is_err());
    let named = Object::from([("artifact_type", document.clone())]);
    assert!(Descriptor::of(&Json::Object(named)).artifact_type.ends_with(']'));
    assert!(format!("{document:?}").len() > text_of.len());
    assert_eq!(refused(deepest(Limits::UPSTREAM.max_depth), &Limits::UPSTREAM).0, JsonErrorKind::TooDeep);
    assert_eq!(refused("[".repeat(1_000_000), &Limits::UPSTREAM).0, JsonErrorKind::TooDeep);
}

/// Keys in falling order and equal keys cost no more than the sort.
#[test]
fn hostile_keys_take_no_quadratic_time() {
    let began = std::time::Instant::now();
    let falling: Vec<String> = (0..200_000).rev().map(|key| format!("\"{key:06}\":NaN,\"{key:06}\":0")).collect();
    let document = read(format!("{{{}}}", falling.join(",")).as_bytes(), &Limits::UPSTREAM).expect("a document");
    assert_eq!(document.value.as_object().map(Object::len), Some(200_000));
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

#[test]
fn files_have_the_layout_of_the_python_stack() {
    let document = value("{\"b\":[1,{\"y\":[],\"x\":{}}],\"a\":\"ä\u{7f}😀\\n\\u0001/\",\"c\":[1.0,-0.0,1e300]}");
    let expected = r#"{
  "a": "\u00e4\u007f\ud83d\ude00\n\u0001/",
  "b": [
    1,
    {
      "x": {},
      "y": []
    }
  ],
  "c": [
    1.0,
    -0.0,
    1e+300
  ]
}
"#;
    assert_eq!(pretty(&document), expected);
    assert_eq!(pretty(&Json::Null), "null\n");
}

#[test]
fn equality_is_exact_and_loose_equality_is_that_of_python() {
    let same = ["1 1.0", "1 true", "1.0 true", "0 false", "0 -0.0", "0.0 -0.0", "[1,{\"a\":0}] [1.0,{\"a\":false}]"];
    for pair in same.iter().chain(&["9007199254740992 9007199254740992.0", "18446744073709551616 18446744073709551616.0"]) {
        let (left, right) = pair.split_once(' ').expect("a pair");
        assert!(loosely_equal(&value(left), &value(right)) && loosely_equal(&value(right), &value(left)), "{pair}");
        assert_ne!(value(left), value(right), "{pair}");
    }
    let different = ["1 2", "1 \"1\"", "null false", "null 0", "[] {}", "9007199254740993 9007199254740992.0", "[1] [1,1]"];
    for pair in different.iter().chain(&["100000000000000000000 1e21", "{\"a\":1} {\"b\":1}", "0.5 0", "2 true"]) {
        let (left, right) = pair.split_once(' ').expect("a pair");
        assert!(!loosely_equal(&value(left), &value(right)) && !loosely_equal(&value(right), &value(left)), "{pair}");
    }
}

#[test]
fn integers_know_what_they_fit_into() {
    let integer = |text: &str| value(text).as_integer().expect("an integer").clone();
    assert_eq!(integer("-9223372036854775808").as_i64(), Some(i64::MIN));
    assert_eq!(integer("9223372036854775808").as_i64(), None);
    assert_eq!(integer("18446744073709551615").as_u64(), Some(u64::MAX));
    assert_eq!(integer("18446744073709551616").as_u64(), None);
    assert_eq!(integer("-1").as_u64(), None);
    assert_eq!(integer("-0"), Integer::from(0_i64));
    assert_eq!(integer("18446744073709551615"), Integer::from(u64::MAX));
    assert!(integer("-100000000000000000000").cmp_i64(i64::MIN).is_lt());
    assert!(integer("100000000000000000000").cmp_i64(i64::MAX).is_gt());
}

#[test]
fn objects_keep_their_order() {
    let mut object = Object::from([("b", 1), ("é", 2), ("a", 3), ("b", 4)]);
    assert_eq!(object.insert("c", 5), None);
    assert_eq!(object.insert("a", "x"), Some(Json::from(3)));
    assert_eq!(object.remove("b"), Some(Json::from(4)));
    assert_eq!(object.remove("b"), None);
    assert_eq!(object.insert("ab".to_owned(), true), None);
    assert_eq!(object.keys().collect::<Vec<_>>(), ["a", "ab", "c", "é"]);
    assert_eq!(text(&Json::Object(object)), "{\"a\":\"x\",\"ab\":true,\"c\":5,\"é\":2}");
}

/// Recorded with CPython 3.11, which takes the even digit where two texts are equally near.
#[test]
fn floats_between_two_texts_take_the_even_digit() {
    for (exact, recorded) in [
        ("92063937387631.125", "92063937387631.12"),
        ("92063937387631.375", "92063937387631.38"),
        ("253580802574375.125", "253580802574375.12"),
        ("162864175503169.625", "162864175503169.62"),
        ("32925263839624.0625", "32925263839624.062"),
    ] {
        assert_eq!(text(&value(exact)), recorded);
    }
}

#[test]
fn floats_are_finite() {
    assert_eq!(Finite::new(f64::NAN), None);
    assert_eq!(Finite::new(f64::NEG_INFINITY), None);
    assert_ne!(Finite::new(0.0), Finite::new(-0.0));
}
