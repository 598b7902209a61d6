//! Properties of the primitives, and normalizers under arbitrary readings.

#![allow(clippy::cast_precision_loss)] // every number that is cast here is exact

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use tecrax::facts::{self, Context, NormalizeError, Reading, Readings, contracts, json, number, text};

/// Text with every kind of whitespace, break, digit and width.
fn any_text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        " ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\u{B}",
        "\u{1C}",
        "\u{1F}",
        "\u{85}",
        "\u{A0}",
        "\u{2028}",
        "\u{200B}",
        "=",
        ";",
        "_",
        "/",
        "%",
        "-",
        "+",
        ".",
        "0",
        "1",
        "99999999999999999999",
        "٣",
        "²",
        "nan",
        "inf",
        "1e309",
        "ß",
        "İ",
        "😀",
        "yes",
        "Id",
        "kB",
    ]);
    prop_oneof![any::<String>(), prop::collection::vec(odd.prop_map(str::to_owned), 0..40).prop_map(|parts| parts.concat())]
}

/// Text that looks like what commands print, broken in small ways.
fn printed() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "System Name : TL-SG2452",
        "Hardware Version : 1",
        "HPE V1910 Switch JE007A",
        "Comware Software, Version 5.20,\n Release 1",
        "Version , Release",
        "SSH Server : Enabled",
        "SSH version: 1.99",
        "Idle Timeout : -7",
        "3DES-CBC : Enabled",
        "KEX : group1, (sha1)",
        "example.com. 300 IN A 192.0.2.1",
        "a. IN CNAME b.",
        "a. 1 IN AAAA ::",
        ";; status: NXDOMAIN",
        "ID=debian",
        "VERSION_ID=\"12\"",
        "PRETTY_NAME=x",
        "Linux 6.1 x86_64",
        "host",
        "0.1 0.2 0.3 1/2 3",
        "Filesystem 1024-blocks",
        "/dev/sda1 100 50 50 50% /",
        "/dev/long",
        " 100 50 50 50% /",
        "none - - - - /",
        "Mem: 1 2 3 4 5 6",
        "MemTotal: 2048 kB",
        "MemAvailable: 1024 kB",
        "MemFree: 9999999999999999999999999 kB",
        "Buffers: -1 kB",
        "Cached: 5 kB",
        "NTP=yes",
        "NTPSynchronized=no",
        "NTPSynchronized=yes",
        "active",
        "Id=chrony.service",
        "LoadState=loaded",
        "ActiveState=active",
        "",
        "enabled",
        "disabled",
        "3;1",
        "1 package can be updated.",
        "1 update is a security update.",
        "2",
        "1",
        "reboot-required",
        "ActiveState=failed",
        "LoadState=not-found",
        "SubState=running",
        "UnitFileState=enabled",
        "stratum=2, offset=-0.1, rootdelay=1.5, rootdisp=nan, leap=00",
        "stratum=16, leap=11",
        "{\"Version\":\"2.19\"}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":\"7.0.3\"}",
        "{\"result\":\"12\"}",
        "{\"result\":-5,\"error\":[]}",
        "{\"value\":[[[1]]]}",
    ]);
    prop::collection::vec(prop_oneof![8 => line.prop_map(str::to_owned), 1 => any_text()], 0..8)
        .prop_map(|lines| lines.join("\n"))
}

fn schema(file: &str) -> Validator {
    let path = format!("{}/profile/contracts/{file}", env!("CARGO_MANIFEST_DIR"));
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{file} is no JSON Schema");
    jsonschema::validator_for(&schema).unwrap()
}

/// Schemas by normalizer: the newest version, then 1.0.
static SCHEMAS: LazyLock<Vec<(&str, Validator, Validator)>> = LazyLock::new(|| {
    let of = |subject: &'static facts::Subject| {
        let file = |version: &str| format!("{}@{version}.schema.json", subject.contract());
        (subject.normalizer, schema(&file(subject.version())), schema(&file("1.0")))
    };
    facts::subjects().iter().map(of).collect()
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_hold_no_break_and_lose_nothing_else(input in any_text()) {
        let is_break = |c: char| "\n\r\u{B}\u{C}\u{1C}\u{1D}\u{1E}\u{85}\u{2028}\u{2029}".contains(c);
        let lines: Vec<&str> = text::lines(&input).collect();
        prop_assert!(!lines.iter().any(|line| line.contains(is_break)));
        prop_assert_eq!(lines.concat(), input.replace(is_break, ""));
    }

    #[test]
    fn tokens_are_words(input in any_text()) {
        for token in text::tokens(&input) {
            prop_assert!(!token.is_empty());
            prop_assert!(!token.contains(text::is_whitespace));
        }
    }

    #[test]
    fn collapse_is_the_cut_of_joined_tokens(input in any_text(), limit in 0_usize..60) {
        let joined = text::tokens(&input).collect::<Vec<_>>().join(" ");
        let expected: String = joined.chars().take(limit).collect();
        prop_assert_eq!(text::collapse(&input, limit), expected);
    }

    #[test]
    fn collapse_twice_only_sheds_the_last_space(input in any_text(), limit in 0_usize..60) {
        let once = text::collapse(&input, limit);
        prop_assert_eq!(text::collapse(&once, limit), once.trim_end_matches(' '));
    }

    #[test]
    fn integers_read_back(value in any::<i64>(), before in "[ \t]{0,2}", after in "[ \n]{0,2}") {
        prop_assert_eq!(number::integer(&format!("{before}{value}{after}")), Some(i128::from(value)));
    }

    #[test]
    fn integers_of_any_text_are_digits_and_a_sign(input in any_text()) {
        if number::integer(&input).is_some() {
            prop_assert!(text::trim(&input).chars().all(|c| c.is_numeric() || matches!(c, '_' | '+' | '-')));
        }
    }

    #[test]
    fn floats_read_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        prop_assert_eq!(number::float(&value.to_string()).map(f64::to_bits), Some(value.to_bits()));
        prop_assert_eq!(number::float(&format!("{value:e}")).map(f64::to_bits), Some(value.to_bits()));
    }

    #[test]
    fn clamps_hold_their_bounds(value in any::<f64>(), count in any::<i128>()) {
        prop_assert!((0.0..=number::FLOAT_MAX).contains(&number::clamp_load(value)));
        prop_assert!((-number::FLOAT_MAX..=number::FLOAT_MAX).contains(&number::clamp_signed(value)));
        prop_assert!(number::clamp_count(count) <= number::COUNT_MAX);
    }

    /// `value` is mantissa × 2^exponent exactly, so the right answer is found with whole numbers.
    #[test]
    fn rounding_is_half_to_even_on_the_exact_value(mantissa in 0_u64..1 << 40, shift in 0_u32..60) {
        let value = mantissa as f64 / (1_u64 << shift) as f64;
        if value > number::FLOAT_MAX {
            return Ok(());
        }
        let scaled = u128::from(mantissa) * 1_000_000;
        let (floor, rest) = (scaled >> shift, scaled & ((1_u128 << shift) - 1));
        let half = (1_u128 << shift) / 2;
        let up = shift > 0 && (rest > half || (rest == half && floor % 2 == 1));
        let expected = (floor + u128::from(up)) as f64 / 1_000_000.0;
        prop_assert_eq!(number::round(value, 6).to_bits(), expected.to_bits());
    }

    #[test]
    fn ascii_json_is_ascii_and_reads_back(words in prop::collection::vec(any_text(), 0..5)) {
        let value = serde_json::json!({"words": words});
        let compact = json::ascii_compact(&value);
        prop_assert!(compact.is_ascii());
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&compact).unwrap(), value);
    }

    #[test]
    fn ascii_json_floats_read_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        let text = json::ascii_compact(&serde_json::json!(value));
        prop_assert!(text.contains(['.', 'e']), "{} reads as an integer", text);
        prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
    }

    #[test]
    fn any_readings_give_valid_facts_or_a_named_error(
        stdouts in prop::collection::vec(prop::option::weighted(0.9, printed()), 64),
        stderr in printed(),
        target in "[a-z]{1,9}",
    ) {
        let steps = facts::subjects().iter().flat_map(|subject| subject.components).flat_map(|(_, steps)| *steps);
        let readings: Readings = steps
            .zip(stdouts)
            .filter_map(|(step, stdout)| Some(((*step).to_owned(), Reading::Taken { stdout: stdout?, stderr: stderr.clone() })))
            .collect();
        for (name, newest, first) in SCHEMAS.iter() {
            let subject = facts::subject(name).unwrap();
            match facts::normalizer(name).unwrap()(&readings, &Context { target: &target }) {
                Ok(value) => {
                    let errors: Vec<String> = newest.iter_errors(&value).map(|error| error.to_string()).collect();
                    prop_assert!(errors.is_empty(), "{}: {:?}", name, errors);
                    let projected = facts::project(&value, "1.0").unwrap();
                    prop_assert_eq!(contracts::validate(&projected, Some(subject.contract()), "1.0"), Vec::<String>::new());
                    let errors: Vec<String> = first.iter_errors(&projected).map(|error| error.to_string()).collect();
                    prop_assert!(errors.is_empty(), "{} as 1.0: {:?}", name, errors);
                }
                Err(NormalizeError::InvalidFacts(errors)) => {
                    let known = ["facts_too_large", "ntp_local_health.invalid_service_state"];
                    prop_assert!(errors.iter().all(|error| known.contains(&error.as_str())), "{}: {:?}", name, errors);
                }
            }
        }
    }
}
