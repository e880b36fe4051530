//! A chart of days, in text of at most 80 columns.

/// The counts of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// `YYYY-MM-DD`.
    pub(crate) date: String,
    /// Logins of that day; `None` if the source has no value.
    pub(crate) logins: Option<u64>,
    /// Sign-ups of that day.
    pub(crate) signups: Option<u64>,
}

const LOGINS_WIDTH: u64 = 34;
const SIGNUPS_WIDTH: u64 = 14;

/// One line for each day: the date, then a bar and a number for logins and for
/// sign-ups. Each kind has its own scale.
pub(crate) fn chart(days: &[Day]) -> String {
    let most = |of: fn(&Day) -> Option<u64>| days.iter().filter_map(of).max().unwrap_or(0);
    let most_logins = most(|day| day.logins);
    let most_signups = most(|day| day.signups);
    let mut lines =
        vec![format!("{:10}  {:34} {:>6}  {:14} {:>6}", "day", "logins", "", "sign-ups", "")];
    for day in days {
        lines.push(format!(
            "{:10}  {:34} {:>6}  {:14} {:>6}",
            day.date,
            bar(day.logins, most_logins, LOGINS_WIDTH),
            number(day.logins),
            bar(day.signups, most_signups, SIGNUPS_WIDTH),
            number(day.signups),
        ));
    }
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    trimmed.join("\n")
}

fn number(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A bar in eighths of a column. Any value above zero is visible.
fn bar(value: Option<u64>, most: u64, width: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let Some(value) = value.filter(|value| *value > 0) else {
        return String::new();
    };
    let share = u128::from(value) * u128::from(width) * 8 / u128::from(most.max(value));
    let eighths = usize::try_from(share).unwrap_or(0).max(1);
    let part = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(date: &str, logins: Option<u64>, signups: Option<u64>) -> Day {
        Day { date: date.to_owned(), logins, signups }
    }

    #[test]
    fn no_day_breaks_the_line_of_a_terminal() {
        let days = [
            day("2026-01-01", Some(999_999), Some(99_999)),
            day("2026-01-02", Some(1), None),
            day("2026-01-03", None, Some(0)),
        ];
        let chart = chart(&days);
        let widths: Vec<usize> = chart.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width <= 80), "{chart}");
        assert_eq!(widths.len(), 4);
    }

    #[test]
    fn what_is_not_zero_is_seen_and_what_is_zero_is_not() {
        assert_eq!(bar(Some(1), 1_000_000, 34), "▏");
        assert_eq!(bar(Some(0), 10, 34), "");
        assert_eq!(bar(None, 10, 34), "");
        assert_eq!(bar(Some(10), 10, 4), "████");
        assert_eq!(bar(Some(u64::MAX), u64::MAX, 4), "████");
        assert_eq!(bar(Some(5), 10, 3), "█▌");
    }
}
