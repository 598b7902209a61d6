//! What the pages say is so: their commands parse, their screens are the program's, their links lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The program in the work tree, with a state directory of its own and nobody's environment.
fn tecrax(state: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tecrax"))
        .current_dir(root())
        .env_clear()
        .env("HOME", state)
        .env("TECRAX_STATE_DIR", state)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The Markdown files that people read.
pub(super) fn pages() -> Vec<PathBuf> {
    let mut open = vec![root().join("docs"), root().join("examples"), root().join("tests/conformance")];
    let mut pages = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The fenced blocks of a page: language and lines.
fn blocks(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language, Vec::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block without an end");
    blocks
}

/// The argument lists of every `tecrax …` in the shell blocks of a page, and of `cargo run … -- …`.
fn commands(page: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (language, lines) in blocks(page) {
        let typed = lines.into_iter().filter_map(|line| match language {
            "sh" => Some(line),
            "console" => line.strip_prefix("$ "),
            _ => None,
        });
        for line in typed {
            let line = line.split(" #").next().unwrap();
            for part in line.split(['|', ';', '>']).flat_map(|part| part.split("&&")) {
                let words: Vec<String> = part.split_whitespace().map(|word| word.trim_matches('\'').to_owned()).collect();
                let runs = words
                    .iter()
                    .position(|word| word == "tecrax")
                    .or_else(|| words.first().filter(|word| *word == "cargo").and(words.iter().position(|word| word == "--")));
                found.extend(runs.map(|at| words[at + 1..].to_vec()));
            }
        }
    }
    found
}

/// The block that follows the line with this command.
fn screen(page: &str, command: &str) -> Vec<String> {
    let blocks = blocks(page);
    let (_, lines) = blocks
        .iter()
        .find(|(language, lines)| *language == "console" && lines[0] == format!("$ {command}"))
        .unwrap_or_else(|| panic!("no console block with `$ {command}`"));
    lines[1..].iter().map(|line| (*line).to_owned()).collect()
}

/// clap reads a line from left to right: with `--help` at its end, everything before has been understood.
#[test]
fn every_command_of_the_pages_parses() {
    let state = TempDir::new().unwrap();
    let mut seen = 0;
    for path in pages() {
        for arguments in commands(&fs::read_to_string(&path).unwrap()) {
            let line = arguments.join(" ");
            let mut asked: Vec<&str> = arguments.iter().map(String::as_str).collect();
            asked.push("--help");
            let output = tecrax(state.path(), &asked);
            assert!(output.status.success(), "{}: tecrax {line}\n{}", path.display(), text(&output.stderr));
            assert!(text(&output.stdout).contains("Usage: tecrax"), "{}: tecrax {line}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
}

#[test]
fn commands_that_do_not_exist_are_noticed() {
    let state = TempDir::new().unwrap();
    for line in ["reconsile --once manifests/", "get --no-such-flag", "get nothings", "get --sort-by colour", "ssh known-host x"]
    {
        let mut asked: Vec<&str> = line.split(' ').collect();
        asked.push("--help");
        assert!(!tecrax(state.path(), &asked).status.success(), "tecrax {line}");
    }
    let page = "```sh\ntecrax get -w | head   # tecrax nothing\ntecrax validate a/ && tecrax plan a/\n```\n```console\n$ cargo run -- get\nnext: tecrax no\n```\n```yaml\n# tecrax no\n```\n";
    assert_eq!(commands(page), [vec!["get", "-w"], vec!["validate", "a/"], vec!["plan", "a/"], vec!["get"]]);
}

#[test]
fn the_first_screen_is_the_one_of_the_program() {
    let state = TempDir::new().unwrap();
    let pasted = screen(&readme(), "cargo run --release -- reconcile --once manifests/");
    let output = tecrax(state.path(), &["reconcile", "--once", "manifests/"]);
    let (table, words) = (text(&output.stdout), text(&output.stderr));
    // What the machine answers differs; what is asked, and where each answer stands, does not.
    let cells = |line: &str, count| line.split_whitespace().take(count).map(str::to_owned).collect::<Vec<_>>();
    let heading = table.lines().next().unwrap();
    assert_eq!(cells(&pasted[0], 9), cells(heading, 9), "headings");
    let rows = table.lines().count();
    for (pasted, row) in pasted.iter().zip(table.lines()) {
        assert_eq!(cells(pasted, 2), cells(row, 2), "check and target");
    }
    let summary = words.lines().find(|line| line.contains(" pairs on ")).unwrap();
    assert_eq!(cells(&pasted[rows], 5), cells(summary, 5), "summary line");
    assert!(pasted[rows].contains("; ran 3, fresh 0, reruns "), "{}", pasted[rows]);
    let (last, hints) = pasted[rows + 1..].split_last().unwrap();
    assert!(last.starts_with("next: tecrax describe "), "{last}");
    assert!(hints.iter().all(|line| line.starts_with("hint: ")), "{hints:?}");
}

#[test]
fn the_described_pair_is_described_so() {
    let state = TempDir::new().unwrap();
    tecrax(state.path(), &["reconcile", "--once", "manifests/"]);
    let pasted = screen(&readme(), "tecrax describe ntp.localhost");
    let output = text(&tecrax(state.path(), &["describe", "ntp.localhost"]).stdout);
    let labels = |lines: &mut dyn Iterator<Item = &str>| {
        lines
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_once(':').map(|(label, _)| label.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(&mut pasted.iter().map(String::as_str)), labels(&mut output.lines()));
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let readme = readme();
    for (code, _, meaning) in tecrax::cli::exit::ALL {
        let row = format!("| {code} | {meaning} |");
        assert!(readme.contains(&row), "README lacks the row: {row}");
    }
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for part in page.split("](").skip(1) {
            let link = part.split(')').next().unwrap();
            let file = link.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            assert!(path.parent().unwrap().join(file).exists(), "{}: {link}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} links were found");
}
