//! How many cases a property has.

/// As many as `PROPTEST_CASES` says, which is how `tests/campaign` asks for more; `each` when nobody asks. A number in a
/// `ProptestConfig` would win over the variable.
pub fn cases(each: u32) -> u32 {
    match std::env::var("PROPTEST_CASES") {
        Ok(asked) => asked.parse().expect("PROPTEST_CASES is a number"),
        Err(_) => each,
    }
}
