//! temp
use std::path::PathBuf;
use std::time::Instant;
fn main() {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let cache = tecrax::source::LoadCache::default();
    for _ in 0..3 {
        let t = Instant::now();
        let s = tecrax::source::load(&paths, None);
        let a = t.elapsed();
        let t = Instant::now();
        let s2 = tecrax::source::load(&paths, Some(&cache));
        let b = t.elapsed();
        let t = Instant::now();
        for d in &s2.documents {
            std::hint::black_box(d.origin.place());
        }
        eprintln!(
            "{a:?} cached {b:?} place {:?} docs {} problems {} files {} rev {:?} digest {}",
            t.elapsed(),
            s.documents.len(),
            s.problems.len(),
            s.files,
            s.revision,
            s.digest
        );
        for p in s.problems.iter().take(3) {
            eprintln!("{p}");
        }
    }
    eprintln!(
        "{}",
        std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l| l.starts_with("VmHWM")).collect::<String>()
    );
}
