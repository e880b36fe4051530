//! The cost of the sandbox for a page.

use crate::measured::Measured;
use crate::pages::Pages;
use crate::rows::median;
use crate::table::{Bound, Comparison, Figure};
use crate::usage;
use rawdash_host::component::Connector;

const ROWS: u32 = 20_000;
/// How often all pages are read, in turn by the component and natively.
const READINGS: usize = 15;

pub(super) async fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    let pages = Pages::record(ROWS).await?;
    let connector = Connector::load(component)?;
    let mut ratios = Vec::new();
    for _ in 0..READINGS {
        let (before, read) = (usage::cpu()?, pages.by_component(&connector).await?.records);
        let (between, natively) = (usage::cpu()?, pages.natively().await?);
        let after = usage::cpu()?;
        if read != natively {
            return Err(format!("the component read {read} records, native code {natively}").into());
        }
        let (component, native) = (between - before, after - between);
        ratios.push(component.as_secs_f64() / native.as_secs_f64());
    }
    let counted = pages.by_component(&Connector::load_counting(component)?).await?;
    let fuel = counted.fuel.ok_or("the component's instructions were not counted")?;
    Ok(vec![
        Comparison {
            what: "a page of 100 log rows, from bytes to records in the host: CPU".to_owned(),
            against: "the same code, native".to_owned(),
            figure: Figure::Times(median(ratios)),
            wanted: Some(Bound::AtMost(Figure::Times(1.25))),
        },
        Comparison {
            what: "instructions of the component for a log row".to_owned(),
            against: String::new(),
            figure: Figure::Count(fuel as f64 / f64::from(ROWS)),
            wanted: None,
        },
    ])
}
