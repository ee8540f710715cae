//! A time as the arguments write it: `"500ms"`, `"2s"`, `"1m"`.

/// The milliseconds in `text`, if it is a whole number with a unit, and not nothing.
pub(crate) fn milliseconds(text: &str) -> Option<u64> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let factor = match unit.trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor).filter(|ms| *ms > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_a_unit_is_a_time() {
        assert_eq!(milliseconds("75ms"), Some(75));
        assert_eq!(milliseconds("2s"), Some(2_000));
        assert_eq!(milliseconds("1 m"), Some(60_000));
    }

    #[test]
    fn anything_else_is_none() {
        for text in
            ["", "2", "s", "-2s", "0s", "2.5s", "2h", "2 seconds", "99999999999999999999s", "18446744073709551615m"]
        {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}
