//! A stream that its owner can cut. The SSH library keeps a connection in a task of its own, which goes on waiting for a silent
//! server when everybody who cared is gone; cutting the stream under it is the one way to end it at once.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

/// Cuts the stream when it is dropped.
#[derive(Debug)]
pub(super) struct Cut {
    _sender: oneshot::Sender<Infallible>,
}

/// `inner` until it is cut; from then on every read fails.
pub(super) struct Cuttable<S> {
    inner: S,
    cut: Option<oneshot::Receiver<Infallible>>,
}

impl<S> Cuttable<S> {
    /// Wraps a stream.
    pub(super) fn new(inner: S) -> (Self, Cut) {
        let (sender, receiver) = oneshot::channel();
        (Self { inner, cut: Some(receiver) }, Cut { _sender: sender })
    }

    fn poll_cut(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let is_cut = self.cut.as_mut().is_none_or(|cut| Pin::new(cut).poll(context).is_ready());
        if is_cut {
            self.cut = None;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Cuttable<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_cut(context)?;
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Cuttable<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_cut(context)?;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_cut(context)?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::Cuttable;

    #[tokio::test]
    async fn a_waiting_reader_ends_when_the_stream_is_cut() {
        let (mut far, near) = tokio::io::duplex(64);
        let (mut stream, cut) = Cuttable::new(near);
        far.write_all(b"a").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'a');
        let reader = tokio::spawn(async move { stream.read_u8().await.is_err() });
        tokio::task::yield_now().await;
        drop(cut);
        assert!(reader.await.unwrap());
    }
}
