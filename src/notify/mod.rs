//! Telling people: what every Sink should have been told, compared with what it was told, and the sending of the difference.
//!
//! Level-triggered. A [`Notice`] is one incident as it stands; [`due()`] compares all of them with a Sink's
//! [`Ledger`](crate::status::Ledger) and says what to send now; [`settled`] and [`health`] turn what came of it into the next ledger.
//! These are pure. A [`Courier`] sends: at least once, under an identity that never changes, so that whoever hears it twice can tell.
//!
//! * `notice`: what is told. * `due`: to whom, when. * `settle`: back-off. * `alertmanager`, `webhook`, `signature`: in which form.
//! * `courier`: the sending. * `fault`: every way that it can fail.

pub mod alertmanager;
mod courier;
mod due;
mod fault;
mod notice;
mod settle;
mod signature;
mod stamp;
pub mod webhook;

pub use courier::{Courier, TRY};
pub use due::{Due, GIVEN_UP, HEARTBEAT, due, held_up, next_due, obsolete, selects, spared};
pub use fault::Fault;
pub use notice::{Held, MAX_LINES, MAX_TARGETS, MAX_TEXT, Notice, NoticeTarget};
pub use settle::{MAX_BACK_OFF, back_off, health, resend, settled, under_way};
pub use stamp::Stamp;
