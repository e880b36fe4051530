//! `GET /stats/daily`.

use super::daily::DailyStats;
use crate::http::{Answer, Parameters};
use crate::instant::parse_day_stamp;

/// Answers with the requested ones of these days.
pub(crate) fn list(parameters: &Parameters, days: Vec<DailyStats>) -> Answer {
    window(parameters, days).unwrap_or_else(|refusal| refusal)
}

fn window(parameters: &Parameters, days: Vec<DailyStats>) -> Result<Answer, Answer> {
    parameters.only(&["from", "to"])?;
    let from = day(parameters, "from")?;
    let to = day(parameters, "to")?;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Answer::error(
            400,
            Some("invalid_query_string"),
            "'from' date cannot be greater than 'to' date.",
        ));
    }
    let rows: Vec<String> = days
        .into_iter()
        .filter(|row| from.is_none_or(|from| row.date >= from))
        .filter(|row| to.is_none_or(|to| row.date <= to))
        .map(|row| row.json)
        .collect();
    Ok(Answer::rows(&rows))
}

/// A day `2…`: Auth0's pattern begins in the year 2000.
fn day(parameters: &Parameters, name: &str) -> Result<Option<i64>, Answer> {
    let Some(text) = parameters.get(name) else {
        return Ok(None);
    };
    let fits = text.len() == 8 && text.starts_with('2');
    match parse_day_stamp(text).filter(|_| fits) {
        Some(day) => Ok(Some(day)),
        None => Err(Answer::bad_query(&format!(
            "'String does not match pattern ^2[0-9]{{3}}((0[1-9])|(1[0-2]))((0[1-9])|([12][0-9])|(3[01]))$: \
             {text}' on property {name} (Optional date in YYYYMMDD format)."
        ))),
    }
}
