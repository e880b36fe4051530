//! RFC 3339 in all its forms: any offset, any number of decimals, any separator
//! between day and time, leap seconds. By hand, since any library takes up ten
//! kilobytes of a component.

use super::timestamp::{HOUR, MINUTE, Milliseconds, Timestamp, millis, pair};

/// The instant that a text names; finer digits than milliseconds are cut off.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let (local, rest) = text.as_bytes().split_first_chunk::<19>()?;
    #[rustfmt::skip]
    let [
        y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, _,
        h0, h1, b':', n0, n1, b':', s0, s1,
    ] = *local else { return None };
    let ([d, c, m], rest) = decimals(rest)?;
    let is_leap_second = [s0, s1] == *b"60";
    let [s0, s1, f0, f1, f2] = match is_leap_second {
        true => *b"59999",
        false => [s0, s1, d, c, m],
    };
    let local = [y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, f0, f1, f2];
    let at = Timestamp::from_millis(millis(&local)? - offset(rest)?)?;
    (!is_leap_second || at.ends_a_month()).then_some(at)
}

/// The three digits of the milliseconds, and what follows all decimals.
fn decimals(rest: &[u8]) -> Option<([u8; 3], &[u8])> {
    let mut millis = *b"000";
    let Some((b'.', rest)) = rest.split_first() else { return Some((millis, rest)) };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at_checked(count)?;
    for (milli, digit) in millis.iter_mut().zip(digits) {
        *milli = *digit;
    }
    (count > 0).then_some((millis, rest))
}

/// How far local time is ahead of UTC.
fn offset(text: &[u8]) -> Option<Milliseconds> {
    let [sign, h0, h1, b':', m0, m1] = *text else {
        return matches!(text, b"Z" | b"z").then_some(0);
    };
    let (hours, minutes) = (pair(h0, h1)?, pair(m0, m1)?);
    let ahead = i64::from(hours) * HOUR + i64::from(minutes) * MINUTE;
    match sign {
        _ if hours > 23 || minutes > 59 => None,
        b'+' => Some(ahead),
        b'-' => Some(-ahead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    fn by_the_library(text: &str) -> Option<Timestamp> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        Timestamp::from_millis(at.unix_timestamp() * 1000 + i64::from(at.millisecond()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_form_is_read_as_the_library_reads_it(
            date in (1960..2110_u16, 0..14_u8, 0..33_u8), separator in "[Tt _]",
            time in (0..25_u8, 0..61_u8, 0..62_u8), decimals in "(\\.[0-9]{0,12})?",
            offset in "[Zz]|[+-][012][0-9]:[0-6][0-9]", damage in 0..120_usize, by in "[ -~]",
        ) {
            let ((year, month, day), (hour, minute, second)) = (date, time);
            let date = format!("{year:04}-{month:02}-{day:02}");
            let mut text =
                format!("{date}{separator}{hour:02}:{minute:02}:{second:02}{decimals}{offset}");
            if damage < text.len() {
                text.replace_range(damage..=damage, &by);
            }
            prop_assert_eq!(parse(&text), by_the_library(&text), "{}", text);
        }
    }

    #[test]
    fn instants_at_the_edges_are_read_as_the_library_reads_them() {
        for text in [
            "1970-01-01T00:00:00+00:01",
            "1969-12-31T23:59:00-00:01",
            "1969-12-31T23:59:60Z",
            "9999-12-31T23:59:59.999Z",
            "9999-12-31T23:59:60Z",
            "9999-12-31T23:59:59-00:01",
            "1990-12-31T15:59:60-08:00",
            "1990-12-31T23:59:60.5Z",
            "1990-12-30T23:59:60Z",
            "2024-02-29T23:59:60Z",
            "2024-02-29T12:00:00.Z",
            "2024-02-29T12:00:00Z ",
            "2024-02-29é12:00:00Z",
            "",
        ] {
            assert_eq!(parse(text), by_the_library(text), "{text}");
        }
    }
}
