//! Names of tests in documents: `folder::file::function` below tests/.

use std::fs;
use std::path::Path;

/// Whether `name` is a test that runs.
pub fn is_test(name: &str) -> bool {
    let Some((file, function)) = name.rsplit_once("::") else { return false };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(format!("{}.rs", file.replace("::", "/")));
    let Ok(source) = fs::read_to_string(path) else { return false };
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| line.trim_start_matches("async ").starts_with(&format!("fn {function}(")));
    // Attributes stand right above it; an ignored test holds nothing.
    at.is_some_and(|at| {
        let attributes: Vec<&&str> = lines[..at].iter().rev().take_while(|line| line.starts_with('#')).collect();
        attributes.iter().any(|line| line.contains("test")) && !attributes.iter().any(|line| line.contains("ignore"))
    })
}
