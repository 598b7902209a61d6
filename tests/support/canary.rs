//! Secrets that must show up nowhere, and the search for them in every form.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;
use tecrax::evidence::unpack;

/// Something that is searched for.
#[derive(Debug, Clone)]
pub struct Canary {
    /// Where it was put.
    pub place: &'static str,
    pub value: String,
}

impl Canary {
    pub fn new(place: &'static str, value: impl Into<String>) -> Self {
        Self { place, value: value.into() }
    }

    /// Every form: the case of letters never counts, so reversed case is found as the value itself.
    fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let bytes = self.value.as_bytes();
        let mut forms = vec![("raw", bytes.to_vec()), ("reversed", bytes.iter().rev().copied().collect())];
        forms.push(("hex", bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()));
        // As it stands in the Base64 of a longer text, at each of the three offsets; the characters at the ends are shared.
        for offset in 0..3 {
            let text = STANDARD.encode([vec![b'-'; offset], bytes.to_vec()].concat());
            forms.push(("Base64", text.as_bytes()[[0, 2, 3][offset]..text.len() - 4].to_vec()));
        }
        // Output of a debugger: bytes as numbers.
        let numbers: Vec<String> = bytes.iter().map(ToString::to_string).collect();
        forms.push(("numbers", numbers.join(", ").into_bytes()));
        forms.into_iter().map(|(form, bytes)| (form, bytes.to_ascii_lowercase())).collect()
    }
}

/// Every byte that a program has written, by the name of where.
#[derive(Debug, Default)]
pub struct Written(Vec<(String, Vec<u8>)>);

impl Written {
    pub fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((name.into(), bytes.into()));
    }

    /// Every file below `directory` as it lies there.
    pub fn add_files(&mut self, directory: &Path) {
        let mut open = vec![directory.to_owned()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    self.add(path.display().to_string(), fs::read(&path).unwrap());
                }
            }
        }
    }

    /// Every file below `state` as it lies there, and every column of every row of the database in it, unpacked.
    pub fn add_state(&mut self, state: &Path) {
        self.add_files(state);
        let connection = super::log::open(state);
        let mut tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
        let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(tables.len() > 3, "{tables:?}");
        let mut parts = 0;
        for table in tables {
            let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for (column, name) in columns.iter().enumerate() {
                    match row.get_ref(column).unwrap() {
                        ValueRef::Blob(bytes) if matches!((&*table, &**name), ("log", "parts") | ("artifacts", "bytes")) => {
                            for (part, bytes) in unpack(bytes).expect("parts") {
                                self.add(format!("part {part} in table {table}"), bytes);
                                parts += 1;
                            }
                        }
                        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => self.add(format!("table {table}"), bytes),
                        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
                    }
                }
            }
        }
        // What is compressed in a way that this search can not undo must not pass as searched.
        assert!(parts > 5, "{parts} parts of records were searched");
    }

    /// Where a canary is, in which form.
    pub fn find(&self, canary: &Canary) -> Vec<String> {
        let forms = canary.forms();
        let mut found = Vec::new();
        for (name, bytes) in &self.0 {
            let lower = bytes.to_ascii_lowercase();
            for (form, wanted) in &forms {
                if contains(&lower, wanted) {
                    found.push(format!("{} ({form}) in {name}", canary.place));
                }
            }
        }
        found
    }
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    let Some(first) = wanted.first() else { return false };
    text.iter().enumerate().any(|(at, byte)| byte == first && text[at..].starts_with(wanted))
}
