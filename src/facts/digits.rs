//! Decimal digits of every script (general category Nd, Unicode 17).

/// The zero of each run of ten digits, ascending.
const ZEROS: [char; 76] = [
    '\u{30}',
    '\u{660}',
    '\u{6F0}',
    '\u{7C0}',
    '\u{966}',
    '\u{9E6}',
    '\u{A66}',
    '\u{AE6}',
    '\u{B66}',
    '\u{BE6}',
    '\u{C66}',
    '\u{CE6}',
    '\u{D66}',
    '\u{DE6}',
    '\u{E50}',
    '\u{ED0}',
    '\u{F20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17E0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19D0}',
    '\u{1A80}',
    '\u{1A90}',
    '\u{1B50}',
    '\u{1BB0}',
    '\u{1C40}',
    '\u{1C50}',
    '\u{A620}',
    '\u{A8D0}',
    '\u{A900}',
    '\u{A9D0}',
    '\u{A9F0}',
    '\u{AA50}',
    '\u{ABF0}',
    '\u{FF10}',
    '\u{104A0}',
    '\u{10D30}',
    '\u{10D40}',
    '\u{11066}',
    '\u{110F0}',
    '\u{11136}',
    '\u{111D0}',
    '\u{112F0}',
    '\u{11450}',
    '\u{114D0}',
    '\u{11650}',
    '\u{116C0}',
    '\u{116D0}',
    '\u{116DA}',
    '\u{11730}',
    '\u{118E0}',
    '\u{11950}',
    '\u{11BF0}',
    '\u{11C50}',
    '\u{11D50}',
    '\u{11DA0}',
    '\u{11DE0}',
    '\u{11F50}',
    '\u{16A60}',
    '\u{16AC0}',
    '\u{16B50}',
    '\u{16D70}',
    '\u{1CCF0}',
    '\u{1D7CE}',
    '\u{1D7D8}',
    '\u{1D7E2}',
    '\u{1D7EC}',
    '\u{1D7F6}',
    '\u{1E140}',
    '\u{1E2F0}',
    '\u{1E4F0}',
    '\u{1E5F1}',
    '\u{1E950}',
    '\u{1FBF0}',
];

/// The value of a decimal digit of any script; superscripts, circled and Roman numerals have none.
pub(super) fn value(c: char) -> Option<u8> {
    if c.is_ascii() {
        return u8::try_from(c.to_digit(10)?).ok();
    }
    let after = ZEROS.partition_point(|zero| *zero <= c);
    let zero = ZEROS.get(after.checked_sub(1)?)?;
    let offset = u32::from(c) - u32::from(*zero);
    u8::try_from(offset).ok().filter(|digit| *digit < 10)
}

#[cfg(test)]
mod tests {
    use super::{ZEROS, value};

    #[test]
    fn every_run_is_ten_ascending_digits() {
        assert!(ZEROS.is_sorted(), "the lookup is a binary search");
        for zero in ZEROS {
            for digit in 0..10_u8 {
                let c = char::from_u32(u32::from(zero) + u32::from(digit));
                assert_eq!(c.and_then(value), Some(digit), "{zero:?} + {digit}");
                assert!(c.is_some_and(char::is_numeric), "{zero:?} + {digit} is not numeric");
            }
        }
    }

    #[test]
    fn numerals_that_are_not_decimal_have_no_value() {
        for c in ['²', '①', 'Ⅷ', '½', '〇', 'a', '/', ':', '\u{65F}', '\u{66A}'] {
            assert_eq!(value(c), None, "{c:?}");
        }
    }
}
