//! Checkpoints that `configure` must refuse.

use fastrand::Rng;

use super::findings::Findings;
use super::mutation;
use super::rule::Rule;
use super::subject::{Opened, Source, Subject};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::ConfigureError;
use rawdash_host::error::HostError;

/// The number of characters that are altered in one checkpoint; all of a short one.
const ALTERED: usize = 500;

/// Tests altered checkpoints of a run, and one of another source.
pub(super) async fn check(
    subject: &Subject<'_>,
    checkpoints: &[String],
    clock: &SharedClock,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let (Some(first), Some(last)) = (checkpoints.first(), checkpoints.last()) else {
        return Ok(());
    };
    let middle = checkpoints.get(checkpoints.len() / 2).unwrap_or(last);
    let mut opened = subject.open(Source::Nowhere, clock).await?;
    findings.try_rule(Rule::AlteredCheckpoint);
    for checkpoint in [first, middle, last] {
        for (altered, how) in alterations(checkpoint) {
            let text = &subject.settings.configuration;
            if !refuses(subject, &mut opened, text, &altered).await? {
                findings.wrong(Rule::AlteredCheckpoint, format!("`configure` accepts one {how}"));
            }
        }
    }
    check_foreign(subject, &mut opened, last, findings).await
}

async fn check_foreign(
    subject: &Subject<'_>,
    opened: &mut Opened,
    checkpoint: &str,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let other = mutation::of_another_source(&subject.configuration, &subject.about.origins);
    let Some(other) = other.map(|other| other.to_string()) else {
        let why = "no origin depends on the configuration, so there is only one source";
        findings.untried(Rule::ForeignCheckpoint, why);
        return Ok(());
    };
    let secrets = &subject.settings.secrets;
    if opened.instance.configure(&other, secrets, None).await?.is_err() {
        let why = "`configure` refuses the made-up name of another source";
        findings.untried(Rule::ForeignCheckpoint, why);
        return Ok(());
    }
    findings.try_rule(Rule::ForeignCheckpoint);
    if !refuses(subject, opened, &other, checkpoint).await? {
        let what = "`configure` accepts the configured source's checkpoint for another source";
        findings.wrong(Rule::ForeignCheckpoint, what);
    }
    Ok(())
}

async fn refuses(
    subject: &Subject<'_>,
    opened: &mut Opened,
    text: &str,
    checkpoint: &str,
) -> Result<bool, HostError> {
    let secrets = &subject.settings.secrets;
    let configured = opened.instance.configure(text, secrets, Some(checkpoint)).await?;
    Ok(matches!(configured, Err(ConfigureError::Checkpoint(_))))
}

/// The checkpoint with alterations, and a description of each.
fn alterations(checkpoint: &str) -> Vec<(String, String)> {
    let characters: Vec<char> = checkpoint.chars().collect();
    let mut altered = vec![
        (String::new(), "that is empty".to_owned()),
        ("altered".to_owned(), "that is another text".to_owned()),
        (format!("{checkpoint}0"), "with one more character".to_owned()),
        (checkpoint.repeat(2), "that is repeated".to_owned()),
    ];
    for length in [characters.len() / 2, characters.len().saturating_sub(1)] {
        let cut = characters.iter().take(length).collect();
        altered.push((cut, format!("that is truncated to {length} characters")));
    }
    let mut places: Vec<usize> = (0..characters.len()).collect();
    // The same ones each time.
    Rng::with_seed(0).shuffle(&mut places);
    for place in places.into_iter().take(ALTERED) {
        let other = |(at, character): (usize, &char)| match (at == place, character) {
            (false, kept) => *kept,
            (true, '1') => '2',
            (true, _) => '1',
        };
        let text = characters.iter().enumerate().map(other).collect();
        altered.push((text, format!("whose character {place} is altered")));
    }
    altered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alteration_is_one() {
        for checkpoint in ["1", "{\"version\":1,\"state\":\"å12\"}"] {
            let altered = alterations(checkpoint);
            assert!(altered.iter().all(|(text, _)| text != checkpoint), "{altered:?}");
            assert!(altered.len() >= 6 + checkpoint.chars().count());
        }
    }
}
