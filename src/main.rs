//! The `tecrax` program.

fn main() {}
