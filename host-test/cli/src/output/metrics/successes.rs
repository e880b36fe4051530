//! The last successes, which outlive a sync that fails.

use std::collections::BTreeMap;

use super::{LAST_SUCCESS, RESOURCE_LAST_SUCCESS};

/// When a connector and its resources were last successful, in Unix seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Successes {
    /// The whole sync.
    pub(super) of_sync: Option<f64>,
    /// Each resource by its name in storage.
    pub(super) of_resources: BTreeMap<String, f64>,
}

impl Successes {
    /// Those of a connector in the text of an earlier sync. Lines that are not as this
    /// program writes them are ignored.
    pub(super) fn parse(text: &str, connector: &str) -> Successes {
        let mut successes = Successes::default();
        for (name, labels, value) in text.lines().filter_map(sample) {
            let label = |name: &str| labels.get(name).map(String::as_str);
            if label("connector") != Some(connector) {
                continue;
            }
            match (name, label("resource")) {
                (LAST_SUCCESS, None) => successes.of_sync = Some(value),
                (RESOURCE_LAST_SUCCESS, Some(resource)) => {
                    successes.of_resources.insert(resource.to_owned(), value);
                }
                _ => {}
            }
        }
        successes
    }
}

/// The name, the labels and the value of a line that is a sample.
fn sample(line: &str) -> Option<(&str, BTreeMap<String, String>, f64)> {
    let (name, mut rest) = line.split_once('{')?;
    let mut labels = BTreeMap::new();
    while !rest.starts_with('}') {
        let (label, quoted) = rest.trim_start_matches(',').split_once("=\"")?;
        let (value, behind) = unescaped(quoted)?;
        labels.insert(label.to_owned(), value);
        rest = behind;
    }
    let value: f64 = rest.strip_prefix("} ")?.parse().ok()?;
    Some((name, labels, value)).filter(|_| value.is_finite())
}

/// The value up to its closing quote, and what is behind that.
fn unescaped(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(match characters.next()? {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_this_programs_costs_no_sync() {
        for line in [
            "",
            "{",
            "# HELP a b",
            "a 1",
            "rawdash_sync_last_success_timestamp_seconds{connector=\"a\"} soon",
            "rawdash_sync_last_success_timestamp_seconds{connector=\"a\"} NaN",
            "rawdash_sync_last_success_timestamp_seconds{connector=\"a",
            "rawdash_sync_last_success_timestamp_seconds{connector=\"a\\",
            "rawdash_sync_last_success_timestamp_seconds{connector=\"a\"",
            "rawdash_sync_last_success_timestamp_seconds{connector}",
            "rawdash_sync_resource_last_success_timestamp_seconds{connector=\"a\"} 5",
        ] {
            assert_eq!(Successes::parse(line, "a"), Successes::default(), "{line}");
        }
    }
}
