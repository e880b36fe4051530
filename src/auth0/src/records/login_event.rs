//! `auth0_login_event`: a log row as an event.

use rawdash_connector_sdk::json::{Text, Value, object};

use crate::api::log::LogRow;
use crate::records::text;
use rawdash_connector_sdk::contract::records::Event;
use rawdash_connector_sdk::json::anomalies::Anomalies;

/// A row of a type as an event; `None` where the type is not among those that are stored,
/// or where it has no id or no time. Where its date cannot be read, the time in
/// the id stands in.
pub fn event(
    row: &LogRow<'_>,
    kind: &Text<'_>,
    types: &[String],
    anomalies: &mut Anomalies,
) -> Option<Event> {
    if !types.iter().any(|stored| **stored == **kind) {
        return None;
    }
    let Some(id) = row.id(anomalies) else {
        anomalies.count("log_id", "is missing");
        return None;
    };
    if row.date.raw().is_none() {
        anomalies.count("date", "is missing");
    }
    let start = row.date.timestamp("date", anomalies).or_else(|| id.ingested_at())?;
    let user_id = text(row.user_id, "user_id", anomalies);
    let ip = text(row.ip, "ip", anomalies);
    let connection = text(row.connection, "connection", anomalies);
    let strategy = text(row.strategy, "strategy", anomalies);
    let attributes = object! {
        "logId": Value::Text(Some(id.as_str())),
        "type": Value::Read(Some(kind)),
        "userId": Value::Read(user_id.as_ref()),
        "ip": Value::Read(ip.as_ref()),
        "connection": Value::Read(connection.as_ref()),
        "strategy": Value::Read(strategy.as_ref()),
    };
    Some(Event { attributes, start, end: None, id: id.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::log_type;
    use rawdash_connector_sdk::json::Raw;
    use rawdash_connector_sdk::json::object::FromObject;

    fn made(text: &str) -> (Option<Event>, String) {
        let raw = Raw::read(text).unwrap();
        let mut anomalies = Anomalies::default();
        let row = LogRow::read(raw).unwrap();
        let types = log_type::DEFAULT.map(str::to_owned);
        (event(&row, &row.kind().unwrap(), &types, &mut anomalies), anomalies.summary())
    }

    #[test]
    fn a_wrong_password_is_a_failed_login() {
        let (event, anomalies) = made(
            r#"{"date":"2021-09-03T20:16:13.080Z","type":"fp","connection":null,"ip":"","user_id":"auth0|1","_id":"9001"}"#,
        );
        let event = event.unwrap();
        assert_eq!(
            (anomalies.as_str(), event.id.as_str(), event.start.millis()),
            ("", "9001", 1_630_700_173_080)
        );
        assert_eq!(
            event.attributes,
            r#"{"logId":"9001","type":"fp","userId":"auth0|1","ip":null,"connection":null,"strategy":null}"#
        );
    }

    #[test]
    fn a_row_without_id_or_date_is_counted() {
        assert_eq!(
            made(r#"{"type":"s","log_id":"1","date":{}}"#),
            (None, "date is not a date (1)".to_owned())
        );
        assert_eq!(made(r#"{"type":"s","log_id":"1"}"#), (None, "date is missing (1)".to_owned()));
        assert_eq!(
            made(r#"{"type":"s","log_id":"","date":"2021-09-03T20:16:13.080Z"}"#),
            (None, "log_id is missing (1)".to_owned())
        );
        assert_eq!(made(r#"{"type":"sapi","log_id":""}"#), (None, String::new()));
    }

    #[test]
    fn a_row_whose_date_cannot_be_read_takes_the_time_in_its_id() {
        let id = "90020210903201617502410735467911683191100179941462900818";
        let (event, anomalies) =
            made(&format!(r#"{{"type":"s","log_id":"{id}","date":{{"$date":"x"}}}}"#));
        assert_eq!(event.unwrap().start.to_string(), "2021-09-03T20:16:17.502Z");
        assert_eq!(anomalies, "date is not a date (1)");
    }

    #[test]
    fn what_a_host_would_refuse_for_its_length_is_left_out_and_counted() {
        let long = "x".repeat(1 << 20);
        let (event, anomalies) = made(&format!(
            r#"{{"type":"s","log_id":"1","date":"2021-09-03T20:16:13.080Z","ip":"{long}"}}"#
        ));
        assert!(event.unwrap().attributes.contains(r#""ip":null"#));
        assert_eq!(anomalies, "ip is too long (1)");
    }
}
