//! How a question and its answer travel.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use hickory_proto::op::Message;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

use super::message::{Question, Reply, random_id};
use crate::api::ErrorClass;
use crate::api::printable;
use crate::connect::{Failure, Meter};

/// How often a question is sent over UDP; the times divide the time limit evenly.
const SENDS: u32 = 3;
/// Longest datagram that is looked at; a longer one is cut, and then unreadable.
const DATAGRAM: usize = 4096;
/// Characters of a decoder's complaint that a failure quotes.
const MAX_QUOTED: usize = 120;

/// One address of a server.
#[derive(Debug)]
pub(super) struct Server<'m> {
    /// The server for people.
    pub(super) label: String,
    pub(super) address: SocketAddr,
    /// Counts what it sends.
    pub(super) meter: &'m Meter,
}

impl Server<'_> {
    /// The answer to `question` before `deadline`: over UDP, and over TCP when the server says that it did not fit.
    pub(super) async fn ask(&self, question: &Question, deadline: Instant) -> Result<Box<Message>, Failure> {
        let answer = timeout_at(deadline, async {
            let answer = self.over_udp(question, deadline).await?;
            if answer.metadata.truncation { self.over_tcp(question).await } else { Ok(answer) }
        });
        answer.await.unwrap_or_else(|_| Err(Failure::new(ErrorClass::Timeout, format!("{} did not answer", self.label))))
    }

    /// A socket of its own for every question: the operating system draws its port at random, and being connected it takes
    /// datagrams of nobody else and hears of a port that is closed. The same question is repeated on it, so that a late answer to
    /// the first one still counts.
    async fn over_udp(&self, question: &Question, deadline: Instant) -> Result<Box<Message>, Failure> {
        let any = if self.address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await.map_err(|error| self.lost(&error))?;
        socket.connect(self.address).await.map_err(|error| self.lost(&error))?;
        let id = random_id()?;
        let bytes = question.bytes(id)?;
        let step = deadline.saturating_duration_since(Instant::now()) / SENDS;
        let mut buffer = vec![0; DATAGRAM];
        loop {
            socket.send(&bytes).await.map_err(|error| self.lost(&error))?;
            let again = Instant::now() + step;
            while let Ok(received) = timeout_at(again, socket.recv(&mut buffer)).await {
                let length = received.map_err(|error| self.lost(&error))?;
                self.meter.add(length);
                match question.judge(id, buffer.get(..length).unwrap_or_default()) {
                    Reply::Answer(answer) => return Ok(answer),
                    Reply::Stranger => {}
                    Reply::Malformed(why) => return Err(self.malformed(&why)),
                }
            }
        }
    }

    async fn over_tcp(&self, question: &Question) -> Result<Box<Message>, Failure> {
        let id = random_id()?;
        let bytes = question.bytes(id)?;
        let length = u16::try_from(bytes.len()).map_err(|_| self.malformed("the question is too long"))?;
        let framed = [&length.to_be_bytes()[..], &bytes].concat();
        let mut stream = TcpStream::connect(self.address).await.map_err(|error| self.lost(&error))?;
        stream.write_all(&framed).await.map_err(|error| self.lost(&error))?;
        let length = stream.read_u16().await.map_err(|error| self.lost(&error))?;
        let mut reply = vec![0; usize::from(length)];
        // Counted before it comes: of half an answer nobody says how long it was.
        self.meter.add(reply.len());
        stream.read_exact(&mut reply).await.map_err(|error| self.lost(&error))?;
        match question.judge(id, &reply) {
            Reply::Answer(answer) if !answer.metadata.truncation => Ok(answer),
            Reply::Answer(_) => Err(self.malformed("the answer over TCP is cut")),
            Reply::Stranger => Err(self.malformed("the answer over TCP is for another question")),
            Reply::Malformed(why) => Err(self.malformed(&why)),
        }
    }

    fn lost(&self, error: &io::Error) -> Failure {
        let label = &self.label;
        let message = match error.kind() {
            io::ErrorKind::ConnectionRefused => format!("{label} is closed: no DNS server answers there"),
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => format!("{label} has no route from here"),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                return self.malformed("the server closed the connection before its answer was complete");
            }
            _ => format!("{label} can not be reached: {error}"),
        };
        Failure::new(ErrorClass::Unreachable, message).because(error)
    }

    fn malformed(&self, why: &str) -> Failure {
        let message = format!("{} answered with what is no DNS message: {}", self.label, printable(why, MAX_QUOTED));
        Failure::new(ErrorClass::UnexpectedAnswer, message)
    }
}
