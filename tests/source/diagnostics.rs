//! How a problem is drawn: one line for pipes, the offending line for terminals, and never a control character of the input.

use std::path::Path;

use tecrax::api::{Place, Problem, reason};
use tecrax::cli::diagnostics::{Style, render};
use tecrax::source::load;

const PLAIN: Style = Style { snippet: false, color: false };
const SNIPPET: Style = Style { snippet: true, color: false };

fn problems(fixture: &str) -> Vec<Problem> {
    load(&[Path::new("tests/fixtures/manifests/bad").join(fixture)], None).problems
}

fn all(fixture: &str, style: Style) -> String {
    problems(fixture).iter().map(|problem| render(problem, style)).collect::<Vec<_>>().join("\n\n")
}

fn place(line: u32, column: u32) -> Place {
    Place { file: "manifests/x.yaml".into(), line, column }
}

#[test]
fn the_plain_form_is_one_line_and_its_help() {
    let problem =
        Problem::error(reason::UNKNOWN_FIELD, "unknown field `intervall`").at(place(12, 5)).help("did you mean `interval`?");
    assert_eq!(
        render(&problem, PLAIN),
        "error: manifests/x.yaml:12:5: unknown field `intervall` (UnknownField)\n  help: did you mean `interval`?"
    );
    let problem = Problem::warning(reason::EMPTY_SELECTION, "the selector matches nothing").about("Check/inventory");
    assert_eq!(render(&problem, PLAIN), "warning: Check/inventory: the selector matches nothing (EmptySelection)");
}

#[test]
fn terminals_see_the_line() {
    insta::assert_snapshot!("snippet_unknown_fields", all("unknown-fields.yaml", SNIPPET));
    insta::assert_snapshot!("snippet_syntax", all("syntax.yaml", SNIPPET));
    insta::assert_snapshot!("snippet_wrong_types", all("wrong-types.yaml", SNIPPET));
}

#[test]
fn without_a_line_the_place_is_still_told() {
    let cases = [place(0, 0), place(3, 0), place(3, 7)]
        .map(|place| render(&Problem::error(reason::UNREADABLE, "can not be read").at(place).help("check the path"), SNIPPET));
    insta::assert_snapshot!("snippet_without_line", cases.join("\n\n"));
}

#[test]
fn colour_comes_only_on_request() {
    let problem = &problems("durations.yaml")[0];
    assert!(render(problem, Style { snippet: true, color: true }).contains("\u{1b}["));
    assert!(!render(problem, SNIPPET).contains('\u{1b}'));
    assert!(!render(problem, PLAIN).contains('\u{1b}'));
}

#[test]
fn input_can_not_steer_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}x\r\n";
    let mut problem =
        Problem::error(reason::BAD_VALUE, evil).at(Place { file: evil.into(), line: 1, column: 9 }).help(evil).about(evil);
    problem.line = Some(evil.into());
    for style in [PLAIN, SNIPPET] {
        let text = render(&problem, style);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\r', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn odd_places_do_not_matter() {
    let lines = ["", "é", "a: 'b c' ", "\t\tx", "日本語: 値"];
    for line in lines {
        for column in [0, 1, 2, 5, 400] {
            let mut problem = Problem::error(reason::BAD_VALUE, "x").at(place(1, column));
            problem.line = Some(line.into());
            assert!(render(&problem, SNIPPET).contains("manifests/x.yaml:1"), "{line:?} {column}");
        }
    }
}

/// Values of a manifest may be secrets. Only the snippet, which is for terminals, may show some, and none of a document that holds
/// what is known for one.
#[test]
fn plain_forms_and_json_hold_no_values() {
    let found = problems("secret.yaml");
    assert!(found.len() > 5);
    for problem in &found {
        assert!(!render(problem, PLAIN).contains("hunter2"), "{problem:?}");
        assert!(!serde_json::to_string(problem).unwrap().contains("hunter2"), "{problem:?}");
    }
    assert!(found.iter().any(|problem| problem.reason == reason::INLINE_SECRET));
    assert!(!all("secret.yaml", SNIPPET).contains("hunter2"));
}
