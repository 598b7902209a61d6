use std::collections::BTreeMap;
use std::time::Instant;

use super::*;
use crate::api::ErrorClass;

use crate::connect::Sandbox;
use crate::desired::FixtureConfig;

async fn read(shape: &Shape, timeout: Duration) -> Result<Output, Failure> {
    Session::open(&ConnectionConfig::Local, "default/test", &context()).await.unwrap().read(shape, timeout).await
}

#[tokio::test]
async fn a_command_answers_with_both_streams_and_its_status() {
    let mut shape = shell("echo out; echo err >&2; exit 3");
    command(&mut shape).exit_codes = vec![0, 3];
    let output = read(&shape, PATIENCE).await.unwrap();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.exit_code), ("out\n", "err\n", 3));
    assert_eq!(output.digest, Digest::of_parts([b"out\n".as_slice(), b"err\n".as_slice()]));
}

#[tokio::test]
async fn the_environment_is_fixed_and_standard_input_is_empty() {
    let output = read(&shape(&["env"]), PATIENCE).await.unwrap();
    let mut lines: Vec<_> = output.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]);
    assert_eq!(read(&shape(&["cat"]), PATIENCE).await.unwrap().stdout, "");
    assert_eq!(read(&shape(&["pwd"]), PATIENCE).await.unwrap().stdout, "/\n");
}

#[tokio::test]
async fn a_machine_that_shuts_nothing_in_starts_nothing_that_must_be() {
    let home = tempfile::TempDir::new().unwrap();
    let mark = home.path().join("started");
    let shape = shell(&format!("touch {}", mark.display()));
    // What a machine reaches policy learns with the first command at the latest, and denies the next run: nobody is called for this one.
    let helpers = [
        (Sandbox::default(), ErrorClass::NotConfined),
        (Sandbox::new("/bin/false", home.path().join("sandbox")), ErrorClass::Transient),
        (Sandbox::new("/no/helper", "/proc/no"), ErrorClass::Transient),
    ];
    for (sandbox, class) in helpers {
        let session =
            Session::open(&ConnectionConfig::Local, "default/test", &context().with_sandbox(sandbox.clone())).await.unwrap();
        let none = BTreeMap::new();
        let asked = Question { sandbox: SandboxLevel::Basic, ..question(&shape, &none, PATIENCE) };
        let failure = session.ask(asked).await.unwrap_err();
        assert_eq!((failure.class, failure.transient), (class, false), "trying it again at once comes to the same");
        assert!(failure.next_step.is_some_and(|step| class != ErrorClass::Transient || step.contains("policy denies")));
        assert!(
            failure.message.contains("requires sandbox level `basic`, and this machine reaches `none`"),
            "{}",
            failure.message
        );
        assert_eq!(sandbox.level(), SandboxLevel::None);
    }
    assert!(!mark.exists());
}

/// The probe waits as everybody does: on no thread, and for no longer than who asked.
#[tokio::test]
async fn a_template_that_says_nothing_costs_each_command_its_own_time_and_nobody_elses() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::TempDir::new().unwrap();
    let deaf = home.path().join("deaf");
    std::fs::write(&deaf, "#!/bin/sh\nexec sleep 7107\n").unwrap();
    std::fs::set_permissions(&deaf, std::fs::Permissions::from_mode(0o755)).unwrap();
    let sandbox = Sandbox::new(&deaf, home.path().join("sandbox"));
    let session =
        Session::open(&ConnectionConfig::Local, "default/test", &context().with_sandbox(sandbox.clone())).await.unwrap();
    let (shape, started) = (shape(&["true"]), Instant::now());
    let (short, long) = (Duration::from_millis(300), Duration::from_millis(900));
    let (first, second) = tokio::join!(session.read(&shape, short), session.read(&shape, long));
    assert_eq!((first.unwrap_err().class, second.unwrap_err().class), (ErrorClass::Timeout, ErrorClass::Timeout));
    assert_eq!(sandbox.level(), SandboxLevel::None, "nobody knows, and who asks does not wait");
    assert!(started.elapsed() < PATIENCE, "the only thread was held up");
}

#[tokio::test]
async fn a_missing_program_is_unsupported_with_the_profiles_help() {
    let failure = read(&shape(&["no-such-program-here"]), PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unsupported);
    assert_eq!(failure.next_step.as_deref(), Some("Install it."));
}

#[tokio::test]
async fn a_listed_status_with_nothing_but_a_complaint_is_unsupported() {
    let case = |script: &str| {
        let mut shape = shell(script);
        command(&mut shape).exit_codes = vec![0, 1];
        command(&mut shape).unsupported_stderr = vec!["no such unit".to_owned()];
        shape
    };
    for complaint in ["echo no such unit >&2; exit 1", "echo no such unit >&2; exit 0"] {
        let failure = read(&case(complaint), PATIENCE).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::Unsupported, "{complaint}");
        assert_eq!(failure.next_step.as_deref(), Some("Install it."));
    }
    for answer in ["echo disabled; echo no such unit >&2; exit 1", "echo other words >&2; exit 1", "echo other words >&2"] {
        assert!(read(&case(answer), PATIENCE).await.is_ok(), "{answer}");
    }
}

#[tokio::test]
async fn an_unlisted_status_fails_with_the_first_line_of_stderr() {
    let failure = read(&shell("echo kept; printf '\\n\\033[1mfirst\\nsecond\\n' >&2; exit 4"), PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CommandFailed);
    assert!(failure.message.ends_with("ended with exit status 4: [1mfirst"), "{}", failure.message);
    let partial = failure.partial.unwrap();
    assert_eq!((partial.stdout.as_str(), partial.exit_code), ("kept\n", 4));
}

#[tokio::test]
async fn an_end_by_signal_is_named() {
    let failure = read(&shell("kill -9 $$"), PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::CommandFailed);
    assert!(failure.message.contains("signal KILL"), "{}", failure.message);
}

#[tokio::test]
async fn endless_output_is_cut_at_the_bound() {
    for script in ["exec yes", "exec yes >&2"] {
        let started = Instant::now();
        let failure = read(&shell(script), PATIENCE).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::OutputCut);
        let partial = failure.partial.unwrap();
        assert_eq!(partial.stdout.len().max(partial.stderr.len()), 65_536);
        assert!(started.elapsed() < PATIENCE / 2);
    }
}

#[tokio::test]
async fn output_of_exactly_the_bound_is_whole() {
    let shape = Shape { max_output_bytes: 10, ..shape(&["printf", "0123456789"]) };
    assert_eq!(read(&shape, PATIENCE).await.unwrap().stdout, "0123456789");
}

#[tokio::test]
async fn a_cut_inside_a_character_keeps_whole_characters() {
    let shape = Shape { max_output_bytes: 3, ..shape(&["printf", "éé"]) };
    assert_eq!(read(&shape, PATIENCE).await.unwrap_err().partial.unwrap().stdout, "é");
}

#[tokio::test]
async fn bytes_that_are_not_text_are_refused() {
    let failure = read(&shape(&["printf", "\\377"]), PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::NotText);
}

#[tokio::test]
async fn a_time_out_kills_the_whole_group() {
    let failure = read(&shell("sleep 7103 & sleep 7103"), Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Timeout);
    sshd::wait_until("the group is gone", || !sshd::is_running("7103"));
}

#[tokio::test]
async fn a_dropped_reading_kills_the_whole_group() {
    let shape = shell("sleep 7104 & sleep 7104");
    let reading = tokio::spawn(async move { read(&shape, PATIENCE).await });
    while !sshd::is_running("7104") {
        tokio::task::yield_now().await;
    }
    reading.abort();
    assert!(reading.await.unwrap_err().is_cancelled());
    sshd::wait_until("the group is gone", || !sshd::is_running("7104"));
}

#[tokio::test]
async fn a_child_left_behind_is_killed_when_the_command_ends() {
    let output = read(&shell("sleep 7105 & echo done"), PATIENCE).await.unwrap();
    assert_eq!(output.stdout, "done\n");
    sshd::wait_until("the child is gone", || !sshd::is_running("7105"));
}

#[tokio::test]
async fn a_process_that_left_the_group_with_the_pipe_does_not_hold_the_reading() {
    let started = Instant::now();
    let output = read(&shell("setsid sleep 17.106 & echo done"), PATIENCE).await.unwrap();
    assert_eq!(output.stdout, "done\n");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn many_commands_at_once_all_answer() {
    let shape = shape(&["echo", "here"]);
    let session = Session::open(&ConnectionConfig::Local, "default/test", &context()).await.unwrap();
    let outputs = futures::future::join_all((0..40).map(|_| session.read(&shape, PATIENCE))).await;
    assert!(outputs.into_iter().all(|output| output.unwrap().stdout == "here\n"));
}

#[tokio::test]
async fn fixtures_answer_only_when_allowed() {
    let readings = BTreeMap::from([("test".to_owned(), ("recorded\n".to_owned(), String::new(), 0))]);
    let config = ConnectionConfig::Fixture(Arc::new(FixtureConfig { readings }));
    let refused = Session::open(&config, "default/test", &context()).await.unwrap_err();
    assert_eq!(refused.class, ErrorClass::FixturesNotAllowed);
    let allowed = Session::open(&config, "default/test", &OpenContext::new(Environment::default(), true)).await.unwrap();
    let known = shape(&["true"]);
    assert_eq!(allowed.read(&known, PATIENCE).await.unwrap().stdout, "recorded\n");
    let other = Shape { action: "other".to_owned(), ..known };
    assert_eq!(allowed.read(&other, PATIENCE).await.unwrap_err().class, ErrorClass::Unsupported);
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let config = ConnectionConfig::NotInEffect("http connections are not built yet".to_owned());
    let failure = Session::open(&config, "default/test", &context()).await.unwrap_err();
    assert_eq!((failure.class, failure.message.as_str()), (ErrorClass::NotInEffect, "http connections are not built yet"));
}

/// Other work holds the only thread until the silence after the end is over: what was written must be read all the same.
#[tokio::test]
async fn a_machine_that_is_held_up_loses_no_output() {
    let shape = shape(&["echo", "out"]);
    let readings = futures::future::join_all((0..16).map(|_| read(&shape, PATIENCE)));
    let mut left = 4;
    let busy = std::future::poll_fn(|context| {
        std::thread::sleep(Duration::from_millis(250));
        left -= 1;
        if left == 0 {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    });
    let (outputs, ()) = tokio::join!(readings, busy);
    let told: Vec<String> = outputs.into_iter().map(|output| output.unwrap().stdout).collect();
    assert_eq!(told, vec!["out\n"; 16]);
}
