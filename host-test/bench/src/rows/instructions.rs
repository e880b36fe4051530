//! The instructions of the component for a row.

use crate::instructions::of_a_row;
use crate::landed::Landed;
use crate::measured::Measured;
use crate::pages::{Reader, Rows};
use crate::table::{Bound, Comparison, Figure};
use rawdash_host::component::Connector;

pub(super) fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    let (connector, landed) = (Connector::load_counting(component)?, Landed::load_counting()?);
    let (component, landed) = (Reader::Component(&connector), Reader::Landed(&landed));
    // Each count has a runtime of its own, which must not begin within this one.
    let count = |rows, reader| -> Measured<f64> {
        Ok(tokio::task::block_in_place(|| of_a_row(rows, reader))? as f64)
    };
    let (log, log_landed) = (count(Rows::Log, component)?, count(Rows::Log, landed)?);
    let (user, user_landed) = (count(Rows::Users, component)?, count(Rows::Users, landed)?);
    let landed = |count: f64| format!("the component as landed: {count:.0}");
    Ok(vec![
        Comparison::new(
            "instructions of the component for a log row",
            "",
            Figure::Count(log),
            Some(Bound::AtMost(Figure::Count(15_000.0))),
        ),
        Comparison::new("the same", landed(log_landed), Figure::Times(log / log_landed), None),
        Comparison::new("instructions of the component for a user", "", Figure::Count(user), None),
        Comparison::new(
            "the same",
            landed(user_landed),
            Figure::Times(user / user_landed),
            Some(Bound::AtMost(Figure::Times(0.5))),
        ),
    ])
}
