//! Order of numbers, exact between integers and floats.

use std::cmp::Ordering;

use serde_json::Value;

/// Beyond this magnitude a float is larger than every integer of JSON.
const INTEGERS_END: f64 = 1e30;

/// A number that others are compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Numeric {
    /// An integer.
    Whole(i128),
    /// A finite float.
    Float(f64),
}

impl Numeric {
    /// A number of an observation; a boolean is none.
    pub(super) fn observed(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        number.as_i128().map(Self::Whole).or_else(|| number.as_f64().map(Self::Float))
    }

    /// A number of a rule; a boolean is 0 or 1.
    pub(super) fn written(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Whole(i128::from(*flag))),
            other => Self::observed(other),
        }
    }

    /// How it stands to `other`; `None` for what is no number.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(&right),
            (Self::Whole(left), Self::Float(right)) => whole_to_float(left, right),
            (Self::Float(left), Self::Whole(right)) => whole_to_float(right, left).map(Ordering::reverse),
        }
    }
}

fn whole_to_float(whole: i128, float: f64) -> Option<Ordering> {
    if float.abs() >= INTEGERS_END {
        return 0.0.partial_cmp(&float);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the fraction is compared apart, and the magnitude is bounded above")]
    let cut = float.trunc() as i128;
    let rest = float.fract();
    Some(whole.cmp(&cut).then(0.0.partial_cmp(&rest)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use serde_json::json;

    use super::Numeric;

    #[test]
    fn integers_and_floats_are_compared_exactly() {
        for (left, right, order) in [
            (json!(1), json!(1.5), Less),
            (json!(-1), json!(-1.5), Greater),
            (json!(10), json!(10.0), Equal),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0), Greater),
            (json!(u64::MAX), json!(1e300), Less),
            (json!(i64::MIN), json!(-1e300), Greater),
        ] {
            let (left, right) = (Numeric::observed(&left).unwrap(), Numeric::observed(&right).unwrap());
            assert_eq!(left.compare(right), Some(order));
            assert_eq!(right.compare(left), Some(order.reverse()));
        }
        assert_eq!(Numeric::observed(&json!(true)), None, "a boolean of an observation is no number");
        assert_eq!(Numeric::written(&json!(true)), Some(Numeric::Whole(1)), "one of a rule is");
    }
}
