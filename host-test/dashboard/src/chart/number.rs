//! Numbers as text.

/// With commas between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// For an axis, where there is little room: `5,000`, `20k`, `1.5M`.
pub(super) fn short(number: u128) -> String {
    const UNITS: [(u128, &str); 6] = [
        (1_000_000_000_000_000_000, "E"),
        (1_000_000_000_000_000, "P"),
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
        (1_000, "k"),
    ];
    if number < 10_000 {
        return grouped(u64::try_from(number).unwrap_or(0));
    }
    let unit = UNITS.iter().find(|(size, _)| number >= *size);
    let (size, unit) = unit.copied().unwrap_or((1, ""));
    match (number / size, number % size * 10 / size) {
        (whole, 0) => format!("{whole}{unit}"),
        (whole, tenth) => format!("{whole}.{tenth}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped_by_thousands() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn no_number_is_wider_than_the_axis() {
        for (number, text) in [(9_999, "9,999"), (10_000, "10k"), (1_500_000, "1.5M")] {
            assert_eq!(short(number), text);
        }
        for exponent in 0..20 {
            assert!(short(15 * 10_u128.pow(exponent)).len() <= 5, "{exponent}");
        }
    }
}
