//! What the connector says of itself before it knows anything.

use crate::Weather;
use crate::bindings::exports::rawdash::connector::manifest::{About, Guest, ResourceInfo, Shape};

/// Name in storage, name in the configuration, shape, description.
pub(crate) const RESOURCES: [(&str, &str, Shape, &str); 3] = [
    ("weather_station", "stations", Shape::Entity, "A station that reports."),
    ("weather_station_region", "regions", Shape::Edge, "The region a station stands in."),
    ("weather_temperature", "temperatures", Shape::Distribution, "Temperatures in one report."),
];

const SCHEMA: &str = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["host"],"additionalProperties":false,"properties":{"host":{"type":"string","title":"Host","description":"The service's host name: weather.example"}}}"#;

impl Guest for Weather {
    fn describe() -> About {
        About {
            id: "weather".to_owned(),
            name: "Weather".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            origins: vec!["https://{/host}".to_owned()],
            configuration_schema: SCHEMA.to_owned(),
            resources: RESOURCES.into_iter().map(resource).collect(),
        }
    }
}

fn resource((name, setting, shape, description): (&str, &str, Shape, &str)) -> ResourceInfo {
    ResourceInfo {
        name: name.to_owned(),
        setting: setting.to_owned(),
        shape,
        description: description.to_owned(),
        endpoint: "GET /stations".to_owned(),
        scopes: Vec::new(),
        fields: Vec::new(),
        dimensions: Vec::new(),
        unit: None,
        granularity: None,
    }
}
