//! Any datagram that a DNS server can send, up to what the facts make of it.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use proptest::prelude::*;
use serde_json::Value;

use crate::connect::fuzz::dns_answer;
use crate::facts::{Context, Reading, Readings, normalizer};

const ID: u16 = 0x5ec1;
/// Most lines of an answer.
const LINES: usize = 32;

fn ours() -> Name {
    Name::from_ascii("example.com.").unwrap()
}

fn name() -> impl Strategy<Value = Name> {
    let names = vec!["example.com.", "EXAMPLE.com.", "a.example.net.", "b.example.net.", "."];
    prop_oneof![
        prop::sample::select(names).prop_map(|name| Name::from_ascii(name).unwrap()),
        prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 1..5)
            .prop_map(|labels| Name::from_labels(labels).unwrap()),
    ]
}

fn data() -> impl Strategy<Value = RData> {
    let known = vec![[0, 0, 0, 0], [127, 0, 0, 1], [192, 0, 2, 1]];
    prop_oneof![
        prop::sample::select(known).prop_map(|address| RData::A(A(Ipv4Addr::from(address)))),
        any::<[u8; 4]>().prop_map(|address| RData::A(A(Ipv4Addr::from(address)))),
        any::<[u8; 16]>().prop_map(|address| RData::AAAA(AAAA(Ipv6Addr::from(address)))),
        name().prop_map(|name| RData::CNAME(CNAME(name))),
        "[ -~]{0,40}".prop_map(|text| RData::TXT(TXT::new(vec![text]))),
    ]
}

fn records(most: usize) -> impl Strategy<Value = Vec<Record>> {
    let record = (name(), any::<u32>(), data()).prop_map(|(owner, ttl, data)| Record::from_rdata(owner, ttl, data));
    prop::collection::vec(record, 0..most)
}

fn response(asked: Name, records: Vec<Record>) -> Message {
    let mut message = Message::new(ID, MessageType::Response, OpCode::Query);
    message.add_query(Query::query(asked, RecordType::A));
    for record in records {
        message.add_answer(record);
    }
    message
}

/// A well-formed message, which need not answer the question.
fn message() -> impl Strategy<Value = Message> {
    let asked = prop_oneof![3 => Just(ours()), 1 => name()];
    let code = prop::sample::select(vec![0_u8, 0, 0, 2, 3, 5, 11]);
    (code, asked, records(40)).prop_map(|(code, asked, records)| {
        let mut message = response(asked, records);
        message.metadata.response_code = ResponseCode::from(0, code);
        message
    })
}

/// What the facts make of the printed answer.
fn resolves(printed: &str) -> Value {
    let readings = Readings::from([("read_adguard_dns_resolution".to_owned(), Reading::taken(printed))]);
    normalizer("normalize_adguard_health").unwrap()(&readings, &Context { target: "x" }).unwrap()["dns_resolves"].clone()
}

fn is_printable(text: &str) -> bool {
    text.ends_with('\n')
        && text.lines().count() <= LINES
        && text.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// No bytes make it panic; only a response with our id is an answer, and an answer prints as a few plain lines.
    #[test]
    fn any_datagram_is_survived(mut bytes in prop::collection::vec(any::<u8>(), 0..600), framed: bool) {
        if framed && bytes.len() > 2 {
            bytes[..2].copy_from_slice(&ID.to_be_bytes());
            bytes[2] |= 0x80;
        }
        let ours = bytes.len() >= 12 && bytes[..2] == ID.to_be_bytes() && bytes[2] & 0x80 != 0;
        if let Some(printed) = dns_answer("example.com", "A", ID, &bytes) {
            prop_assert!(ours && is_printable(&printed), "{}", printed);
        }
    }

    /// Whatever a message holds, however it is damaged: it counts as resolving only without an error, for our question and with an
    /// address of somebody else.
    #[test]
    fn only_an_answer_with_an_address_counts(
        message in message(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = message.to_vec().expect("a message that can be written");
        for (place, with) in &flips {
            let place = place.index(bytes.len() - 2) + 2;
            bytes[place] = *with;
        }
        let Some(printed) = dns_answer("example.com", "A", ID, &bytes) else { return Ok(()) };
        prop_assert!(is_printable(&printed), "{}", printed);
        let read = Message::from_vec(&bytes).expect("what was answered can be read");
        let is_address = |record: &Record| {
            matches!(&record.data, RData::A(address) if !address.0.is_unspecified() && !address.0.is_loopback())
        };
        let good = read.metadata.response_code == ResponseCode::NoError && read.answers.iter().any(is_address);
        prop_assert!(good || resolves(&printed) == Value::Bool(false), "{}", printed);
    }

    /// A good answer always counts, wherever it stands among records of others.
    #[test]
    fn a_good_answer_counts(records in records(8), place in any::<prop::sample::Index>()) {
        let mut records = records;
        let good = Record::from_rdata(ours(), 60, RData::A(A(Ipv4Addr::new(192, 0, 2, 7))));
        records.insert(place.index(records.len() + 1), good);
        let bytes = response(ours(), records).to_vec().unwrap();
        let printed = dns_answer("example.com", "A", ID, &bytes).expect("an answer");
        prop_assert_eq!(resolves(&printed), Value::Bool(true), "{}", printed);
    }
}
