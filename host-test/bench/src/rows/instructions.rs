//! The instructions of the component for a row.

use crate::instructions::of_a_row;
use crate::landed::Landed;
use crate::measured::Measured;
use crate::pages::{Reader, Rows};
use crate::table::{Bound, Comparison, Figure};
use rawdash_host::component::Connector;

pub(super) async fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    let (connector, landed) = (Connector::load_counting(component)?, Landed::load_counting()?);
    let (component, landed) = (Reader::Component(&connector), Reader::Landed(&landed));
    let log = of_a_row(Rows::Log, component).await? as f64;
    let log_landed = of_a_row(Rows::Log, landed).await? as f64;
    let user = of_a_row(Rows::Users, component).await? as f64;
    let user_landed = of_a_row(Rows::Users, landed).await? as f64;
    let row = |what: &str, against: &str, figure, wanted: Option<Figure>| Comparison {
        what: what.to_owned(),
        against: against.to_owned(),
        figure,
        wanted: wanted.map(Bound::AtMost),
    };
    let landed = |count: f64| format!("the component as landed: {count:.0}");
    Ok(vec![
        row(
            "instructions of the component for a log row",
            "",
            Figure::Count(log),
            Some(Figure::Count(15_000.0)),
        ),
        row("the same", &landed(log_landed), Figure::Times(log / log_landed), None),
        row("instructions of the component for a user", "", Figure::Count(user), None),
        row(
            "the same",
            &landed(user_landed),
            Figure::Times(user / user_landed),
            Some(Figure::Times(0.5)),
        ),
    ])
}
