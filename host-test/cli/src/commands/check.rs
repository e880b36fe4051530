//! `check`: tests the credentials, without a sync.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::arguments::CheckArguments;
use crate::early_end::EarlyEnd;
use crate::input::configuration::Configuration;
use crate::input::preparation::Preparation;
use crate::output::terminal;
use crate::{ended_without_result, exit_after};
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::failure::{Exit, FailureReport};
use rawdash_host::run::ConfiguredInstance;

/// Each resource by name in storage, with why it cannot be read.
pub(crate) type Checked = Vec<(String, Result<(), FailureReport>)>;

/// Runs the command.
pub(crate) async fn run(arguments: &CheckArguments) -> Exit {
    end(check(arguments).await, arguments.json)
}

/// Reports how the command ended.
pub(crate) fn end(checked: Result<Checked, EarlyEnd>, as_json: bool) -> Exit {
    match checked {
        Ok(checked) => {
            for (resource, result) in &checked {
                let text = match result {
                    Ok(()) => "can be read".to_owned(),
                    Err(failure) => failure.message.clone(),
                };
                terminal::tell(&format!("{resource:24} {text}"));
            }
            let exit = exit(&checked);
            if as_json {
                exit_after(terminal::show_json(&json(&checked, None)), exit)
            } else {
                exit
            }
        }
        Err(stop) => {
            ended_without_result(&stop, as_json, |failure| json(&Vec::new(), Some(failure)))
        }
    }
}

async fn check(arguments: &CheckArguments) -> Result<Checked, EarlyEnd> {
    let preparation = Preparation::load(arguments.component.as_deref()).await?;
    let configuration = Configuration::read(&arguments.config)?;
    let (settings, hints) = preparation.settings(configuration, &arguments.network)?;
    let clock: SharedClock = Arc::new(SystemClock::new());
    let Preparation { connector, about } = &preparation;
    let mut configured =
        ConfiguredInstance::open(connector, about, &settings, &clock, None).await?;
    let mut checked = configured.check().await?;
    checked.iter_mut().filter_map(|(_, result)| result.as_mut().err()).for_each(|failure| {
        hints.explain(failure);
    });
    Ok(checked)
}

fn exit(checked: &Checked) -> Exit {
    checked
        .iter()
        .filter_map(|(_, result)| result.as_ref().err())
        .map(FailureReport::exit)
        .max()
        .unwrap_or(Exit::Done)
}

/// The resources by name in storage, with `failure` null if the resource can be
/// read; and a failure that belongs to no resource.
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
    use rawdash_host::failure::SourceKind;

    #[test]
    fn one_resource_that_cannot_be_read_is_not_hidden_by_the_others() {
        let checked = vec![
            ("users".to_owned(), Ok(())),
            ("logs".to_owned(), Err(FailureReport::new(SourceKind::Permission, "grant read:logs"))),
        ];
        assert_eq!(exit(&checked), Exit::Credentials);
        let json = json(&checked, None);
        assert_eq!(json["resources"]["users"]["failure"], Value::Null);
        assert_eq!(json["resources"]["logs"]["failure"]["message"], "grant read:logs");
    }
}
