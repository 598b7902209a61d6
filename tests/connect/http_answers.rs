//! What a server may answer, and what becomes of it.

use super::http::{ask, get, open, request, to};
use super::http_server::{Script, Scripted, answer, ok};
use super::*;
use crate::api::ErrorClass;
use crate::profile::HttpAnswer;

async fn asked(script: Script, shape: &Shape) -> Result<Output, Failure> {
    let server = Scripted::start(vec![script]).await;
    ask(to(&server.url()), shape).await
}

fn unwrapping(member: &str) -> Shape {
    let mut shape = get();
    request(&mut shape).answer = HttpAnswer::Json { unwrap: Some(member.to_owned()), rpc: false };
    shape
}

fn rpc() -> Shape {
    let mut shape = get();
    request(&mut shape).answer = HttpAnswer::Json { unwrap: None, rpc: true };
    shape
}

#[tokio::test]
async fn an_object_becomes_compact_text_with_sorted_keys() {
    let output = asked(ok(r#" {"b": 1, "a": {"d": [1.5, null], "c": "é"}} "#), &get()).await.unwrap();
    assert_eq!(output.stdout, r#"{"a":{"c":"é","d":[1.5,null]},"b":1}"#);
    assert_eq!((output.stderr.as_str(), output.exit_code, output.form), ("", 0, None));
    assert_eq!(output.digest, Digest::of_parts([output.stdout.as_bytes(), b"".as_slice()]));
}

#[tokio::test]
async fn one_member_is_kept_and_the_rest_is_gone() {
    for (body, stdout) in [
        (r#"{"Version":"2.19","InstanceID":"x"}"#, r#"{"Version":"2.19"}"#),
        (r#"{"other":1}"#, r#"{"Version":null}"#),
        (r#"{"Version":{"a":1}}"#, r#"{"a":1}"#),
        ("", r#"{"Version":null}"#),
    ] {
        assert_eq!(asked(ok(body), &unwrapping("Version")).await.unwrap().stdout, stdout, "{body}");
    }
}

#[tokio::test]
async fn what_is_no_object_stands_under_value() {
    for (body, stdout) in [("[1,2]", r#"{"value":[1,2]}"#), ("\"hi\"", r#"{"value":"hi"}"#), ("", "{}"), (" \n", "{}")] {
        assert_eq!(asked(ok(body), &get()).await.unwrap().stdout, stdout, "{body}");
    }
    assert_eq!(asked(answer(204, &[], b""), &get()).await.unwrap().stdout, "{}");
}

#[tokio::test]
async fn what_is_no_json_is_an_unexpected_answer() {
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    for body in [&b"<html>"[..], b"{\"a\":1,\"a\":2}", b"{\"a\":\"\xff\"}", b"{\"a\":1} x", b"NaN", deep.as_bytes()] {
        let failure = asked(answer(200, &[], body), &get()).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::UnexpectedAnswer, "{failure:?}");
        assert!(failure.message.contains("/status answers with no JSON"), "{}", failure.message);
    }
    let failure = asked(answer(200, &[("Content-Encoding", "gzip")], b"{}"), &get()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnexpectedAnswer);
}

#[tokio::test]
async fn a_body_of_exactly_the_bound_is_whole_and_a_longer_one_is_cut() {
    let body = r#"{"a":"1234"}"#;
    let shape = Shape { max_output_bytes: 12, ..get() };
    assert_eq!(asked(ok(body), &shape).await.unwrap().stdout, body);
    let shape = Shape { max_output_bytes: 11, ..get() };
    let failure = asked(ok(body), &shape).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::OutputCut);
    assert_eq!(failure.partial.unwrap().stdout, r#"{"a":"1234""#);
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_bound() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    // One write: the head with the first chunk, then chunks for ever.
    let server = Scripted::start(vec![Script::Endless(format!("{head}{}", chunk.repeat(64)).into_bytes())]).await;
    let failure = ask(to(&server.url()), &get()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::OutputCut);
    assert_eq!(failure.partial.unwrap().stdout.len(), 1024);
}

#[tokio::test]
async fn a_status_is_the_reading_of_a_shape_that_asks_for_it() {
    let mut shape = get();
    request(&mut shape).answer = HttpAnswer::Status;
    for status in [200, 302, 401, 404, 503] {
        let output = asked(answer(status, &[("Location", "/x")], b"<html>"), &shape).await.unwrap();
        assert_eq!(output.stdout, status.to_string());
    }
}

#[tokio::test]
async fn statuses_have_their_classes_and_some_may_pass() {
    for (status, class, transient) in [
        (401, ErrorClass::AuthRefused, false),
        (403, ErrorClass::AuthRefused, false),
        (404, ErrorClass::HttpStatus, false),
        (408, ErrorClass::HttpStatus, true),
        (418, ErrorClass::HttpStatus, false),
        (429, ErrorClass::HttpStatus, true),
        (500, ErrorClass::HttpStatus, true),
        (503, ErrorClass::HttpStatus, true),
        (304, ErrorClass::HttpStatus, false),
    ] {
        let failure = asked(answer(status, &[], b""), &get()).await.unwrap_err();
        assert_eq!((failure.class, failure.transient), (class, transient), "{status}");
        assert!(failure.message.contains(&format!("answers with status {status}")), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_its_location_is_not_told() {
    for status in [301, 302, 303, 307, 308] {
        let server = Scripted::start(vec![answer(status, &[("Location", "/moved?token=hush-hush")], b""), ok("{}")]).await;
        let failure = ask(to(&server.url()), &get()).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::HttpStatus);
        assert!(!format!("{failure:?}").contains("hush"), "{failure:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_reply_of_json_rpc_is_whole_or_an_error_of_the_server() {
    let good = r#"{"id":1,"jsonrpc":"2.0","result":"6.0.14"}"#;
    assert_eq!(asked(ok(good), &rpc()).await.unwrap().stdout, good);
    assert!(asked(ok(r#"{"error":null,"result":[]}"#), &rpc()).await.is_ok());
    let bad = r#"{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params.","data":"Not authorised.\nx"},"id":1}"#;
    let failure = asked(ok(bad), &rpc()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::ApiError);
    assert!(failure.message.ends_with("answers with an error: -32602: Not authorised."), "{}", failure.message);
    for drift in ["[]", "{}", r#"{"id":1}"#, ""] {
        assert_eq!(asked(ok(drift), &rpc()).await.unwrap_err().class, ErrorClass::UnexpectedAnswer, "{drift}");
    }
}

#[tokio::test]
async fn connections_that_end_early_are_told_apart() {
    let class = async |bytes: &[u8]| asked(Script::Bytes(bytes.to_vec()), &get()).await.unwrap_err().class;
    assert_eq!(class(b"").await, ErrorClass::Interrupted);
    assert_eq!(class(b"HTTP/1.1 200 OK\r\nContent-").await, ErrorClass::Interrupted);
    assert_eq!(class(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}").await, ErrorClass::Interrupted);
    assert_eq!(class(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await, ErrorClass::UnexpectedAnswer);
    let broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}";
    assert_eq!(class(broken).await, ErrorClass::UnexpectedAnswer);
}

#[tokio::test]
async fn more_headers_than_any_server_has_reason_to_send_are_refused() {
    let many = (0..200).map(|i| format!("X-{i}: y\r\n")).collect::<Vec<_>>().concat();
    let failure = asked(Script::Bytes(format!("HTTP/1.1 200 OK\r\n{many}\r\n{{}}").into_bytes()), &get()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnexpectedAnswer, "{failure:?}");
}

#[tokio::test]
async fn the_time_out_is_for_everything_together() {
    let short = Duration::from_millis(300);
    for bytes in [&b""[..], b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"] {
        let server = Scripted::start(vec![Script::Silence(bytes.to_vec())]).await;
        let failure = open(to(&server.url())).await.unwrap().read(&get(), short).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::Timeout);
        assert!(failure.message.ends_with("/status did not answer within 300ms"), "{}", failure.message);
    }
}

#[tokio::test]
async fn nobody_at_the_address_and_no_address_are_two_things() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failure = ask(to(&format!("http://127.0.0.1:{port}")), &get()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable);
    assert_eq!(failure.message, format!("http://127.0.0.1:{port}/status refuses connections"));
    let failure = ask(to("http://no-such-host.invalid"), &get()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::NameUnresolved);
    assert!(failure.message.starts_with("the name in http://no-such-host.invalid/status can not be resolved"), "{failure:?}");
}
