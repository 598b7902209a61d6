//! What a target has sent is counted, whether or not there is an answer to show for it.

use super::http::{get, open, to};
use super::http_server::{Script, Scripted};
use super::*;
use crate::api::ErrorClass;

/// Asks for what never ends, until so many bytes have been counted, and no more of them come.
async fn counts(session: &Session, shape: &Shape, wanted: u64) {
    let (meter, none) = (Meter::default(), BTreeMap::new());
    let asked = session.ask(Question { meter: &meter, ..question(shape, &none, PATIENCE) });
    let enough = async {
        while meter.read() < wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        result = asked => panic!("{result:?} after {} bytes", meter.read()),
        () = enough => {}
    }
    assert_eq!(meter.read(), wanted, "dropped, and still known");
}

/// The class of a failure, and the bytes before it.
async fn failed(session: &Session, shape: &Shape, timeout: Duration) -> (ErrorClass, u64) {
    let (meter, none) = (Meter::default(), BTreeMap::new());
    let result = session.ask(Question { meter: &meter, ..question(shape, &none, timeout) }).await;
    (result.unwrap_err().class, meter.read())
}

#[tokio::test]
async fn commands_that_do_not_end() {
    let drip = shell("printf 12345; printf 678 >&2; exec sleep 7105");
    let local = Session::open(&ConnectionConfig::Local, "default/test", &context()).await.unwrap();
    counts(&local, &drip, 8).await;
    let server = Sshd::start();
    counts(&session(&server).await, &drip, 8).await;
}

#[tokio::test]
async fn commands_whose_answer_is_of_no_use() {
    let local = Session::open(&ConnectionConfig::Local, "default/test", &context()).await.unwrap();
    assert_eq!(failed(&local, &shape(&["printf", "\\377\\377"]), PATIENCE).await, (ErrorClass::NotText, 2));
    let narrow = Shape { max_output_bytes: 10, ..shell("printf 0123456789abcdef") };
    assert_eq!(failed(&local, &narrow, PATIENCE).await, (ErrorClass::OutputCut, 10), "what is cut off is nobody's reading");
}

#[tokio::test]
async fn bodies_that_do_not_end_and_bodies_that_end_early() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec();
    let half = [&head[..], b"{\"a\""].concat();
    let silent = Scripted::start(vec![Script::Silence(half.clone())]).await;
    counts(&open(to(&silent.url())).await.unwrap(), &get(), 4).await;
    let ends = Scripted::start(vec![Script::Bytes(half)]).await;
    assert_eq!(failed(&open(to(&ends.url())).await.unwrap(), &get(), PATIENCE).await, (ErrorClass::Interrupted, 4));
}
