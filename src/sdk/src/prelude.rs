//! What most connectors use: `use rawdash_connector_sdk::prelude::*;`.

pub use crate::auth::{Basic, ClientCredentials, Header, RefreshToken};
pub use crate::authentication::{AccessToken, Authentication, TokenAnswer};
pub use crate::config::{
    self, Choice, Configuration, Field, Form, Host, Issue, Secret, Secrets, Text,
};
pub use crate::connector::{Connector, Verdict};
pub use crate::contract::batch::{Effect, Publication, Warning, Window};
pub use crate::contract::failure::{Failure, FailureKind};
pub use crate::contract::manifest::{Documentation, Identity, ResourceInfo, Shape};
pub use crate::contract::records::{
    Distribution, Edge, Entity, Event, Node, Records, Sample, Spread,
};
pub use crate::contract::step::RunMode;
pub use crate::http::encoding::encode;
pub use crate::http::rate_limit::RateLimit;
pub use crate::http::reply::{Answer, Head};
pub use crate::http::request::{Method, Request};
pub use crate::paging::{Children, Cursor, LinkPages, Offset, PageNumber, next_link};
pub use crate::resource::{
    Begin, Context, Given, Lane, Listed, Listing, Nested, Next, Page, PageOutcome, Parents,
    Received, Resource, Span, View, listed, listing, nested,
};
pub use serde_json::json;

pub use crate::time::timestamp::{DAY, Day, HOUR, MINUTE, Milliseconds, SECOND, Timestamp};
