use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX};
use hickory_proto::rr::{DNSClass, Name, RData, Record};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::task::AbortHandle;

use super::*;
use crate::api::{ErrorClass, LabelName};
use crate::desired::DnsConfig;
use crate::profile::DnsRequest;

/// Enough for three sends that nobody answers.
const SHORT: Duration = Duration::from_millis(600);

fn question(record: &str) -> (Shape, BTreeMap<LabelName, String>) {
    let label = |text: &str| LabelName::parse(text).unwrap();
    let mut shape = shape(&[]);
    shape.request = Request::Dns(DnsRequest { name: label("record-name"), record: label("record-type") });
    let values = [(label("record-name"), "example.com".to_owned()), (label("record-type"), record.to_owned())];
    (shape, values.into())
}

async fn ask_host(server: &str, port: u16, record: &str, timeout: Duration) -> Result<Output, Failure> {
    let config = ConnectionConfig::Dns(Arc::new(DnsConfig { server: server.to_owned(), port }));
    let session = Session::open(&config, "default/test", &context()).await.unwrap();
    let (shape, parameters) = question(record);
    session.ask(super::question(&shape, &parameters, timeout)).await
}

/// A server on loopback that answers each datagram with what a function makes of it.
struct Server {
    port: u16,
    /// The same port over TCP, ours and closed until somebody listens.
    tcp: Option<TcpSocket>,
    tasks: Vec<AbortHandle>,
}

/// A port that is free over UDP and over TCP.
async fn both() -> (UdpSocket, TcpSocket) {
    loop {
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Server {
    async fn new(answer: impl Fn(u32, &Message) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let (socket, tcp) = both().await;
        let port = socket.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            let mut buffer = vec![0; 2048];
            let mut count = 0;
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                let query = Message::from_vec(&buffer[..length]).unwrap();
                for reply in answer(count, &query) {
                    socket.send_to(&reply, from).await.unwrap();
                }
                count += 1;
            }
        });
        Self { port, tcp: Some(tcp), tasks: vec![task.abort_handle()] }
    }

    /// The same port over TCP; the reply is sent as it is, after its length.
    fn over_tcp(mut self, answer: impl Fn(&Message) -> Vec<u8> + Send + 'static) -> Self {
        let listener = self.tcp.take().unwrap().listen(16).unwrap();
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut query = vec![0; usize::from(stream.read_u16().await.unwrap())];
                stream.read_exact(&mut query).await.unwrap();
                let reply = answer(&Message::from_vec(&query).unwrap());
                stream.write_u16(u16::try_from(reply.len()).unwrap()).await.unwrap();
                stream.write_all(&reply).await.unwrap();
            }
        });
        self.tasks.push(task.abort_handle());
        self
    }

    async fn ask(&self, timeout: Duration) -> Result<Output, Failure> {
        ask_host("127.0.0.1", self.port, "A", timeout).await
    }
}

fn reply(query: &Message) -> Message {
    let mut reply = Message::new(query.metadata.id, MessageType::Response, OpCode::Query);
    reply.add_queries(query.queries.clone());
    reply
}

fn record(owner: &str, data: RData) -> Record {
    Record::from_rdata(Name::from_ascii(owner).unwrap(), 300, data)
}

fn a(owner: &str, last: u8) -> Record {
    record(owner, RData::A(A::new(192, 0, 2, last)))
}

fn good(query: &Message) -> Message {
    let mut reply = reply(query);
    reply.add_answer(a("example.com.", 10));
    reply
}

fn bytes(message: &Message) -> Vec<u8> {
    message.to_vec().unwrap()
}

const GOOD: &str = "example.com. 300 IN A 192.0.2.10\n";

#[tokio::test]
async fn an_answer_is_printed_record_by_record_and_only_what_was_asked_for() {
    let server = Server::new(|_, query| {
        let mut reply = reply(query);
        let alias = |owner, to| record(owner, RData::CNAME(CNAME(Name::from_ascii(to).unwrap())));
        let odd = Name::from_labels(["a b".as_bytes(), b"c\xff;d"]).unwrap();
        let mut chaos = a("example.com.", 66);
        chaos.dns_class = DNSClass::CH;
        reply.add_answers([
            alias("example.com.", "www.example.net."),
            record("www.example.net.", RData::CNAME(CNAME(odd.clone()))),
            a("elsewhere.example.", 99),
            record("example.com.", RData::MX(MX::new(1, odd.clone()))),
            record("example.com.", RData::AAAA(AAAA::new(1, 2, 3, 4, 5, 6, 7, 8))),
            chaos,
            Record::from_rdata(odd, 7, RData::A(A::new(192, 0, 2, 1))),
        ]);
        vec![bytes(&reply)]
    })
    .await;
    let output = server.ask(PATIENCE).await.unwrap();
    let expected = "example.com. 300 IN CNAME www.example.net.\n\
        www.example.net. 300 IN CNAME a\\032b.c\\255\\;d.\n\
        a\\032b.c\\255\\;d. 7 IN A 192.0.2.1\n";
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.exit_code), (expected, "", 0));
}

#[tokio::test]
async fn the_question_is_recursive_with_edns_and_fresh_ids_and_ports() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut buffer = vec![0; 2048];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let query = Message::from_vec(&buffer[..length]).unwrap();
            socket.send_to(&bytes(&good(&query)), from).await.unwrap();
            tell.send((query, from)).unwrap();
        }
    });
    let mut seen: Vec<(u16, SocketAddr)> = Vec::new();
    for _ in 0..8 {
        assert_eq!(ask_host("127.0.0.1", port, "AAAA", PATIENCE).await.unwrap().stdout, ";; status: NOERROR\n");
        let (query, from) = told.recv().await.unwrap();
        assert!(query.metadata.recursion_desired && !query.metadata.checking_disabled);
        assert_eq!(query.edns.as_ref().unwrap().max_payload(), 1232);
        assert_eq!(query.queries[0].to_string(), "example.com. IN AAAA");
        assert_eq!((query.queries.len(), query.answers.len(), query.additionals.len()), (1, 0, 0));
        seen.push((query.metadata.id, from));
    }
    task.abort();
    let differ = |key: &dyn Fn(&(u16, SocketAddr)) -> u16| {
        let keys: std::collections::BTreeSet<u16> = seen.iter().map(key).collect();
        keys.len() > 4
    };
    assert!(differ(&|(id, _)| *id), "{seen:?}");
    assert!(differ(&|(_, from)| from.port()), "{seen:?}");
}

#[tokio::test]
async fn a_status_without_records_is_an_answer() {
    for (status, name) in [
        (ResponseCode::NXDomain, "NXDOMAIN"),
        (ResponseCode::ServFail, "SERVFAIL"),
        (ResponseCode::Refused, "REFUSED"),
        (ResponseCode::FormErr, "FORMERR"),
        (ResponseCode::NoError, "NOERROR"),
    ] {
        let server = Server::new(move |_, query| {
            let mut reply = reply(query);
            reply.metadata.response_code = status;
            if status == ResponseCode::Refused {
                reply.queries.clear();
            }
            vec![bytes(&reply)]
        })
        .await;
        let output = server.ask(PATIENCE).await.unwrap();
        assert_eq!((output.stdout.as_str(), output.exit_code), (format!(";; status: {name}\n").as_str(), 0));
    }
}

#[tokio::test]
async fn records_beside_an_error_status_are_no_answer() {
    let server = Server::new(|_, query| {
        let mut reply = good(query);
        reply.metadata.response_code = ResponseCode::ServFail;
        vec![bytes(&reply)]
    })
    .await;
    assert_eq!(server.ask(PATIENCE).await.unwrap().stdout, ";; status: SERVFAIL\n");
}

#[tokio::test]
async fn what_does_not_answer_the_question_is_waited_out() {
    let server = Server::new(|_, query| {
        let (mut id, mut name, mut kind) = (good(query), good(query), good(query));
        id.metadata.id = query.metadata.id.wrapping_add(1);
        name.queries[0].set_name(Name::from_ascii("example.net.").unwrap());
        kind.metadata.message_type = MessageType::Query;
        let mut none = good(query);
        none.queries.clear();
        vec![vec![], vec![0; 5], bytes(&id), bytes(&name), bytes(&kind), bytes(&none), bytes(&good(query))]
    })
    .await;
    assert_eq!(server.ask(PATIENCE).await.unwrap().stdout, GOOD);

    let stranger = Server::new(|_, query| {
        let mut reply = good(query);
        reply.metadata.id = query.metadata.id.wrapping_add(1);
        vec![bytes(&reply)]
    })
    .await;
    assert_eq!(stranger.ask(SHORT).await.unwrap_err().class, ErrorClass::Timeout);

    // What a server sends is counted, whoever it is for.
    let (meter, (shape, parameters)) = (Meter::default(), question("A"));
    let config = ConnectionConfig::Dns(Arc::new(DnsConfig { server: "127.0.0.1".to_owned(), port: stranger.port }));
    let session = Session::open(&config, "default/test", &context()).await.unwrap();
    let asked = Question { meter: &meter, ..super::question(&shape, &parameters, SHORT) };
    assert_eq!(session.ask(asked).await.unwrap_err().class, ErrorClass::Timeout);
    assert!(meter.read() > 0);
}

#[tokio::test]
async fn a_lost_datagram_is_sent_again_and_silence_is_a_time_out() {
    let server = Server::new(|count, query| if count < 2 { vec![] } else { vec![bytes(&good(query))] }).await;
    assert_eq!(server.ask(SHORT).await.unwrap().stdout, GOOD);

    let silent = Server::new(|_, _| vec![]).await;
    let begun = Instant::now();
    let failure = silent.ask(SHORT).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Timeout);
    assert_eq!(failure.message, format!("127.0.0.1:{} did not answer within 600ms", silent.port));
    assert!(begun.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_closed_port_is_heard_of_at_once() {
    let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
    let begun = Instant::now();
    let failure = ask_host("127.0.0.1", port, "A", PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Unreachable, "{failure}");
    assert!(begun.elapsed() < PATIENCE / 4);
}

#[tokio::test]
async fn a_server_is_found_by_name_and_each_of_its_addresses_is_tried() {
    let server = Server::new(|_, query| vec![bytes(&good(query))]).await;
    // localhost may be ::1 first, where nobody listens.
    assert_eq!(ask_host("localhost", server.port, "A", PATIENCE).await.unwrap().stdout, GOOD);
    let failure = ask_host("no-such-host.invalid", 53, "A", PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::NameUnresolved, "{failure}");
}

#[tokio::test]
async fn garbage_under_our_id_is_an_unexpected_answer() {
    let server = Server::new(|_, query| {
        let mut reply = bytes(&good(query));
        reply.truncate(reply.len() - 3);
        vec![reply]
    })
    .await;
    let failure = server.ask(PATIENCE).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::UnexpectedAnswer, "{failure}");
    assert!(failure.message.lines().count() == 1 && failure.message.len() < 250, "{failure}");
}

fn cut(query: &Message) -> Vec<Vec<u8>> {
    let mut reply = reply(query);
    reply.metadata.truncation = true;
    vec![bytes(&reply)]
}

#[tokio::test]
async fn a_cut_answer_is_taken_over_tcp_and_bounded() {
    let many = |query: &Message| {
        let mut reply = reply(query);
        reply.add_answers((0..200).map(|last| a("example.com.", last)));
        bytes(&reply)
    };
    let server = Server::new(|_, query| cut(query)).await.over_tcp(many);
    let output = server.ask(PATIENCE).await.unwrap();
    assert_eq!(output.stdout.lines().count(), 32);
    assert!(output.stdout.lines().all(|line| line.starts_with("example.com. 300 IN A 192.0.2.")), "{}", output.stdout);
}

#[tokio::test]
async fn tcp_fails_in_ways_of_its_own() {
    let closed = Server::new(|_, query| cut(query)).await;
    assert_eq!(closed.ask(PATIENCE).await.unwrap_err().class, ErrorClass::Unreachable);

    let other = |query: &Message| {
        let mut reply = good(query);
        reply.metadata.id = query.metadata.id.wrapping_add(1);
        bytes(&reply)
    };
    let cut_again = |query: &Message| cut(query).remove(0);
    let empty = |_: &Message| Vec::new();
    let stranger = Server::new(|_, query| cut(query)).await.over_tcp(other);
    assert_eq!(stranger.ask(PATIENCE).await.unwrap_err().class, ErrorClass::UnexpectedAnswer);
    let endless = Server::new(|_, query| cut(query)).await.over_tcp(cut_again);
    assert_eq!(endless.ask(PATIENCE).await.unwrap_err().class, ErrorClass::UnexpectedAnswer);
    let blank = Server::new(|_, query| cut(query)).await.over_tcp(empty);
    assert_eq!(blank.ask(PATIENCE).await.unwrap_err().class, ErrorClass::UnexpectedAnswer);
}

#[tokio::test]
async fn an_answer_longer_than_its_bound_is_cut_and_says_so() {
    let server = Server::new(|_, query| vec![bytes(&good(query))]).await;
    let config = ConnectionConfig::Dns(Arc::new(DnsConfig { server: "127.0.0.1".to_owned(), port: server.port }));
    let session = Session::open(&config, "default/test", &context()).await.unwrap();
    let (mut shape, parameters) = question("A");
    shape.max_output_bytes = 20;
    let failure = session.ask(super::question(&shape, &parameters, PATIENCE)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::OutputCut);
    assert_eq!(failure.partial.unwrap().stdout.len(), 20);
}
