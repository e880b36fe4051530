//! Values that are not as documented.

/// What could not be read in the rows of a page: which value, why, how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anomalies(Vec<Anomaly>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Anomaly {
    what: &'static str,
    why: &'static str,
    times: u32,
}

impl Anomalies {
    /// Counts one value, or one row, that could not be read.
    pub fn count(&mut self, what: &'static str, why: &'static str) {
        let place = |anomaly: &Anomaly| (anomaly.what, anomaly.why);
        match self.0.binary_search_by_key(&(what, why), place) {
            Ok(at) => {
                if let Some(anomaly) = self.0.get_mut(at) {
                    anomaly.times = anomaly.times.saturating_add(1);
                }
            }
            Err(at) => self.0.insert(at, Anomaly { what, why, times: 1 }),
        }
    }

    /// How many there were.
    pub fn total(&self) -> u32 {
        self.0.iter().fold(0, |sum, anomaly| sum.saturating_add(anomaly.times))
    }

    /// `created_at is not a date (2), user_id is missing (1)`.
    pub fn summary(&self) -> String {
        let part =
            |anomaly: &Anomaly| format!("{} {} ({})", anomaly.what, anomaly.why, anomaly.times);
        self.0.iter().map(part).collect::<Vec<_>>().join(", ")
    }
}
