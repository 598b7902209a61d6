//! The rules of the house, as tables.

/// The stages in flow order: each may use those before it and none after it. (`fuzz` is in no program.)
pub const STAGES: [&str; 19] = [
    "api",
    "source",
    "profile",
    "desired",
    "plan",
    "admission",
    "secrets",
    "http",
    "connect",
    "run",
    "facts",
    "evidence",
    "reaction",
    "status",
    "store",
    "notify",
    "engine",
    "cli",
    "fuzz",
];

/// Stages that touch the world.
pub const EFFECTS: [&str; 7] = ["source", "secrets", "http", "connect", "run", "store", "notify"];

/// Which stage may use which stage with effects: run → connect → http → secrets and notify → http → secrets, and for the pure ones the values
/// that they are about.
pub const EFFECT_USES: [(&str, &str); 10] = [
    ("desired", "source"),   // the Snapshot
    ("connect", "secrets"),  // references become values where they are used
    ("http", "secrets"),     // certificates and keys become clients
    ("connect", "http"),     // Targets are asked
    ("run", "connect"),      // steps become readings
    ("evidence", "secrets"), // the Redactor
    ("reaction", "secrets"), // the same, for what it seals
    ("reaction", "source"),  // values with their places
    ("notify", "secrets"),
    ("notify", "http"), // Sinks are told
];

/// Stages without clock, environment, files, processes, threads or async. (`profile` but for the file that reads it.)
pub const PURE: [&str; 9] = ["api", "profile", "desired", "plan", "admission", "facts", "evidence", "reaction", "status"];

/// Files of pure stages that are doors to the world, or take a second core for a moment and join it before they answer.
pub const DOORS: [&str; 2] = ["profile/files.rs", "profile/load.rs"];

/// What a pure stage may not name: paths by their beginning.
pub const IMPURE: [&str; 21] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::os::fd",
    "std::os::linux",
    "std::os::unix::fs",
    "std::os::unix::net",
    "std::os::unix::process",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::hash::RandomState",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "Timestamp::now",
    "Zoned::now",
    "rustix",
];

/// Words that make a pure stage impure wherever they stand.
pub const IMPURE_WORDS: [&str; 2] = ["async", "await"];

/// Where each dependency may be named; a place is the beginning of a path below `src/`, and `""` is everywhere. A dependency
/// without a row fails the test: whoever adds one says where it lives. (Libraries inside russh are reached through it.)
pub const WALLS: [(&str, &[&str]); 43] = [
    ("annotate_snippets", &["cli/diagnostics.rs"]),
    ("base64", &["evidence/log/", "secrets/", "api/secret_text/", "notify/signature.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("croner", &["desired/calendar.rs"]),
    ("fork", &["connect/sandbox/first.rs", "connect/sandbox/template.rs"]), // never where there may be threads
    ("futures", &["connect/", "run/", "notify/", "engine/"]),
    ("granit_parser", &["source/"]),
    ("hickory_proto", &["connect/dns/"]),
    ("hmac", &["connect/ssh/"]),
    ("http_body_util", &["cli/serve/"]),
    ("hyper", &["http/fault.rs", "cli/serve/"]),
    ("hyper_util", &["cli/serve/"]),
    ("include_dir", &["profile/files.rs"]),
    ("jiff", &[""]), // time as a value; clippy.toml bans the clock
    ("k8s_openapi", &["api/"]),
    ("kube", &["api/"]),
    ("landlock", &["connect/sandbox/"]),
    ("nix", &["connect/sandbox/"]),
    ("mimalloc", &["main.rs"]),
    ("notify", &["engine/hints.rs"]),
    ("prometheus_client", &["cli/serve/"]),
    ("regex", &["api/secret_text/", "reaction/artifacts/token.rs"]),
    ("reqwest", &["http/", "connect/http/", "notify/"]),
    ("ring", &["evidence/", "store/key_file.rs", "connect/dns/message.rs", "notify/signature.rs"]),
    ("russh", &["connect/ssh/"]),
    ("rusqlite", &["store/"]),
    ("rustix", &["secrets/", "connect/", "source/load.rs", "cli/screen.rs", "cli/catalog/read.rs"]),
    ("rustls", &["http/"]),
    ("schemars", &["api/", "source/shape.rs"]),
    ("sd_notify", &["cli/serve/"]),
    ("seccompiler", &["connect/sandbox/"]),
    ("serde", &[""]),
    ("serde_json", &[""]),
    ("serde_yaml", &["source/", "profile/", "secrets/file.rs", "api/crd.rs", "cli/format.rs", "cli/describe.rs"]),
    ("sha1", &["source/revision.rs", "connect/ssh/pattern.rs"]),
    ("sha2", &["api/digest.rs", "source/revision.rs"]),
    ("thiserror", &[""]),
    ("tokio", &["http/", "connect/", "run/", "store/handle.rs", "notify/", "engine/", "cli/"]),
    ("tracing", &["connect/", "run/", "store/", "engine/", "cli/"]),
    ("tracing_subscriber", &["cli/"]),
    ("zeroize", &["secrets/", "http/", "connect/ssh/identity.rs", "connect/http/", "notify/"]),
    ("zstd", &["evidence/codec.rs"]),
];

/// Longest file, in lines.
pub const MAX_LINES: usize = 400;
/// Longest `main.rs`, in lines.
pub const MAX_MAIN_LINES: usize = 20;
