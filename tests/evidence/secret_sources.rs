//! The four sources of secrets: what is found where, and everything that is refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use tecrax::api::{Namespace, SecretId, SecretKeyRef, SubdomainName};
use tecrax::secrets::{Redactor, Resolver, SecretError, Sources};
use tempfile::TempDir;

fn id_in(namespace: &str, name: &str, key: &str) -> SecretId {
    let reference = SecretKeyRef { name: SubdomainName::parse(name).unwrap(), key: key.to_owned() };
    SecretId::new(&Namespace::parse(namespace).unwrap(), &reference).expect("a key")
}

fn id(name: &str, key: &str) -> SecretId {
    id_in("default", name, key)
}

/// A directory of this user alone.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, its directories included.
    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }
}

fn open(sources: Sources) -> Result<Resolver, SecretError> {
    Resolver::open(sources, Redactor::default())
}

fn of_file(path: PathBuf) -> Result<Resolver, SecretError> {
    open(Sources { file: Some(path), ..Sources::default() })
}

fn variables(pairs: &[(&str, &str)]) -> Sources {
    Sources::of(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()))).unwrap()
}

fn value(resolver: &Resolver, id: &SecretId) -> String {
    resolver.resolve(id).unwrap_or_else(|error| panic!("{id}: {error}")).expose().to_owned()
}

/// The error, its help and what a person does with both; never a value.
fn refused(result: Result<impl Sized, SecretError>, words: &str, help: &str) {
    let Err(error) = result else { panic!("not refused: {words}") };
    assert!(error.message.contains(words), "{error:?} lacks `{words}`");
    assert!(error.help.contains(help), "{error:?} lacks `{help}`");
    assert!(!format!("{error:?}").contains("hunter22"), "{error:?}");
}

const FILE: &str = "secrets:
  ssh-fleet:
    id_ed25519: |
      line one
      line two
    user: hunter22
    number: 0123
namespaces:
  team-a:
    ssh-fleet: {user: hunter23}
";

#[test]
fn the_file_holds_all_namespaces() {
    let place = Place::new();
    let resolver = of_file(place.write("secrets.yaml", FILE, 0o600)).unwrap();
    assert_eq!(value(&resolver, &id("ssh-fleet", "id_ed25519")), "line one\nline two");
    assert_eq!(value(&resolver, &id("ssh-fleet", "user")), "hunter22");
    assert_eq!(value(&resolver, &id("ssh-fleet", "number")), "0123");
    assert_eq!(value(&resolver, &id_in("team-a", "ssh-fleet", "user")), "hunter23");
    refused(
        resolver.resolve(&id_in("team-b", "ssh-fleet", "user")),
        "is not in the secrets file, nor in",
        "TECRAX_SECRET_TEAM_B__SSH_FLEET_USER",
    );
    assert_eq!(resolver.redactor().redact("hunter22 hunter23".to_owned()), "[REDACTED] [REDACTED]");
    assert!(!format!("{resolver:?}").contains("hunter"));
}

#[test]
fn the_file_on_the_page_is_one() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/secrets.md")).unwrap();
    let (_, file) = page.split_once("```yaml\nsecrets:").expect("a block");
    let place = Place::new();
    let resolver =
        of_file(place.write("secrets.yaml", &format!("secrets:{}", file.split("```").next().unwrap()), 0o600)).unwrap();
    assert_eq!(value(&resolver, &id("fleet", "host")), "web-07.example.net");
    assert!(value(&resolver, &id("fleet", "id_ed25519")).ends_with("-----END OPENSSH PRIVATE KEY-----"));
    assert_eq!(value(&resolver, &id_in("team-a", "fleet", "host")), "db-01.example.net");
    for name in ["TECRAX_SECRET_TEAM_A__FLEET_ID_ED25519", "TECRAX_SECRET_FLEET_ID_ED25519"] {
        let resolver = open(variables(&[(name, "hunter22")])).unwrap();
        let namespace = if name.contains("TEAM") { "team-a" } else { "default" };
        assert!(page.contains(name));
        assert_eq!(value(&resolver, &id_in(namespace, "fleet", "id_ed25519")), "hunter22");
    }
}

#[test]
fn a_file_that_others_could_read_or_swap_is_refused() {
    let place = Place::new();
    for mode in [0o640, 0o604, 0o660, 0o601] {
        refused(of_file(place.write("open.yaml", FILE, mode)), "may be read by others", "chmod 600");
    }
    let good = place.write("good.yaml", FILE, 0o400);
    of_file(good.clone()).unwrap();
    symlink(&good, place.path("link.yaml")).unwrap();
    refused(of_file(place.path("link.yaml")), "is a symlink", "TECRAX_SECRETS_FILE");
    refused(of_file(place.path("absent.yaml")), "does not exist", "TECRAX_SECRETS_FILE");
    refused(of_file(place.0.path().to_owned()), "is not a regular file", "Name a file");
    rustix::fs::mknodat(rustix::fs::CWD, place.path("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    refused(of_file(place.path("pipe")), "is not a regular file", "Name a file");
    refused(of_file(foreign(&place)), "belongs to another user", "chown");
    let large = place.write("large.yaml", &format!("secrets: {{a: {{b: hunter22}}}}\n#{}", "x".repeat(1024 * 1024)), 0o600);
    refused(of_file(large), "is too large", "TECRAX_SECRETS_DIR");
}

/// A file of another user.
fn foreign(place: &Place) -> PathBuf {
    if !rustix::process::geteuid().is_root() {
        return PathBuf::from("/etc/passwd");
    }
    let path = place.write("foreign.yaml", FILE, 0o600);
    std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
    path
}

#[test]
fn what_is_no_secrets_file_is_refused_without_a_word_of_it() {
    let place = Place::new();
    for (text, words) in [
        ("hunter22: [", "is not as it should be (line 1"),
        ("secrets: hunter22", "is not as it should be"),
        ("secrets: {a: {b: {hunter22: x}}}", "is not as it should be"),
        ("secrets: {a: {b: hunter22, b: hunter22}}", "is not as it should be"),
        ("hunter22: {a: {b: c}}", "is not as it should be"),
        ("secrets: {a: {b: &x hunter22, c: *x}}", "is not as it should be"),
        ("secrets: {}\n---\nsecrets: {a: {b: hunter22}}", "is not as it should be"),
        ("namespaces: {default: {a: {b: hunter22}}}", "names the namespace `default`"),
    ] {
        refused(of_file(place.write("bad.yaml", text, 0o600)), words, "rite");
    }
    let long = format!("secrets: {{a: {{b: {}}}}}", "x".repeat(65 * 1024));
    refused(of_file(place.write("bad.yaml", &long, 0o600)), "longer than 64 KiB", "shorter");
    fs::write(place.path("bad.yaml"), b"secrets: {a: {b: \xff}}").unwrap();
    refused(of_file(place.path("bad.yaml")), "is not UTF-8", "UTF-8");
    of_file(place.write("good.yaml", "secrets: {}\n", 0o600)).unwrap();
}

#[test]
fn a_rotated_file_is_in_effect_at_once() {
    let place = Place::new();
    let path = place.write("secrets.yaml", "secrets: {a: {b: first-value}}\n", 0o600);
    let resolver = of_file(path.clone()).unwrap();
    assert_eq!(value(&resolver, &id("a", "b")), "first-value");
    let next = place.write("next.yaml", "secrets: {a: {b: other-value}}\n", 0o600);
    fs::rename(next, &path).unwrap();
    assert_eq!(value(&resolver, &id("a", "b")), "other-value");
    let clean = resolver.redactor().redact("first-value other-value".to_owned());
    assert_eq!(clean, "[REDACTED] [REDACTED]", "the old one may still be on its way");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    refused(resolver.resolve(&id("a", "b")), "may be read by others", "chmod 600");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(value(&resolver, &id("a", "b")), "other-value");
}

fn of_directory(path: &Path) -> Result<Resolver, SecretError> {
    open(Sources { directory: Some(path.to_owned()), ..Sources::default() })
}

/// As the kubelet lays out a volume.
fn volume(place: &Place, name: &str, version: &str, text: &str) {
    place.write(&format!("{name}/..{version}/password"), text, 0o400);
    let (link, next) = (place.path(&format!("{name}/..data")), place.path(&format!("{name}/..data_tmp")));
    symlink(format!("..{version}"), &next).unwrap();
    fs::rename(next, link).unwrap();
    let key = place.path(&format!("{name}/password"));
    if !key.exists() {
        symlink("..data/password", key).unwrap();
    }
}

#[test]
fn a_directory_may_be_a_volume_of_kubernetes() {
    let place = Place::new();
    volume(&place, "db", "2026_01", "hunter22\n");
    place.write("team-a/db/password", "hunter23\r\n", 0o400);
    let resolver = of_directory(place.0.path()).unwrap();
    assert_eq!(resolver.redactor().redact("hunter22 hunter23".to_owned()), "[REDACTED] [REDACTED]", "before anybody asks");
    assert_eq!(value(&resolver, &id("db", "password")), "hunter22");
    assert_eq!(value(&resolver, &id_in("team-a", "db", "password")), "hunter23");
    volume(&place, "db", "2026_02", "hunter24");
    assert_eq!(value(&resolver, &id("db", "password")), "hunter24");
    refused(resolver.resolve(&id("db", "user")), "is not in the secrets directory, nor in", "TECRAX_SECRETS_DIR");
    refused(resolver.resolve(&id("team-a", "db")), "is not a regular file", "file");
}

#[test]
fn a_directory_that_others_may_change_is_refused() {
    let place = Place::new();
    let path = place.write("db/password", "hunter22", 0o400);
    of_directory(place.0.path()).unwrap();
    for mode in [0o420, 0o402] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        refused(of_directory(place.0.path()), "db/password in the secrets directory may be changed by others", "chmod 400");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    let outside = Place::new();
    symlink(outside.write("other", "hunter22", 0o400), place.path("db/out")).unwrap();
    refused(of_directory(place.0.path()), "is a symlink out of its directory", "itself");
    refused(of_directory(&place.path("absent")), "can not be listed", "Name a directory");
    let many = Place::new();
    for index in 0..4097 {
        many.write(&format!("a/k{index}"), "x", 0o400);
    }
    refused(of_directory(many.0.path()), "more than 4096 files", "Keep only");
    let large = Place::new();
    large.write("a/long", &"x".repeat(64 * 1024 + 3), 0o400);
    let resolver = of_directory(large.0.path()).unwrap();
    refused(resolver.resolve(&id("a", "long")), "longer than 64 KiB", "shorter");
}

#[test]
fn credentials_of_a_unit_are_files_of_one_directory() {
    let place = Place::new();
    place.write("db.password", "hunter22\n", 0o400);
    place.write("team-a@db.password", "hunter23", 0o400);
    place.write("a.b.c", "hunter24", 0o400);
    let resolver = open(Sources { credentials: Some(place.0.path().to_owned()), ..Sources::default() }).unwrap();
    assert_eq!(value(&resolver, &id("db", "password")), "hunter22");
    assert_eq!(value(&resolver, &id_in("team-a", "db", "password")), "hunter23");
    assert_eq!(value(&resolver, &id("a.b", "c")), "hunter24");
    resolver.declare([id("a.b", "c"), id("a", "b.c"), id("db", "password")]);
    for meeting in [id("a.b", "c"), id("a", "b.c")] {
        refused(resolver.resolve(&meeting), "the credential a.b.c would stand for both", "Rename");
    }
    assert_eq!(value(&resolver, &id("db", "password")), "hunter22");
    open(Sources { credentials: Some(place.path("absent")), ..Sources::default() }).unwrap();
}

#[test]
fn variables_are_named_after_the_reference() {
    let resolver = open(variables(&[
        ("TECRAX_SECRET_DB_EXAMPLE_NET_API_KEY", "hunter22"),
        ("TECRAX_SECRET_TEAM_A__DB_PASSWORD", " hunter23\n"),
        ("TECRAX_SECRET_EMPTY_KEY", ""),
        ("OTHER_SECRET", "hunter24"),
    ]))
    .unwrap();
    assert_eq!(value(&resolver, &id("db.example.net", "api-key")), "hunter22");
    assert_eq!(value(&resolver, &id_in("team-a", "db", "password")), " hunter23\n", "as it is");
    refused(
        resolver.resolve(&id("empty", "key")),
        "is not in the variable TECRAX_SECRET_EMPTY_KEY",
        "Set TECRAX_SECRET_EMPTY_KEY",
    );
    assert_eq!(resolver.redactor().redact("hunter24".to_owned()), "hunter24", "a variable of somebody else");
    resolver.declare([id("db.example.net", "api-key"), id("db-example-net", "api_key")]);
    for meeting in [id("db.example.net", "api-key"), id("db-example-net", "api_key")] {
        refused(resolver.resolve(&meeting), "would stand for both", "secrets file");
    }
    resolver.declare([id("db.example.net", "api-key")]);
    assert_eq!(value(&resolver, &id("db.example.net", "api-key")), "hunter22");
}

#[test]
fn a_secret_in_two_places_is_refused_whatever_it_is() {
    let place = Place::new();
    let credentials = Place::new();
    credentials.write("db.password", "hunter22", 0o400);
    let sources = Sources {
        file: Some(place.write("secrets.yaml", "secrets: {db: {password: hunter22}, one: {key: hunter23}}\n", 0o600)),
        credentials: Some(credentials.0.path().to_owned()),
        ..variables(&[("TECRAX_SECRET_DB_PASSWORD", "hunter22")])
    };
    let resolver = open(sources).unwrap();
    let words = "secret default/db key password is given more than once: in the secrets file and in the credentials of the systemd \
                 unit and in the variable TECRAX_SECRET_DB_PASSWORD";
    refused(resolver.resolve(&id("db", "password")), words, "Keep one");
    assert_eq!(value(&resolver, &id("one", "key")), "hunter23");
}

#[test]
fn an_empty_value_is_no_secret() {
    let place = Place::new();
    let resolver = of_file(place.write("secrets.yaml", "secrets: {a: {b: \"\", c: \"\\n\"}}\n", 0o600)).unwrap();
    refused(resolver.resolve(&id("a", "b")), "is empty in the secrets file", "value");
    refused(resolver.resolve(&id("a", "c")), "is empty in the secrets file", "value");
}

#[test]
fn keys_are_names_and_never_paths() {
    let reference = |key: &str| SecretKeyRef { name: SubdomainName::parse("a").unwrap(), key: key.to_owned() };
    for bad in ["", ".", "..", "..data", "a/b", "../a", "a b", "ä", &"x".repeat(254)] {
        assert!(SecretId::new(&Namespace::default(), &reference(bad)).is_none(), "{bad}");
    }
    for good in ["id_ed25519", ".dockercfg", "a.b-c_D", &"x".repeat(253)] {
        assert!(SecretId::new(&Namespace::default(), &reference(good)).is_some(), "{good}");
    }
}
