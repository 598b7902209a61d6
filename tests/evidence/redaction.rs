//! What the Redactor removes and what it leaves.

use crate::support::cases::cases;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::json;
use tecrax::secrets::Redactor;

const MARK: &str = "[REDACTED]";

fn plain(text: &str) -> String {
    Redactor::default().redact(text.to_owned())
}

#[test]
fn what_looks_like_a_secret_is_removed_and_its_surroundings_stay() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    let long_jwt = format!("eyJhbGciOiJIUzI1NiJ9.{}.sig", "a".repeat(5000));
    let cases = [
        ("password=hunter22 user=bob", "password=[REDACTED] user=bob"),
        ("PASSWORD: hunter22", "PASSWORD: [REDACTED]"),
        ("db_password = \"two words\", x", "db_password = \"[REDACTED]\", x"),
        ("{\"token\": \"abcd1234\", \"n\": 1}", "{\"token\": \"[REDACTED]\", \"n\": 1}"),
        ("{\\\"token\\\": \\\"abcd\\\", 1}", "{\\\"token\\\": \\\"[REDACTED]\\\", 1}"),
        ("{token: abcdef}, next", "{token: [REDACTED]}, next"),
        ("https://h/?access_token=abcd&x=1", "https://h/?access_token=[REDACTED]&x=1"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "AWS_SECRET_ACCESS_KEY=[REDACTED]"),
        ("api-key: abcd, apikey=>efgh private_key:=ijkl", "api-key: [REDACTED], apikey=>[REDACTED] private_key:=[REDACTED]"),
        ("Authorization: Bearer abc.def", "Authorization: [REDACTED]"),
        ("authorization: token abcd rest", "authorization: [REDACTED] rest"),
        ("got Bearer abcd1234.", "got Bearer [REDACTED]"),
        ("sent basic dXNlcjpwYXNz ok", "sent basic [REDACTED] ok"),
        ("http://user:pass@host:80/x", "http://[REDACTED]@host:80/x"),
        ("postgres://u:p%40@db", "postgres://[REDACTED]@db"),
        ("key AKIAIOSFODNN7EXAMPLE!", "key [REDACTED]!"),
        ("ghp_0123456789abcdefABCD x", "[REDACTED] x"),
        ("line\\nghp_0123456789abcdefABCD", "line\\n[REDACTED]"),
        ("github_pat_0123456789abcdefABCD_x", "[REDACTED]"),
        ("glpat-0123456789abcdef", "[REDACTED]"),
        ("xoxb-0123456789-abc", "[REDACTED]"),
        ("AIzaSyA0123456789abcdefghijklmnopqrstuv", "[REDACTED]"),
        ("(sk-0123456789abcdefghij)", "([REDACTED])"),
        (jwt, MARK),
        (&long_jwt, MARK),
        ("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nb", "a\n[REDACTED]\nb"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl\\n-----END OPENSSH PRIVATE KEY-----\\n", "[REDACTED]\\n"),
        ("cut -----BEGIN PRIVATE KEY-----\nMIIE", "cut [REDACTED]"),
    ];
    for (text, expected) in cases {
        assert_eq!(plain(text), expected, "{text}");
        assert_eq!(plain(expected), expected, "again: {text}");
    }
}

#[test]
fn facts_survive() {
    let texts = [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2026-03-01T12:00:00Z",
        "the token was refused; ask for a bearer token",
        "token",
        "tokens: 3, secrets = 12",
        "PasswordAuthentication no\npermitrootlogin prohibit-password",
        "password: no",
        "password_set: true",
        "pwd=/root OLDPWD=/var/lib",
        "Basic information about this host, basic support",
        "Asia/Tokyo",
        "tecrax::secrets::token::parse",
        "ssh://git@example.net/repo.git",
        "https://example.net:8443/path?x=1",
        "mail to anna@example.net: see http://wiki/",
        "disk-0123456789abcdefghijkl is a name",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH+Q0vNnSmYbwq6Ds0Zr8VWwz0qZb3G8xvKxA5aH0y8L",
        "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDtR7tQ/6W3wdPtnDI",
        "uuid 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        " 12:04:11 up 41 days,  3:12,  1 user,  load average: 0.08, 0.03, 0.01",
        "MemTotal:        4008960 kB\nMemFree:  1232896 kB",
    ];
    for text in texts {
        assert_eq!(plain(text), text);
    }
}

#[test]
fn a_known_value_is_removed_in_every_form_it_travels_in() {
    let value = "C0rrect horse/battery+\"staple\" ä";
    let redactor = Redactor::new([value.to_owned()]);
    let percent = value.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let hex = percent.replace('%', "").to_lowercase();
    let swapped: String =
        value.chars().map(|c| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() }).collect();
    let forms = [
        value.to_owned(),
        swapped,
        STANDARD.encode(value),
        STANDARD.encode(format!("user:{value}")),
        STANDARD.encode(format!("{value}\n")),
        serde_json::to_string(value).unwrap().trim_matches('"').to_owned(),
        serde_json::to_string(value).unwrap().trim_matches('"').replace('ä', "\\u00e4"),
        "C0rrect%20horse%2Fbattery%2B%22staple%22%20%C3%A4".to_owned(),
        "C0rrect+horse%2fbattery%2b%22staple%22+%c3%a4".to_owned(),
        hex.clone(),
        hex.to_uppercase(),
        percent,
    ];
    for form in forms {
        let clean = redactor.redact(format!("before <{form}> after"));
        assert!(clean.starts_with("before <") && clean.ends_with("> after") && clean.contains(MARK), "{form}: {clean}");
        assert!(!clean.contains(&form) && clean.len() < 60, "{form}: {clean}");
    }
}

#[test]
fn longer_values_win_and_overlapping_ones_leave_nothing() {
    let redactor = Redactor::new(["abcd", "abcdefgh", "ghijkl"].map(str::to_owned));
    assert_eq!(redactor.redact("xabcdefghx".to_owned()), "x[REDACTED]x");
    assert_eq!(redactor.redact("xabcdefghijklx".to_owned()), "x[REDACTED]x");
    assert_eq!(redactor.redact("abcdabcd abcd".to_owned()), "[REDACTED] [REDACTED]");
    let short = Redactor::new(["abc".to_owned(), " a \n".to_owned(), String::new()]);
    assert_eq!(short.redact("abc a".to_owned()), "abc a");
}

#[test]
fn lines_of_a_key_are_removed_one_by_one() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nQyNTUxOQAAACBk0123456789abcdef\nAAAEDkZmZmZmZmZmZmZmZm012345\n-----END OPENSSH PRIVATE KEY-----\n";
    let redactor = Redactor::new([key.to_owned()]);
    let clean = redactor.redact("    AAAEDkZmZmZmZmZmZmZmZm012345\r\n".to_owned());
    assert_eq!(clean, "    [REDACTED]\r\n");
}

#[test]
fn clones_share_what_is_registered_later() {
    let redactor = Redactor::default();
    let clone = redactor.clone();
    let sources = tecrax::secrets::Sources::of([("TECRAX_SECRET_A_B".into(), "late-value".into())]).unwrap();
    assert_eq!(clone.redact("late-value".to_owned()), "late-value");
    let _resolver = tecrax::secrets::Resolver::open(sources, redactor).unwrap();
    assert_eq!(clone.redact("late-value".to_owned()), MARK);
    assert_eq!(format!("{clone:?}"), "Redactor(1 values)");
}

#[test]
fn the_end_of_a_cut_text_does_not_show_the_beginning_of_a_value() {
    let redactor = Redactor::new(["a-long-secret-value".to_owned()]);
    assert_eq!(redactor.redact_cut("head a-long-secr".to_owned()), "head [REDACTED]");
    assert_eq!(redactor.redact_cut("head a-long-secret-value tail".to_owned()), "head [REDACTED] tail");
    assert_eq!(redactor.redact_cut("head a-lo".to_owned()), "head [REDACTED]");
    assert_eq!(redactor.redact_cut("head a-l".to_owned()), "head a-l");
}

#[test]
fn a_document_is_clean_exactly_when_each_of_its_texts_is() {
    let multi = "first line of many\nsecond line of many";
    let redactor = Redactor::new([multi.to_owned()]);
    let document = json!({"a": ["-----BEGIN PRIVATE KEY-----", "password", ": hunter22"], "b": "first line of", "c": multi});
    let clean = redactor.redact_json(document);
    assert_eq!(clean, json!({"a": [MARK, "password", ": hunter22"], "b": "first line of", "c": MARK}));
}

#[test]
fn documents_lose_values_under_telling_keys_and_keep_their_form() {
    let redactor = Redactor::new(["hidden-value".to_owned(), "2026".to_owned()]);
    let digest = "9f86d081884c7d659a2feaa0c55ad2026a3bf4f1b2b0b822cd15d6c15b0f00a0";
    let document = json!({
        "password": "x", "Api_Key": ["a", "b"], "tokens": [{"id": 7}], "secret": null, "auth_header": "", "passwd": true,
        "secrets": 2, "pin_token": 815_123, "tokenFrom": {"secretKeyRef": {"name": "zbx", "key": "token"}}, "secret_ref": "zbx",
        "password_authentication": "no", "note": "see hidden-value", "hidden-value": 1,
        "at": "2026-03-01T12:00:00Z", "year": "2026", "digest": digest, "text": "in 2026",
    });
    let expected = json!({
        "password": MARK, "Api_Key": [MARK, MARK], "tokens": [{"id": 7}], "secret": null, "auth_header": "", "passwd": true,
        "secrets": 2, "pin_token": MARK, "tokenFrom": {"secretKeyRef": {"name": "zbx", "key": "token"}}, "secret_ref": "zbx",
        "password_authentication": "no", "note": "see [REDACTED]", MARK: 1,
        "at": "2026-03-01T12:00:00Z", "year": MARK, "digest": digest, "text": "in [REDACTED]",
    });
    assert_eq!(redactor.redact_json(document), expected);
    assert_eq!(redactor.redact_json(expected.clone()), expected);
}

/// Pieces from which texts are made that hold secrets, half secrets and marks.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "password",
        "=",
        ":",
        " ",
        "\"",
        "'",
        "\n",
        "token",
        "https://",
        "user:",
        "@host",
        "bearer ",
        "Basic ",
        "dXNlcjpw",
        "ghp_",
        "0123456789abcdef",
        "eyJ",
        ".",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "[REDACTED]",
        "[REDAC",
        "TED]",
        "hunter22",
        "ter22",
        "AKIA",
        "authorization",
        ",",
        "}",
        "ä",
        "\u{0}",
        "pwd",
        "/",
        "&",
        "\\\"",
        "xoxb-",
        "secret",
        "ſ",
        "K",
    ];
    prop_oneof![4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(3000)))]

    #[test]
    fn once_is_enough_and_text_does_not_grow_without_bound(text in text(), values in prop::collection::vec(piece(), 0..3)) {
        let redactor = Redactor::new(values);
        let clean = redactor.redact(text.clone());
        prop_assert_eq!(redactor.redact(clean.clone()), clean.clone());
        prop_assert!(clean.len() <= 3 * text.len() + MARK.len());
    }

    #[test]
    fn a_known_value_never_stays(value in "[a-zA-Z0-9/+ =:%\"äß-]{4,40}", before in text(), after in text()) {
        prop_assume!(value.trim().chars().count() >= 4);
        let redactor = Redactor::new([value.clone()]);
        let clean = redactor.redact(format!("{before}{value}{after}"));
        prop_assert!(!clean.contains(value.trim()), "{}", clean);
    }

    #[test]
    fn ordinary_text_stays(text in "([a-z0-9äß /.,%()-]|\\n){0,200}") {
        // No `:`, no `=`, no upper case: none of the patterns fits but tokens with a telling beginning.
        prop_assume!(!["sk-", "npm_", "xox", "hvs.", "glpat-", "bearer", "basic"].iter().any(|word| text.contains(word)));
        prop_assert_eq!(plain(&text), text);
    }
}
