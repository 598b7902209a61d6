//! Servers that mean no good, on loopback: each behaves badly in one way, towards everybody, until the test ends.

pub mod http;
pub mod ssh;
pub mod tcp;
pub mod tls;
pub mod withheld;
