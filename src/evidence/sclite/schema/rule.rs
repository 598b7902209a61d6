//! What a value must be, as data.

/// What a value must be. Everything that is not said is allowed.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) constant: Option<Constant>,
    pub(super) one_of: &'static [&'static str],
    /// Kinds as [`Json::kind`](crate::evidence::json::Json::kind) names them; empty for any.
    pub(super) kinds: &'static [&'static str],
    /// In characters.
    pub(super) length: Bounds,
    pub(super) pattern: Option<Pattern>,
    pub(super) range: Bounds,
    /// In the order of the check.
    pub(super) members: &'static [Member],
    /// The order in which absent members are reported, where it is not that of the members.
    pub(super) required: &'static [&'static str],
    /// Whether other members are refused.
    pub(super) closed: bool,
    pub(super) items: Option<&'static Rule>,
    pub(super) count: Bounds,
}

/// A smallest and a largest number, both allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
}

/// The one value that is allowed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Constant {
    Text(&'static str),
    Bool(bool),
}

/// The form of a text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pattern {
    /// 64 lower-case hex digits.
    Hex,
    /// `sha256:` and those.
    PrefixedHex,
}

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) rule: Rule,
}

const ANY: Bounds = Bounds { min: None, max: None };

const fn of(kinds: &'static [&'static str]) -> Rule {
    Rule {
        constant: None,
        one_of: &[],
        kinds,
        length: ANY,
        pattern: None,
        range: ANY,
        members: &[],
        required: &[],
        closed: false,
        items: None,
        count: ANY,
    }
}

/// Any text.
pub(super) const fn text() -> Rule {
    of(&["string"])
}

/// A text of `min` to `max` characters.
pub(super) const fn text_between(min: i64, max: i64) -> Rule {
    Rule { length: Bounds { min: Some(min), max: Some(max) }, ..text() }
}

/// A text of at least `min` characters.
pub(super) const fn text_from(min: i64) -> Rule {
    Rule { length: Bounds { min: Some(min), max: None }, ..text() }
}

/// A text that is not empty.
pub(super) const fn filled() -> Rule {
    text_from(1)
}

/// A text of at most `max` characters, or `null`.
pub(super) const fn text_or_null(max: i64) -> Rule {
    Rule { length: Bounds { min: None, max: Some(max) }, ..of(&["string", "null"]) }
}

/// A text of this form.
pub(super) const fn form(pattern: Pattern) -> Rule {
    Rule { pattern: Some(pattern), ..text() }
}

/// This text and no other.
pub(super) const fn word(word: &'static str) -> Rule {
    Rule { constant: Some(Constant::Text(word)), ..of(&[]) }
}

/// This boolean and not the other.
pub(super) const fn always(flag: bool) -> Rule {
    Rule { constant: Some(Constant::Bool(flag)), ..of(&[]) }
}

/// One of these texts.
pub(super) const fn one_of(words: &'static [&'static str]) -> Rule {
    Rule { one_of: words, ..of(&[]) }
}

/// A boolean.
pub(super) const fn boolean() -> Rule {
    of(&["boolean"])
}

/// A boolean or `null`.
pub(super) const fn boolean_or_null() -> Rule {
    of(&["boolean", "null"])
}

/// An integer from `min`.
pub(super) const fn integer_from(min: i64) -> Rule {
    Rule { range: Bounds { min: Some(min), max: None }, ..of(&["integer"]) }
}

/// An integer from `min` to `max`.
pub(super) const fn integer_between(min: i64, max: i64) -> Rule {
    Rule { range: Bounds { min: Some(min), max: Some(max) }, ..of(&["integer"]) }
}

/// A list of `items`; without them of anything.
pub(super) const fn list(items: Option<&'static Rule>) -> Rule {
    Rule { items, ..of(&["array"]) }
}

/// A list of at least `min` `items`.
pub(super) const fn list_from(min: i64, items: &'static Rule) -> Rule {
    Rule { count: Bounds { min: Some(min), max: None }, ..list(Some(items)) }
}

/// A list of at most `max` `items`.
pub(super) const fn list_to(max: i64, items: &'static Rule) -> Rule {
    Rule { count: Bounds { min: None, max: Some(max) }, ..list(Some(items)) }
}

/// An object that may have other members.
pub(super) const fn open(members: &'static [Member]) -> Rule {
    Rule { members, ..of(&["object"]) }
}

/// Any object.
pub(super) const fn free() -> Rule {
    open(&[])
}

/// An object without other members.
pub(super) const fn closed(members: &'static [Member]) -> Rule {
    Rule { closed: true, ..open(members) }
}

/// A member that must be there.
pub(super) const fn must(name: &'static str, rule: Rule) -> Member {
    Member { name, required: true, rule }
}

/// A member that may be absent.
pub(super) const fn may(name: &'static str, rule: Rule) -> Member {
    Member { name, required: false, rule }
}
