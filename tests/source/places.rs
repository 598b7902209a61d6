//! Files, directories, symlinks, bounds, cache and digest: what is read, under which name, and what is refused.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tecrax::api::{Object, Problem, Severity, reason};
use tecrax::source::{LoadCache, Snapshot, bounds, load};
use tempfile::TempDir;

fn target(name: &str) -> String {
    format!("apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}}}\nspec: {{type: Host}}\n")
}

/// A directory with these files.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn read(paths: &[&Path]) -> Snapshot {
    load(&paths.iter().map(|path| path.to_path_buf()).collect::<Vec<PathBuf>>(), None)
}

fn read_text(name: &str, text: impl AsRef<[u8]>) -> Snapshot {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(name), text).unwrap();
    read(&[dir.path()])
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    let name = |object: &Object| match object {
        Object::Target(it) => it.metadata.name.to_string(),
        other => panic!("not a Target: {other:?}"),
    };
    snapshot.documents.iter().map(|document| name(&document.object)).collect()
}

fn reasons(snapshot: &Snapshot) -> Vec<&'static str> {
    snapshot.problems.iter().map(|problem| problem.reason).collect()
}

/// File names of the documents, below `root`.
fn files(snapshot: &Snapshot, root: &Path) -> Vec<String> {
    let below = |file: &str| Path::new(file).strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    snapshot.documents.iter().map(|document| below(&document.origin.file)).collect()
}

fn only(snapshot: &Snapshot) -> &Problem {
    assert_eq!(snapshot.problems.len(), 1, "{:#?}", snapshot.problems);
    &snapshot.problems[0]
}

#[test]
fn directories_are_walked_in_the_order_of_names_and_dot_names_are_left_out() {
    let dir = tree(&[
        ("b.yaml", &target("b")),
        ("a/z.yml", &target("a-z")),
        ("a/a.json", r#"{"apiVersion":"tecrax.io/v1alpha1","kind":"Target","metadata":{"name":"a-a"},"spec":{"type":"Host"}}"#),
        ("a.yaml", &target("a")),
        ("a/deep/er/x.yaml", &target("deep")),
        (".github/config.yaml", "not: read"),
        (".hidden.yaml", "not: read"),
        ("README.md", "not read"),
        ("notes.txt", "not read"),
    ]);
    let snapshot = read(&[dir.path()]);
    assert!(snapshot.problems.is_empty(), "{:#?}", snapshot.problems);
    assert_eq!(files(&snapshot, dir.path()), ["a/a.json", "a/deep/er/x.yaml", "a/z.yml", "a.yaml", "b.yaml"]);
    assert_eq!(snapshot.files, 5);
    let directory = &snapshot.documents[1].origin.directory;
    assert_eq!(&**directory, dir.path().join("a/deep/er"));
}

#[test]
fn a_named_file_is_read_whatever_its_name() {
    let dir = tree(&[(".dot", &target("dot")), ("plain.txt", &target("plain"))]);
    assert_eq!(names(&read(&[&dir.path().join(".dot"), &dir.path().join("plain.txt")])), ["dot", "plain"]);
}

#[test]
fn overlapping_paths_read_a_file_once_and_keep_the_given_order() {
    let dir = tree(&[("a/x.yaml", &target("x")), ("b.yaml", &target("b"))]);
    let root = dir.path();
    let snapshot = read(&[&root.join("b.yaml"), root, &root.join("a"), &root.join("a/../a/x.yaml"), root]);
    assert!(snapshot.problems.is_empty(), "{:#?}", snapshot.problems);
    assert_eq!(names(&snapshot), ["b", "x"]);
    assert_eq!(snapshot.files, 2);
}

#[test]
fn hard_links_are_two_manifests() {
    let dir = tree(&[("a.yaml", &target("x"))]);
    fs::hard_link(dir.path().join("a.yaml"), dir.path().join("b.yaml")).unwrap();
    let snapshot = read(&[dir.path()]);
    let problem = only(&snapshot);
    assert_eq!(problem.reason, reason::DUPLICATE_OBJECT);
    assert!(problem.place.as_ref().unwrap().file.ends_with("b.yaml"));
    assert!(problem.help.as_ref().unwrap().contains("a.yaml:1:1"), "{problem:?}");
}

#[test]
fn symlinks_are_followed_inside_the_root_only() {
    let outside = tree(&[("secret.yaml", &target("outside")), ("dir/x.yaml", &target("outside-dir"))]);
    let dir = tree(&[("..2026/a.yaml", &target("config-map")), ("real/b.yaml", &target("b")), ("c.yaml", &target("c"))]);
    let root = dir.path();
    // As the kubelet lays out a ConfigMap.
    symlink("..2026", root.join("..data")).unwrap();
    symlink("..data/a.yaml", root.join("a.yaml")).unwrap();
    symlink(root.join("real"), root.join("absolute")).unwrap();
    symlink("c.yaml", root.join("0-second-name.yaml")).unwrap();
    symlink(outside.path().join("secret.yaml"), root.join("out.yaml")).unwrap();
    symlink(outside.path().join("dir"), root.join("out-dir")).unwrap();
    symlink(outside.path().join("secret.yaml"), root.join("out.txt")).unwrap();
    symlink("nowhere.yaml", root.join("dangling.yaml")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    let snapshot = read(&[root]);
    assert_eq!(files(&snapshot, root), ["a.yaml", "c.yaml", "real/b.yaml"]);
    let mut problems: Vec<_> = snapshot
        .problems
        .iter()
        .map(|problem| (Path::new(&*problem.place.as_ref().unwrap().file).file_name().unwrap().to_owned(), problem.reason))
        .collect();
    problems.sort();
    assert_eq!(
        problems,
        [
            ("dangling.yaml".into(), reason::UNREADABLE),
            ("out-dir".into(), reason::OUTSIDE_ROOT),
            ("out.yaml".into(), reason::OUTSIDE_ROOT)
        ]
    );
}

#[test]
fn a_root_may_be_a_symlink() {
    let dir = tree(&[("real/a.yaml", &target("a"))]);
    symlink("real", dir.path().join("link")).unwrap();
    let link = dir.path().join("link");
    let snapshot = read(&[&link]);
    assert!(snapshot.problems.is_empty(), "{:#?}", snapshot.problems);
    assert_eq!(files(&snapshot, &link), ["a.yaml"]);
}

#[test]
fn symlink_loops_end() {
    let dir = tree(&[("a/b/x.yaml", &target("x"))]);
    symlink("../..", dir.path().join("a/b/up")).unwrap();
    symlink(dir.path(), dir.path().join("a/self")).unwrap();
    symlink("loop", dir.path().join("loop")).unwrap();
    symlink("ring.yaml", dir.path().join("ring.yaml")).unwrap();
    let snapshot = read(&[dir.path()]);
    assert_eq!(names(&snapshot), ["x"]);
    assert_eq!(only(&snapshot).reason, reason::UNREADABLE, "the manifest that is a ring");
}

#[test]
fn what_can_not_be_read_is_a_problem_with_help() {
    let dir = tree(&[("good.yaml", &target("good")), ("dir.yaml/inner.yaml", &target("inner"))]);
    let missing = dir.path().join("missing");
    rustix::fs::mknodat(rustix::fs::CWD, dir.path().join("pipe.yaml"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    let snapshot = read(&[&missing, dir.path()]);
    assert_eq!(names(&snapshot), ["inner", "good"]);
    assert_eq!(reasons(&snapshot), [reason::UNREADABLE, reason::UNREADABLE]);
    assert!(snapshot.problems.iter().all(|problem| problem.help.is_some()));
    assert_eq!(snapshot.problems[0].to_string(), format!("{}: can not be read: no such file or directory", missing.display()));
    assert!(snapshot.problems[1].to_string().ends_with("pipe.yaml: not a regular file"));
}

#[test]
fn a_directory_without_permission_is_a_problem() {
    let dir = tree(&[("closed/a.yaml", &target("a")), ("b.yaml", &target("b"))]);
    let closed = dir.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let snapshot = read(&[dir.path()]);
    let readable = fs::read_dir(&closed).is_ok();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    if readable {
        // The superuser reads everything: then the file counts.
        assert_eq!(names(&snapshot), ["b", "a"]);
    } else {
        assert_eq!(names(&snapshot), ["b"]);
        assert_eq!(only(&snapshot).reason, reason::UNREADABLE);
    }
}

#[test]
fn bytes_of_a_file_are_bounded() {
    let mut text = target("big");
    text.push_str(&"#".repeat(bounds::MAX_FILE_BYTES - text.len()));
    assert_eq!(names(&read_text("a.yaml", &text)), ["big"]);
    text.push('#');
    let snapshot = read_text("a.yaml", &text);
    assert_eq!(only(&snapshot).reason, reason::TOO_LARGE);
    assert!(snapshot.documents.is_empty());
}

#[test]
fn documents_of_a_file_are_bounded() {
    let mut text = String::new();
    for index in 0..bounds::MAX_DOCUMENTS {
        write!(text, "---\napiVersion: v1\nkind: X{index}\n---\n").unwrap();
    }
    let snapshot = read_text("a.yaml", &text);
    assert_eq!((snapshot.foreign, snapshot.problems.len()), (bounds::MAX_DOCUMENTS, 0));
    text.push_str(&target("too-many"));
    let snapshot = read_text("a.yaml", &text);
    assert_eq!(snapshot.foreign, bounds::MAX_DOCUMENTS);
    assert!(snapshot.documents.is_empty());
    let problem = only(&snapshot);
    assert_eq!(problem.reason, reason::TOO_LARGE);
    assert_eq!(problem.place.as_ref().unwrap().line as usize, bounds::MAX_DOCUMENTS * 4, "the marker that opens it");
}

#[test]
fn nodes_of_a_document_are_bounded_and_only_for_our_kinds() {
    // Root map, two header pairs, the map of annotations and its key, and two nodes an entry.
    let document = |version: &str, entries: usize| {
        let mut text = format!("apiVersion: {version}\nkind: Target\nmetadata:\n  name: x\n  annotations:\n");
        for index in 0..entries {
            writeln!(text, "    key-{index}: value").unwrap();
        }
        text + "spec: {type: Host}\n"
    };
    let snapshot = read_text("a.yaml", document("tecrax.io/v1alpha1", 20_001) + "---\n" + &target("after"));
    assert_eq!(only(&snapshot).reason, reason::TOO_LARGE);
    assert!(only(&snapshot).message.contains("20000 nodes"), "{:?}", only(&snapshot));
    assert_eq!(names(&snapshot), ["after"]);
    let snapshot = read_text("a.yaml", document("example.net/v1", 20_001));
    assert_eq!((snapshot.foreign, snapshot.problems.len()), (1, 0));
}

#[test]
fn depth_of_a_document_is_bounded() {
    let document = |depth: usize| {
        let nested = format!("{}{}", "{a: ".repeat(depth), "}".repeat(depth));
        format!("apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: x}}\nspec: {{type: Host}}\nstatus: {nested}\n")
    };
    assert_eq!(names(&read_text("a.yaml", document(bounds::MAX_DEPTH - 1))), ["x"]);
    let snapshot = read_text("a.yaml", document(bounds::MAX_DEPTH));
    assert_eq!(only(&snapshot).reason, reason::TOO_LARGE);
}

#[test]
fn nested_directories_are_bounded() {
    let deep = |levels: usize| format!("{}x.yaml", "d/".repeat(levels));
    let dir = tree(&[(&deep(bounds::MAX_DIRECTORY_DEPTH), &target("deep"))]);
    assert_eq!(names(&read(&[dir.path()])), ["deep"]);
    let dir = tree(&[(&deep(bounds::MAX_DIRECTORY_DEPTH + 1), &target("deep")), ("a.yaml", &target("a"))]);
    let snapshot = read(&[dir.path()]);
    assert_eq!(only(&snapshot).reason, reason::TOO_LARGE);
    assert_eq!(names(&snapshot), ["a"]);
}

#[test]
fn problems_of_a_document_are_bounded() {
    let mut text = target("x");
    for index in 0..1000 {
        writeln!(text, "field-{index}: x").unwrap();
    }
    let snapshot = read_text("a.yaml", &text);
    assert_eq!(snapshot.problems.len(), bounds::MAX_PROBLEMS + 1);
    assert_eq!(snapshot.problems.last().unwrap().message, "936 more problems in this document");
}

#[test]
fn bad_bytes_cost_only_their_file() {
    let dir = tree(&[("good.yaml", &target("good"))]);
    fs::write(dir.path().join("latin1.yaml"), b"apiVersion: v1\nkind: \xe9\n").unwrap();
    let utf16: Vec<u8> = [0xfeff].into_iter().chain("kind: x".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(dir.path().join("utf16.yaml"), utf16).unwrap();
    fs::write(dir.path().join("zero.yaml"), b"kind: \0\n").unwrap();
    let snapshot = read(&[dir.path()]);
    assert_eq!(names(&snapshot), ["good"]);
    assert_eq!(reasons(&snapshot), [reason::SYNTAX; 3]);
    let told: Vec<String> =
        snapshot.problems.iter().map(|problem| problem.to_string().replace(&format!("{}/", dir.path().display()), "")).collect();
    assert_eq!(told[0], "latin1.yaml:2: not UTF-8");
    assert_eq!(told[1], "utf16.yaml:1: not UTF-8, but UTF-16");
    assert!(told[2].starts_with("zero.yaml:1:"), "{}", told[2]);
}

#[test]
fn line_breaks_and_byte_order_marks_of_other_systems_are_read() {
    let unix = format!("---\n{}---\n{}", target("one"), target("two").replace("Host", "host"));
    for text in [unix.clone(), unix.replace('\n', "\r\n"), unix.replace('\n', "\r"), format!("\u{feff}{unix}")] {
        let snapshot = read_text("a.yaml", &text);
        assert_eq!(names(&snapshot), ["one"], "{text:?}");
        let place = only(&snapshot).place.clone().unwrap();
        assert_eq!((place.line, place.column), (10, 14), "{text:?}");
        assert_eq!(only(&snapshot).line.as_deref(), Some("spec: {type: host}"), "{text:?}");
    }
    // Two files with marks, put together.
    let text = format!("\u{feff}---\n{}\u{feff}---\n{}", target("one"), target("two"));
    assert_eq!(names(&read_text("a.yaml", text)), ["one", "two"]);
}

/// Whichever PATH came upon it first: a place that could not be seen is not one where nothing is.
#[test]
fn a_path_below_another_is_not_bare_where_something_could_not_be_read() {
    let dir = tree(&[("a.yaml", &target("a")), ("sub/.keep", ""), ("void/.keep", "")]);
    let (sub, void) = (dir.path().join("sub"), dir.path().join("void"));
    std::os::unix::fs::symlink("/nonexistent", sub.join("gone.yaml")).unwrap();
    for paths in [[dir.path(), &sub, &void], [&sub, &void, dir.path()]] {
        let snapshot = read(&paths);
        let bare: Vec<_> = snapshot.bare.iter().map(|place| place.file.to_string()).collect();
        assert_eq!(bare, [void.to_str().unwrap()], "{:?}", snapshot.problems);
    }
}

/// What a link leads to was read at its own place; a link to nothing is nothing.
#[test]
fn a_path_of_links_below_another_is_bare_where_they_lead_to_nothing() {
    let dir = tree(&[
        ("available/a.yaml", &target("a")),
        ("available/blank.yaml", ""),
        ("enabled/.keep", ""),
        ("chain/.keep", ""),
        ("void/.keep", ""),
    ]);
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, dir.path().join(from)).unwrap();
    link("../available/a.yaml", "enabled/a.yaml");
    link("../enabled", "chain/all");
    link("../available/blank.yaml", "void/blank.yaml");
    let below = ["enabled", "chain", "void"].map(|name| dir.path().join(name));
    let [enabled, chain, void] = below.each_ref();
    let snapshot = read(&[dir.path(), enabled, chain, void]);
    let bare: Vec<_> = snapshot.bare.iter().map(|place| place.file.to_string()).collect();
    assert_eq!(bare, [void.to_str().unwrap()], "{:?}", snapshot.problems);
}

#[test]
fn empty_files_are_no_problem() {
    for text in ["", "\n\n", "---\n", "# nothing\n", "---\n# nothing\n---\n...\n", "\u{feff}", "\u{feff}---\n"] {
        let snapshot = read_text("a.yaml", text);
        // Where there is no other file, one with a word in it says that nothing is wanted. Without any, nobody says anything.
        let blank = text.trim_start_matches('\u{feff}').trim().is_empty();
        let found: Vec<_> = snapshot.problems.iter().map(|problem| (problem.reason, problem.severity)).collect();
        assert_eq!(found, if blank { vec![(reason::EMPTY_PATH, Severity::Warning)] } else { vec![] }, "{text:?}");
        assert_eq!((snapshot.files, snapshot.documents.len(), snapshot.bare.len()), (1, 0, usize::from(blank)));
    }
    for text in ["", "\u{feff}\n"] {
        let dir = tree(&[("a.yaml", text), ("b.yaml", &target("b"))]);
        assert!(load(&[dir.path().to_owned()], None).problems.is_empty(), "{text:?}");
    }
}

#[test]
fn the_cache_changes_nothing_but_the_work() {
    let dir = tree(&[("a.yaml", &target("a")), ("b.yaml", "kind: [\n"), ("c.yaml", "apiVersion: v1\nkind: X\n")]);
    let paths = [dir.path().to_owned()];
    let cache = LoadCache::default();
    let same = |left: &Snapshot, right: &Snapshot| {
        assert_eq!(left.digest, right.digest);
        assert_eq!(left.problems, right.problems);
        assert_eq!((left.files, left.foreign), (right.files, right.foreign));
        assert_eq!(names(left), names(right));
    };
    same(&load(&paths, None), &load(&paths, Some(&cache)));
    same(&load(&paths, None), &load(&paths, Some(&cache)));
    fs::write(dir.path().join("b.yaml"), target("b")).unwrap();
    fs::remove_file(dir.path().join("c.yaml")).unwrap();
    let snapshot = load(&paths, Some(&cache));
    assert_eq!(names(&snapshot), ["a", "b"]);
    same(&load(&paths, None), &snapshot);
}

#[test]
fn the_digest_covers_names_and_bytes_and_nothing_else() {
    let digest = |files: &[(&str, &str)]| {
        let dir = tree(files);
        read(&[dir.path()]).digest
    };
    let (a, b) = (target("a"), target("b"));
    let one = digest(&[("a.yaml", &a), ("b.yaml", &b)]);
    assert_eq!(one, digest(&[("b.yaml", &b), ("a.yaml", &a), ("README", "x")]), "the place of the root does not matter");
    assert_ne!(one, digest(&[("a.yaml", &a), ("c.yaml", &b)]), "a name matters");
    assert_ne!(one, digest(&[("a.yaml", &a), ("b.yaml", &format!("{b}# x\n"))]), "a comment matters");
    assert_ne!(one, digest(&[("a.yaml", &a)]), "a file matters");
    assert_ne!(one, digest(&[("a.yaml", &b), ("b.yaml", &a)]), "which file holds what matters");
}

/// Texts that make careless parsers slow or deep.
#[test]
fn nasty_texts_end_soon() {
    let nasty = [
        ("open brackets", "[".repeat(1 << 20)),
        ("open maps", "{".repeat(1 << 20)),
        ("nested lists", "- ".repeat(1 << 19)),
        ("question marks", "? ".repeat(1 << 19)),
        ("colons", ":".repeat(1 << 20)),
        ("one long key", "a".repeat(1 << 20)),
        ("an open quote", format!("a: \"{}", "x\n ".repeat(1 << 18))),
        ("aliases", "a: *a\n".repeat(1 << 17)),
        ("anchors", "&a ".repeat(1 << 18)),
        ("tags", "! ".repeat(1 << 19)),
        ("comments", "#\n".repeat(1 << 19)),
        ("directives", "%A\n".repeat(1 << 18)),
        ("tabs", "\t".repeat(1 << 20)),
        ("blanks", format!("a:{}", " ".repeat(1 << 20))),
        ("line breaks", format!("a: |\n{}", "\n".repeat(1 << 20))),
        ("markers", "---\n".repeat(1 << 18)),
        ("ends", "...\n".repeat(1 << 18)),
        ("flow keys", format!("{{{}", "a: b, ".repeat(1 << 17))),
        ("multi-line plain", "a\n".repeat(1 << 19)),
        ("block scalars", "- |\n x\n".repeat(1 << 16)),
        ("carriage returns", "\r".repeat(1 << 20)),
    ];
    for (what, text) in nasty {
        let start = Instant::now();
        let snapshot = read_text("a.yaml", &text);
        assert!(snapshot.documents.is_empty(), "{what}");
        // A debug build on a busy machine takes well under a second; a quadratic one takes minutes.
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: {:?}", start.elapsed());
    }
}
