//! The socket between tecrax and the template: each message is an order, with what its helper is given.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::cmsg_space;
use rustix::io::{Errno, Result};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

/// What goes with every order.
const GIVEN: usize = 3;

/// What a helper is given: the pipes that the command writes to, and the socket on which the helper says how it went.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
    pub(super) control: OwnedFd,
}

/// What came over the socket.
#[derive(Debug)]
pub(super) enum Received {
    /// An order: so many bytes of the buffer.
    Order(usize, Given),
    /// Something else, or less than belongs to an order: this process may have no more open files.
    Scrap,
    /// Nobody is left who could send anything.
    End,
}

/// Both ends: what is sent is one message or none of it.
pub(super) fn pair() -> Result<(OwnedFd, OwnedFd)> {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
}

/// Sends an order without waiting. `EAGAIN`: too many are waiting there already.
pub(super) fn send(socket: impl AsFd, message: &[u8], given: [BorrowedFd<'_>; GIVEN]) -> Result<()> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(GIVEN))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&given)) {
        return Err(Errno::NOBUFS);
    }
    sendmsg(socket, &[IoSlice::new(message)], &mut control, SendFlags::DONTWAIT | SendFlags::NOSIGNAL).map(drop)
}

/// Receives what is there, without waiting.
pub(super) fn receive(socket: impl AsFd, buffer: &mut [u8]) -> Result<Received> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(GIVEN))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let received = recvmsg(socket, &mut [IoSliceMut::new(buffer)], &mut control, flags)?;
    let mut descriptors = Vec::with_capacity(GIVEN);
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(some) = message {
            descriptors.extend(some);
        }
    }
    if received.bytes == 0 && descriptors.is_empty() {
        return Ok(Received::End);
    }
    let is_cut = received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC);
    Ok(match <[OwnedFd; GIVEN]>::try_from(descriptors) {
        Ok([stdout, stderr, control]) if !is_cut => Received::Order(received.bytes, Given { stdout, stderr, control }),
        _ => Received::Scrap,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what does not hold fails the test")]
mod tests {
    use std::os::fd::AsFd as _;

    use rustix::io::Errno;
    use rustix::pipe::pipe;

    use super::{Received, pair, receive, send};

    #[test]
    fn an_order_arrives_whole_with_its_three_descriptors_and_nothing_waits() {
        let (ours, theirs) = pair().unwrap();
        let mut buffer = [0; 16];
        assert!(matches!(receive(&theirs, &mut buffer), Err(Errno::AGAIN)));
        let (reader, writer) = pipe().unwrap();
        send(&ours, b"one", [writer.as_fd(), writer.as_fd(), reader.as_fd()]).unwrap();
        send(&ours, b"two", [writer.as_fd(), writer.as_fd(), reader.as_fd()]).unwrap();
        drop((writer, reader));
        let Received::Order(3, given) = receive(&theirs, &mut buffer).unwrap() else { panic!("no order") };
        assert_eq!(&buffer[..3], b"one");
        rustix::io::write(&given.stdout, b"!").unwrap();
        assert_eq!(rustix::io::read(&given.control, &mut buffer).unwrap(), 1);
        assert!(matches!(receive(&theirs, &mut buffer), Ok(Received::Order(3, _))));
        drop(ours);
        assert!(matches!(receive(&theirs, &mut buffer), Ok(Received::End)));
    }

    #[test]
    fn what_is_too_long_or_brings_nothing_is_scrap() {
        let (ours, theirs) = pair().unwrap();
        let mut buffer = [0; 2];
        send(&ours, b"long", [ours.as_fd(); 3]).unwrap();
        assert!(matches!(receive(&theirs, &mut buffer), Ok(Received::Scrap)));
        rustix::io::write(&ours, b"1").unwrap();
        assert!(matches!(receive(&theirs, &mut buffer), Ok(Received::Scrap)));
    }

    #[test]
    fn a_full_socket_says_so_and_a_dead_one_too() {
        let (ours, theirs) = pair().unwrap();
        let end = loop {
            if let Err(error) = send(&ours, &[0; 4096], [ours.as_fd(); 3]) {
                break error;
            }
        };
        // Descriptors that are under way are counted, too, for accounts without privileges.
        assert!(matches!(end, Errno::AGAIN | Errno::TOOMANYREFS), "{end}");
        drop(theirs);
        let end = send(&ours, b"1", [ours.as_fd(); 3]).unwrap_err();
        assert!(super::super::templates::is_gone(end), "{end}");
    }
}
