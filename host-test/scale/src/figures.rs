//! What trials led to, as a table.

use std::fmt;
use std::time::Duration;

use crate::usage::Usage;

/// What one trial led to.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The tenants.
    pub tenants: usize,
    /// The workers.
    pub workers: usize,
    /// What was killed.
    pub killed: Killed,
    /// How long it took.
    pub wall: Duration,
    /// The rows that were compared.
    pub compared: usize,
    /// The rows that only one of the two syncs stored.
    pub differing: usize,
    /// The requests that the tenants received.
    pub requests: u64,
    /// The requests that were answered with 429.
    pub refused: u64,
    /// What the workers that ran at the end had used.
    pub usage: Usage,
}

/// How often what was killed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Killed {
    /// Workers.
    pub workers: usize,
    /// The engine.
    pub engine: usize,
    /// The store.
    pub store: usize,
}

/// Several trials.
pub struct Table {
    latency: Duration,
    trials: Vec<Figures>,
}

impl Table {
    /// A table of trials with this latency.
    pub fn new(latency: Duration) -> Table {
        Table { latency, trials: Vec::new() }
    }

    /// Adds a trial.
    pub fn add(&mut self, figures: Figures) {
        self.trials.push(figures);
    }

    /// The rows that differ in any trial.
    pub fn rows_that_differ(&self) -> usize {
        self.trials.iter().map(|trial| trial.differing).sum()
    }

    /// The requests of the trial without kills before this one, with as many workers.
    fn calm(&self, of: &Figures) -> Option<u64> {
        let calm =
            self.trials.iter().find(|trial| trial.workers == of.workers && trial.killed.sum() == 0);
        calm.map(|trial| trial.requests)
    }
}

impl Killed {
    fn sum(self) -> usize {
        self.workers + self.engine + self.store
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Latency of each request: {} ms.\n", self.latency.as_millis())?;
        writeln!(
            f,
            "| tenants | workers | kills: workers | engine | store | wall | rows compared | rows \
             that differ | requests | more than without kills | 429s | CPU per tenant | memory of \
             a worker |"
        )?;
        writeln!(f, "|{}", " --- |".repeat(13))?;
        for trial in &self.trials {
            self.row(f, trial)?;
        }
        Ok(())
    }
}

impl Table {
    fn row(&self, f: &mut fmt::Formatter<'_>, trial: &Figures) -> fmt::Result {
        let Figures { tenants, workers, killed, compared, differing, .. } = trial;
        let more = self.calm(trial).map_or(0, |calm| trial.requests.saturating_sub(calm));
        write!(
            f,
            "| {tenants} | {workers} | {} | {} | {} | {:.1} s | {compared} | {differing} | {} | \
             {more} | {} | ",
            killed.workers,
            killed.engine,
            killed.store,
            trial.wall.as_secs_f64(),
            trial.requests,
            trial.refused,
        )?;
        // Those that were killed took theirs with them.
        if killed.workers > 0 {
            return writeln!(f, "| |");
        }
        let parts = |total: f64, count: usize| total / count.max(1) as f64;
        let computing = parts(trial.usage.computing.as_secs_f64() * 1000.0, *tenants);
        let memory = parts(trial.usage.memory as f64 / f64::from(1 << 20), *workers);
        writeln!(f, "{computing:.0} ms | {memory:.0} MiB |")
    }
}
