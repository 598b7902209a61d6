//! The table of `docs/exit-codes.md` is what the program ends with. `UPDATE=1` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tecrax::cli::exit::{ALL, Exit};

const COMMAND: &str = "UPDATE=1 cargo test --test cli exit_codes::";
const EXITS: [Exit; 7] = [Exit::Ok, Exit::Failing, Exit::Unknown, Exit::Usage, Exit::Manifest, Exit::Io, Exit::Config];

#[test]
fn the_page_names_every_exit_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exit-codes.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once("<!-- codes -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- /codes -->").unwrap();
    let mut table = String::from("| code | name | meaning |\n|---|---|---|\n");
    for (code, name, meaning) in ALL {
        writeln!(table, "| {code} | {name} | {meaning} |").unwrap();
    }
    let wanted = format!("{head}<!-- codes -->\n{table}<!-- /codes -->{tail}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &wanted).unwrap();
    } else {
        assert!(page == wanted, "docs/exit-codes.md is out of date; run: {COMMAND}");
    }
}

#[test]
fn the_table_and_the_type_agree() {
    let typed: Vec<(u8, String)> = EXITS.iter().map(|exit| (exit.code(), format!("{exit:?}"))).collect();
    let listed: Vec<(u8, String)> = ALL.iter().map(|(code, name, _)| (*code, (*name).to_owned())).collect();
    assert_eq!(typed, listed);
}

#[test]
fn the_worst_code_wins_whatever_the_order() {
    let order = [Exit::Config, Exit::Io, Exit::Manifest, Exit::Usage, Exit::Unknown, Exit::Failing, Exit::Ok];
    for (index, worse) in order.iter().enumerate() {
        for better in &order[index..] {
            assert_eq!(worse.worst(*better), *worse);
            assert_eq!(better.worst(*worse), *worse);
        }
    }
}
