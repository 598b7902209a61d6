//! Whatever the bytes: no panic, no lost neighbour, places inside the file, and fields found where they stand.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tecrax::cli::diagnostics::{Style, render};
use tecrax::source::{Snapshot, load};

const TARGET: &str = "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: NAME}\nspec: {type: Host}\n";

fn read(dir: &Path, name: &str, bytes: &[u8]) -> Snapshot {
    fs::write(dir.join(name), bytes).unwrap();
    load(&[dir.to_owned()], None)
}

/// Every problem names a line that the text has, and can be drawn.
fn plausible(snapshot: &Snapshot, text: &str) -> Result<(), TestCaseError> {
    let lines = text.replace("\r\n", "\n").split(['\n', '\r']).count();
    for problem in &snapshot.problems {
        let place = problem.place.clone().unwrap();
        prop_assert!(place.line as usize <= lines + 1, "{problem:?}");
        for style in [Style { snippet: false, color: false }, Style { snippet: true, color: true }] {
            prop_assert!(!render(problem, style).is_empty());
        }
        let plain = render(problem, Style { snippet: false, color: false });
        prop_assert!(!plain.chars().any(|c| c.is_control() && c != '\n'), "{plain:?}");
    }
    Ok(())
}

/// Pieces of manifests in any order: nearer to what people get wrong than bytes are.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "apiVersion: tecrax.io/v1alpha1\n",
        "kind: Target\n",
        "kind: Check\n",
        "kind: List\n",
        "apiVersion: v1\n",
        "items:\n",
        "- ",
        "  ",
        "metadata:",
        " {name: a}\n",
        "spec:",
        " {type: Host}\n",
        "\n",
        "---\n",
        "...\n",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "&a ",
        "*a",
        "!x ",
        "| \n",
        ">\n",
        "#",
        "\t",
        "\r",
        "\u{feff}",
        "<<: ",
        "? ",
        "null",
        "~",
        "yes",
        "0755",
        "é",
        "\u{1}",
        "%TAG",
        "connections:",
        "name: os",
        "ssh: ",
        "host: h",
        "expect:",
        "interval: 5m\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let dir = tempfile::tempdir().unwrap();
        read(dir.path(), "a.yaml", &bytes);
        read(dir.path(), "a.json", &bytes);
    }

    #[test]
    fn any_pieces_are_survived_and_cost_no_neighbour(text in pieces()) {
        let dir = tempfile::tempdir().unwrap();
        let snapshot = read(dir.path(), "a.yaml", text.as_bytes());
        plausible(&snapshot, &text)?;
        // The same text between two good documents leaves both standing.
        // (A directive belongs to the document after it, so one at the end of the text gets a document end of its own.)
        let end = if text.contains('%') { "...\n" } else { "" };
        let between = format!("{}---\n{text}\n{end}---\n{}", TARGET.replace("NAME", "first-one"), TARGET.replace("NAME", "last-one"));
        let snapshot = read(dir.path(), "a.yaml", between.as_bytes());
        plausible(&snapshot, &between)?;
        let first = snapshot.documents.first().map(|document| document.origin.place().line);
        let last = snapshot.documents.last().map(|document| document.origin.text[document.origin.range.clone()].contains("last-one"));
        prop_assert_eq!((first, last), (Some(1), Some(true)));
    }

    #[test]
    fn fields_are_found_where_they_stand(
        lead in prop::sample::select(vec!["", "---\n", "# é\n\n", "\u{feff}", "a: b\n---\n", "%YAML 1.2\n---\n"]),
        breaks in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        indent in 0_usize..4,
        items in 1_usize..5,
        blank in 0_usize..3,
    ) {
        let step = " ".repeat(indent);
        let mut text = format!("{lead}apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: é-no, labels: {{a.b/c: x}}}}\nspec:\n  intent: i\n  expect:\n");
        text = text.replace("é-no", "e-yes");
        for item in 0..items {
            text.push_str(&"\n".repeat(blank));
            write!(text, "  {step}- name: n{item}\n  {step}  key:   'k{item}'\n  {step}  operator: Exists\n").unwrap();
        }
        let text = text.replace('\n', breaks);
        let dir = tempfile::tempdir().unwrap();
        let snapshot = read(dir.path(), "a.yaml", text.as_bytes());
        prop_assert_eq!(snapshot.documents.len(), 1, "{:?}", snapshot.problems);
        let origin = &snapshot.documents[0].origin;
        let at = |path: &str| {
            let place = origin.locate(path);
            let line = origin.line_text(&place).unwrap();
            line.chars().skip(place.column as usize - 1).collect::<String>()
        };
        for item in 0..items {
            prop_assert_eq!(at(&format!("spec.expect[{item}].key")), format!("'k{item}'"));
            prop_assert_eq!(at(&format!("spec.expect[{item}].values")), format!("- name: n{item}").replace("- ", ""));
        }
        prop_assert_eq!(at("metadata.labels[\"a.b/c\"]"), "x}}");
        prop_assert_eq!(at("spec.timeout"), "spec:");
        prop_assert_eq!(at("spec.expect[99].key"), "expect:");
        prop_assert!(at("").starts_with("apiVersion"));
        prop_assert_eq!(origin.place(), origin.locate(""));
    }
}
