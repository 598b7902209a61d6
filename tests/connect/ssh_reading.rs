use std::time::Instant;

use super::*;
use crate::api::ErrorClass;

#[tokio::test]
async fn a_command_answers_with_both_streams_and_its_status() {
    let server = Sshd::start();
    let session = session(&server).await;
    let mut asked = shell("echo out; echo err >&2; exit 3");
    command(&mut asked).exit_codes = vec![3];
    let output = session.read(&asked, PATIENCE).await.unwrap();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.exit_code), ("out\n", "err\n", 3));
    assert_eq!(session.read(&shape(&["cat"]), PATIENCE).await.unwrap().stdout, "", "standard input is not closed");
    assert!(session.is_reusable());
    session.close().await;
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let server = Sshd::start();
    let session = session(&server).await;
    let odd = "it's $HOME; `x` \\ \"q\"\n*";
    let output = session.read(&shape(&["printf", "%s|%s", odd, ""]), PATIENCE).await.unwrap();
    assert_eq!(output.stdout, format!("{odd}|"));
}

#[tokio::test]
async fn failures_of_the_command_have_their_class() {
    let server = Sshd::start();
    let session = session(&server).await;
    for (asked, class, said) in [
        (shape(&["no-such-program-here"]), ErrorClass::Unsupported, "not found"),
        (shape(&["/no/such/program"]), ErrorClass::Unsupported, "exit status 127"),
        (shape(&["/etc/passwd"]), ErrorClass::CommandFailed, "exit status 126"),
        (shell("echo why >&2; exit 9"), ErrorClass::CommandFailed, "exit status 9: why"),
        (shell("kill -9 $$"), ErrorClass::CommandFailed, "signal KILL"),
        (shape(&["printf", "\\377"]), ErrorClass::NotText, "not UTF-8"),
    ] {
        let failure = session.read(&asked, PATIENCE).await.unwrap_err();
        assert_eq!(failure.class, class, "{failure:?}");
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    assert!(session.is_reusable());
}

#[tokio::test]
async fn a_hundred_megabytes_are_cut_and_the_writer_ends() {
    let server = Sshd::start();
    let session = session(&server).await;
    let started = Instant::now();
    let asked = shell("head -c 100000000 /dev/zero | tr '\\0' x; : 8101");
    let failure = session.read(&asked, PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::OutputCut);
    let partial = failure.partial.unwrap();
    assert_eq!(partial.stdout, "x".repeat(65_536));
    assert_eq!(session.read(&shape(&["echo", "still"]), PATIENCE).await.unwrap().stdout, "still\n");
    assert!(started.elapsed() < PATIENCE);
    sshd::wait_until("the writer is gone", || !sshd::is_running("8101"));
    assert!(session.is_reusable());
}

#[tokio::test]
async fn floods_on_every_channel_do_not_block_each_other() {
    let server = Sshd::start();
    let session = session(&server).await;
    let asked = shape(&["yes"]);
    let answers = futures::future::join_all((0..16).map(|_| session.read(&asked, PATIENCE))).await;
    for answer in answers {
        assert_eq!(answer.unwrap_err().class, ErrorClass::OutputCut);
    }
    assert_eq!(session.read(&shape(&["echo", "still"]), PATIENCE).await.unwrap().stdout, "still\n");
}

#[tokio::test]
async fn a_command_that_never_ends_times_out_and_leaves_no_process() {
    let server = Sshd::builder().unprivileged().start();
    let session = session(&server).await;
    let failure = session.read(&shape(&["sleep", "8102"]), Duration::from_millis(600)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Timeout);
    assert_eq!(failure.message, "`sleep 8102` did not end within 600ms");
    sshd::wait_until("the remote process is gone", || !sshd::is_running("8102"));
    assert_eq!(session.read(&shape(&["echo", "still"]), PATIENCE).await.unwrap().stdout, "still\n");
    assert!(!session.is_reusable(), "a session with an abandoned command must not be kept");
}

#[tokio::test]
async fn a_dropped_reading_ends_its_command_and_frees_its_channel() {
    let server = Sshd::builder().unprivileged().line("MaxSessions 2").start();
    let session = Arc::new(session(&server).await);
    for _ in 0..6 {
        let same = Arc::clone(&session);
        let reading = tokio::spawn(async move { same.read(&shape(&["sleep", "8103"]), PATIENCE).await });
        while !sshd::is_running("8103") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        reading.abort();
        assert!(reading.await.unwrap_err().is_cancelled());
        sshd::wait_until("the remote process is gone", || !sshd::is_running("8103"));
    }
    assert_eq!(session.read(&shape(&["echo", "still"]), PATIENCE).await.unwrap().stdout, "still\n");
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_interrupts_every_reading() {
    let server = Sshd::start();
    let session = session(&server).await;
    let asked = shape(&["sleep", "8104"]);
    let cut = async {
        while !sshd::is_running("8104") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.kill_sessions();
    };
    let (first, second, ()) = tokio::join!(session.read(&asked, PATIENCE), session.read(&asked, PATIENCE), cut);
    assert_eq!(first.unwrap_err().class, ErrorClass::Interrupted);
    assert_eq!(second.unwrap_err().class, ErrorClass::Interrupted);
    let later = session.read(&shape(&["true"]), PATIENCE).await.unwrap_err();
    assert_eq!(later.class, ErrorClass::Interrupted);
    assert!(!session.is_reusable());
}

#[tokio::test]
async fn more_readings_than_sessions_all_answer() {
    let server = Sshd::builder().line("MaxSessions 2").start();
    let session = session(&server).await;
    let asked = shell("sleep 0.05; echo here");
    let outputs = futures::future::join_all((0..20).map(|_| session.read(&asked, PATIENCE))).await;
    for output in outputs {
        assert_eq!(output.unwrap().stdout, "here\n");
    }
    assert!(session.is_reusable());
}

#[tokio::test]
async fn a_server_without_sessions_is_a_passing_trouble() {
    let server = Sshd::builder().line("MaxSessions 0").start();
    let session = session(&server).await;
    let failure = session.read(&shape(&["true"]), Duration::from_millis(500)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Transient);
}

#[tokio::test]
async fn at_most_four_commands_run_at_once() {
    let server = Sshd::start();
    let session = session(&server).await;
    let counter = server.path("running");
    std::fs::create_dir(&counter).unwrap();
    let directory = counter.display();
    let asked = shell(&format!("touch {directory}/$$; sleep 0.2; ls {directory} | wc -l; rm {directory}/$$"));
    let outputs = futures::future::join_all((0..12).map(|_| session.read(&asked, PATIENCE))).await;
    let most = outputs.into_iter().map(|output| output.unwrap().stdout.trim().parse::<u32>().unwrap()).max();
    assert!(matches!(most, Some(2..=4)), "{most:?} at once");
}

#[tokio::test]
async fn a_forced_command_gets_the_exact_bytes() {
    let server = Sshd::builder().line("ForceCommand printf '%s' \"$SSH_ORIGINAL_COMMAND\"").start();
    let session = session(&server).await;
    let output = session.read(&shape(&["df", "-P", "a b"]), PATIENCE).await.unwrap();
    assert_eq!(output.stdout, "df -P 'a b'");
}

#[tokio::test]
async fn dropping_the_session_ends_the_connection() {
    let server = Sshd::start();
    let session = session(&server).await;
    session.read(&shape(&["true"]), PATIENCE).await.unwrap();
    assert!(!sshd::descendants(server.pid()).is_empty());
    drop(session);
    tokio::task::yield_now().await;
    wait_for_no_session(&server).await;
}

#[tokio::test]
async fn closing_the_session_says_goodbye() {
    let server = Sshd::start();
    let session = session(&server).await;
    session.read(&shape(&["true"]), PATIENCE).await.unwrap();
    session.close().await;
    wait_for_no_session(&server).await;
    assert!(server.log().contains("Received disconnect from"), "{}", server.log());
}

async fn wait_for_no_session(server: &Sshd) {
    for _ in 0..1000 {
        if sshd::descendants(server.pid()).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a session is left on the server: {}", server.log());
}
