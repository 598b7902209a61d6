use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;
use crate::api::ErrorClass;
use crate::desired::WrapperConfig;

/// What the profile asks a wrapper.
fn question() -> Shape {
    shape(&["tecrax-network-cli-readonly", "system-info"])
}

fn script(folder: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

async fn ask(path: &Path, target: &str) -> Result<Output, Failure> {
    let config = ConnectionConfig::Wrapper(Arc::new(WrapperConfig { path: path.to_owned() }));
    Session::open(&config, target, &context()).await.unwrap().read(&question(), PATIENCE).await
}

#[tokio::test]
async fn it_gets_the_word_the_target_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = script(folder.path(), "switch", "#!/bin/sh\necho \"$# $1\"\npwd\nenv\n", 0o755);
    let output = ask(&path, "plant/sw-01").await.unwrap();
    let mut lines: Vec<&str> =
        output.stdout.lines().filter(|line| !line.starts_with("PWD=") && !line.starts_with("_=")).collect();
    lines.sort_unstable();
    let expected = ["/", "1 system-info", "LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    assert_eq!(lines, [&expected[..], &["TECRAX_TARGET=plant/sw-01"]].concat());
}

#[tokio::test]
async fn what_can_not_be_started_is_unsupported_with_the_profiles_help() {
    let folder = tempfile::tempdir().unwrap();
    let plain = script(folder.path(), "plain", "#!/bin/sh\necho no\n", 0o644);
    let lost = script(folder.path(), "lost", "#!/no/such/interpreter\n", 0o755);
    for path in [plain, lost, folder.path().join("absent"), folder.path().to_owned()] {
        let failure = ask(&path, "default/sw").await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::Unsupported, "{failure:?}");
        assert_eq!(failure.next_step.as_deref(), Some("Install it."));
        assert!(failure.message.contains(path.file_name().unwrap().to_str().unwrap()), "{failure}");
    }
}

#[tokio::test]
async fn a_device_that_refuses_is_a_failed_reading_with_what_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = script(folder.path(), "switch", "#!/bin/sh\necho \"$TECRAX_TARGET is no device of mine\" >&2\nexit 1\n", 0o755);
    let failure = ask(&path, "default/sw-77").await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CommandFailed);
    assert!(failure.message.ends_with("ended with exit status 1: default/sw-77 is no device of mine"), "{failure}");
}
