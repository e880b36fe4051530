//! `check`: whether the credentials suffice, before any run.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::arguments::CheckArguments;
use super::configuration::Configuration;
use super::preparation::Preparation;
use super::stop::Stop;
use super::{terminal, told};
use crate::clock::{SharedClock, SystemClock};
use crate::report::{FailureReport, Outcome};
use crate::run::Session;

type Checked = Vec<(String, Result<(), FailureReport>)>;

/// Runs the command.
pub(super) async fn run(arguments: &CheckArguments) -> Outcome {
    match check(arguments).await {
        Ok(checked) => {
            for (resource, result) in &checked {
                let text = match result {
                    Ok(()) => "can be read".to_owned(),
                    Err(failure) => failure.message.clone(),
                };
                terminal::tell(&format!("{resource:24} {text}"));
            }
            if arguments.json {
                terminal::show(&json(&checked, None).to_string());
            }
            outcome(&checked)
        }
        Err(stop) => {
            if let (Stop::Failure(failure), true) = (&stop, arguments.json) {
                terminal::show(&json(&Vec::new(), Some(failure)).to_string());
            }
            told(&stop)
        }
    }
}

async fn check(arguments: &CheckArguments) -> Result<Checked, Stop> {
    let preparation = Preparation::load(arguments.component.as_deref()).await?;
    let configuration = Configuration::read(&arguments.config)?;
    let settings = preparation.settings(configuration, &arguments.routes)?;
    let clock: SharedClock = Arc::new(SystemClock::new());
    let Preparation { connector, about } = &preparation;
    let mut session = Session::open(connector, about, &settings, &clock, None).await?;
    Ok(session.check().await?)
}

fn outcome(checked: &Checked) -> Outcome {
    checked
        .iter()
        .filter_map(|(_, result)| result.as_ref().err())
        .map(FailureReport::outcome)
        .max()
        .unwrap_or(Outcome::Done)
}

/// By name in storage, `failure` null where the resource can be read; and what
/// belongs to no resource.
fn json(checked: &Checked, failure: Option<&FailureReport>) -> Value {
    #[derive(Serialize)]
    struct Entry<'a> {
        failure: Option<&'a FailureReport>,
    }
    let resources: Map<String, Value> = checked
        .iter()
        .map(|(name, result)| {
            let failure = result.as_ref().err();
            (name.clone(), json!(Entry { failure }))
        })
        .collect();
    json!({ "resources": resources, "failure": failure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_resource_that_cannot_be_read_is_not_hidden_by_the_others() {
        let checked = vec![
            ("users".to_owned(), Ok(())),
            ("logs".to_owned(), Err(FailureReport::new("permission", "grant read:logs"))),
        ];
        assert_eq!(outcome(&checked), Outcome::Credentials);
        let json = json(&checked, None);
        assert_eq!(json["resources"]["users"]["failure"], Value::Null);
        assert_eq!(json["resources"]["logs"]["failure"]["message"], "grant read:logs");
    }
}
