//! Any bytes that a DNS server can send.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what does not hold fails the test"
)]

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use proptest::prelude::*;
use serde_json::Value;

use super::message::{Question, Reply};
use super::print::text;
use crate::facts::{Context, Reading, Readings, normalizer};

const ID: u16 = 0x5ec1;

fn question() -> Question {
    Question::new("example.com", "A").unwrap()
}

fn name() -> impl Strategy<Value = Name> {
    let names = ["example.com.", "EXAMPLE.com.", "a.example.net.", "b.example.net.", "."];
    prop_oneof![
        prop::sample::select(names.to_vec()).prop_map(|name| Name::from_ascii(name).unwrap()),
        prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 1..5)
            .prop_map(|labels| Name::from_labels(labels).unwrap()),
    ]
}

fn data() -> impl Strategy<Value = RData> {
    let known = [[0, 0, 0, 0], [127, 0, 0, 1], [192, 0, 2, 1]];
    prop_oneof![
        prop::sample::select(known.to_vec()).prop_map(|address| RData::A(A(Ipv4Addr::from(address)))),
        any::<[u8; 4]>().prop_map(|address| RData::A(A(Ipv4Addr::from(address)))),
        any::<[u8; 16]>().prop_map(|address| RData::AAAA(AAAA(Ipv6Addr::from(address)))),
        name().prop_map(|name| RData::CNAME(CNAME(name))),
        "[ -~]{0,40}".prop_map(|text| RData::TXT(TXT::new(vec![text]))),
    ]
}

/// A well-formed message, which need not answer the question.
fn message() -> impl Strategy<Value = Message> {
    let records = prop::collection::vec((name(), any::<u32>(), data()), 0..40);
    (prop::sample::select(vec![0_u16, 0, 0, 2, 3, 5, 11]), any::<bool>(), name(), any::<bool>(), records).prop_map(
        |(code, ours, other, aaaa, records)| {
            let mut message = Message::new(ID, MessageType::Response, OpCode::Query);
            message.metadata.response_code = ResponseCode::from(0, u8::try_from(code).unwrap());
            let asked = if ours { Name::from_ascii("example.com.").unwrap() } else { other };
            message.add_query(Query::query(asked, if aaaa && !ours { RecordType::AAAA } else { RecordType::A }));
            for (owner, ttl, data) in records {
                message.add_answer(Record::from_rdata(owner, ttl, data));
            }
            message
        },
    )
}

/// What the facts make of the printed answer.
fn resolves(printed: &str) -> Value {
    let readings = Readings::from([("read_adguard_dns_resolution".to_owned(), Reading::taken(printed))]);
    normalizer("normalize_adguard_health").unwrap()(&readings, &Context { target: "x" }).unwrap()["dns_resolves"].clone()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// No bytes make it panic or hang, and only a response with our id is more than a stranger.
    #[test]
    fn any_bytes_are_survived(mut bytes in prop::collection::vec(any::<u8>(), 0..600), framed: bool) {
        if framed && bytes.len() > 2 {
            bytes[..2].copy_from_slice(&ID.to_be_bytes());
            bytes[2] |= 0x80;
        }
        let ours = bytes.len() >= 12 && bytes[..2] == ID.to_be_bytes() && bytes[2] & 0x80 != 0;
        match question().judge(ID, &bytes) {
            Reply::Stranger => {}
            Reply::Answer(answer) => {
                prop_assert!(ours);
                prop_assert!(text(&question(), &answer).lines().count() <= 32);
            }
            Reply::Malformed(_) => prop_assert!(ours),
        }
    }

    /// Whatever a message holds: it counts as resolving only without an error code, for our question, and with a real address.
    #[test]
    fn only_an_answer_with_an_address_counts(message in message(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3)) {
        let mut bytes = message.to_vec().expect("a message that can be written");
        for (place, with) in &flips {
            let place = place.index(bytes.len() - 2) + 2;
            bytes[place] = *with;
        }
        if let Reply::Answer(answer) = question().judge(ID, &bytes) {
            let printed = text(&question(), &answer);
            prop_assert!(printed.ends_with('\n') && printed.lines().count() <= 32);
            let real = |record: &Record| matches!(&record.data, RData::A(address)
                if !address.0.is_unspecified() && !address.0.is_loopback());
            let good = answer.metadata.response_code == ResponseCode::NoError && answer.answers.iter().any(real);
            let said = resolves(&printed);
            prop_assert!(good || said == Value::Bool(false), "{printed}");
        }
    }

    /// A good answer always counts, wherever it stands among other records.
    #[test]
    fn a_good_answer_counts(records in prop::collection::vec((name(), any::<u32>(), data()), 0..8), place in any::<prop::sample::Index>()) {
        let mut message = Message::new(ID, MessageType::Response, OpCode::Query);
        message.add_query(Query::query(Name::from_ascii("example.com.").unwrap(), RecordType::A));
        let good = || Record::from_rdata(Name::from_ascii("example.com.").unwrap(), 60, RData::A(A(Ipv4Addr::new(192, 0, 2, 7))));
        let at = place.index(records.len() + 1);
        for (index, (owner, ttl, data)) in records.into_iter().enumerate() {
            if index == at {
                message.add_answer(good());
            }
            message.add_answer(Record::from_rdata(owner, ttl, data));
        }
        if message.answers.iter().all(|record| *record != good()) {
            message.add_answer(good());
        }
        let bytes = message.to_vec().unwrap();
        let Reply::Answer(answer) = question().judge(ID, &bytes) else { panic!("no answer") };
        prop_assert_eq!(resolves(&text(&question(), &answer)), Value::Bool(true));
    }
}
