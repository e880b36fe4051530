//! Spans of time as people write them: `20ms`, `90s`, `5m`, `36h`, `7d`, `2w`.

use std::time::Duration;

/// Reads a span: a whole number and its unit.
///
/// # Errors
/// One clause that says how to write it.
pub fn span(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("{text:?} is not a span: write a number and ms, s, m, h, d or w, as in 90s");
    let unit = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
    let (digits, unit) = text.split_at(unit);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        "w" => 7 * 24 * 60 * 60 * 1000,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(wrong)
}

/// Reads the span between two syncs.
///
/// # Errors
/// One clause that says how to write it.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    match span(text)? {
        interval if interval >= Duration::from_secs(1) => Ok(interval),
        _ => Err(format!("{text:?} is too short: write 1s or more, as in 15m")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_never_taken_for_another_unit() {
        assert_eq!(span("20ms"), Ok(Duration::from_millis(20)));
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("5m", 300),
            ("36h", 129_600),
            ("7d", 604_800),
            ("2w", 1_209_600),
        ] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "5", "s", "-5m", "+5m", "5 m", "1.5h", "5M", "5min", "é", "99999999999999999999w"]
        {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_interval_never_lets_a_loop_sync_without_a_pause() {
        assert_eq!(interval("1s"), Ok(Duration::from_secs(1)));
        for text in ["0s", "999ms", "15"] {
            assert!(interval(text).is_err(), "{text}");
        }
    }
}
