//! One condition of a rule.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::equal::equal;
use super::order::Numeric;
use super::path::Path;

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// Equal to the value; numbers and booleans by value.
    Equals,
    /// There, and not equal to the value.
    NotEquals,
    /// Equal to one of the values.
    In,
    /// There, `null` included.
    Exists,
    /// A number above the value.
    Gt,
    /// A number not below the value.
    Gte,
    /// A number below the value.
    Lt,
    /// A number not above the value.
    Lte,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 8] = [Self::Equals, Self::NotEquals, Self::In, Self::Exists, Self::Gt, Self::Gte, Self::Lt, Self::Lte];

    /// The word in packs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::In => "in",
            Self::Exists => "exists",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
        }
    }

    /// Reads the word; anything else is `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == word)
    }

    /// Whether it orders numbers.
    pub(super) const fn is_order(self) -> bool {
        matches!(self, Self::Gt | Self::Gte | Self::Lt | Self::Lte)
    }

    const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
            Self::Equals | Self::NotEquals | Self::In | Self::Exists => false,
        }
    }
}

/// A condition: what stands at a path, compared with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(super) path: String,
    pub(super) operator: Operator,
    pub(super) value: Value,
    way: Path,
}

impl Condition {
    pub(super) fn new(path: String, operator: Operator, value: Value) -> Self {
        let way = Path::parse(&path);
        Self { path, operator, value, way }
    }

    /// The dotted path; it starts with `facts.`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How it compares.
    pub const fn operator(&self) -> Operator {
        self.operator
    }

    /// What it compares with; of no meaning for [`Operator::Exists`].
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// What stands at the path of an observation.
    pub fn actual<'v>(&self, observation: &'v Value) -> Option<&'v Value> {
        self.way.resolve(observation)
    }

    /// Whether it holds of `actual`, what stands at its path. Nothing holds of what is not there.
    pub fn holds(&self, actual: Option<&Value>) -> bool {
        let Some(actual) = actual else { return false };
        match self.operator {
            Operator::Exists => true,
            Operator::Equals => equal(actual, &self.value),
            Operator::NotEquals => !equal(actual, &self.value),
            Operator::In => self.value.as_array().is_some_and(|values| values.iter().any(|value| equal(actual, value))),
            Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
                let order = Numeric::observed(actual)
                    .zip(Numeric::written(&self.value))
                    .and_then(|(actual, value)| actual.compare(value));
                order.is_some_and(|order| self.operator.accepts(order))
            }
        }
    }

    pub(super) fn way(&self) -> &Path {
        &self.way
    }

    /// As digests cover it: without the value where it has no meaning.
    pub(super) fn record(&self) -> Value {
        let mut record = Map::from_iter([
            ("path".to_owned(), Value::from(self.path.as_str())),
            ("operator".to_owned(), self.operator.as_str().into()),
        ]);
        if self.operator != Operator::Exists {
            record.insert("value".to_owned(), self.value.clone());
        }
        Value::Object(record)
    }
}

/// `facts.verdict.assessment equals "unhealthy"`
impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.path, self.operator.as_str())?;
        if self.operator == Operator::Exists { Ok(()) } else { write!(f, " {}", self.value) }
    }
}
