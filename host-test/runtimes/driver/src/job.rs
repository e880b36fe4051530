//! A job: what to sync, and how far.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use wasi::clocks::monotonic_clock;

use crate::bindings::rawdash::connector::connector::{
    self, ConfigureError, Ending, Failure, Mode, Request, Secret, Step, Want,
};
use crate::rows::rows;

/// What the driver is given.
#[derive(Deserialize)]
struct Job {
    /// The connector's configuration.
    configuration: Value,
    /// The secrets that it names.
    secrets: BTreeMap<String, String>,
    /// Where an earlier job stopped.
    checkpoint: Option<String>,
    /// The resources that ended in earlier jobs of the same sync. To a new instance
    /// every sync is new, and it would read them again.
    #[serde(default)]
    ended: BTreeSet<String>,
    /// Stops after so many steps. Without it, the sync goes on until it is done.
    steps: Option<u32>,
}

/// Runs the job in this JSON text. The last line says where it stopped.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = String> {
    let job = serde_json::from_str(text).map_err(|error| error.to_string());
    let mut run = job.and_then(|job: Job| Run::begin(&job));
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let lines = match &mut run {
            Ok(run) => run.step(),
            Err(message) => {
                ended = true;
                return Some(line(&json!({ "failed": message })));
            }
        };
        Some(match lines {
            Ok(Progress::Goes(lines)) => lines,
            Ok(Progress::Stops(lines)) => {
                ended = true;
                lines
            }
            Err(failure) => {
                ended = true;
                line(&json!({ "failed": failure.message, "kind": failure.kind }))
            }
        })
    })
}

/// A job under way.
struct Run {
    wants: Vec<Want>,
    steps: u32,
}

enum Progress {
    Goes(String),
    Stops(String),
}

impl Run {
    fn begin(job: &Job) -> Result<Run, String> {
        let secret =
            |(name, value): (&String, &String)| Secret { name: name.clone(), value: value.clone() };
        let secrets: Vec<Secret> = job.secrets.iter().map(secret).collect();
        let configuration = job.configuration.to_string();
        match connector::configure(&configuration, &secrets, job.checkpoint.as_deref()) {
            Ok(configured) => {
                let names = configured.resources.into_iter().map(|resource| resource.name);
                let wants = names.filter(|name| !job.ended.contains(name)).map(|resource| Want {
                    resource,
                    mode: Mode::Auto,
                    since: None,
                    conditions: Vec::new(),
                });
                Ok(Run { wants: wants.collect(), steps: job.steps.unwrap_or(u32::MAX) })
            }
            Err(ConfigureError::Checkpoint(message)) => Err(message),
            Err(ConfigureError::Configuration(issues)) => {
                let messages = issues.iter().map(|issue| issue.message.clone());
                Err(messages.collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn step(&mut self) -> Result<Progress, Failure> {
        // A request without wants would be for every resource.
        let step = match self.wants.is_empty() {
            true => Step::Done,
            false => connector::sync(&Request { wants: self.wants.clone(), patience: None })?,
        };
        let done = matches!(step, Step::Done);
        let mut lines = match step {
            Step::Batches(batches) => batches.iter().flat_map(rows).map(|row| line(&row)).collect(),
            Step::Ended(ended) => {
                line(&json!({ "ended": ended.resource, "ending": ending(&ended.ending) }))
            }
            Step::Wait(pause) => {
                let nanoseconds = u64::from(pause.milliseconds).saturating_mul(1_000_000);
                monotonic_clock::subscribe_duration(nanoseconds).block();
                String::new()
            }
            Step::Began(_) | Step::Warned(_) | Step::Done => String::new(),
        };
        self.steps = self.steps.saturating_sub(1);
        if done || self.steps == 0 {
            let checkpoint = connector::checkpoint()?;
            lines.push_str(&line(&json!({ "done": done, "checkpoint": checkpoint })));
            return Ok(Progress::Stops(lines));
        }
        Ok(Progress::Goes(lines))
    }
}

fn ending(ending: &Ending) -> &str {
    match ending {
        Ending::Complete => "complete",
        Ending::Failed(failure) | Ending::Postponed(failure) => &failure.message,
    }
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}
