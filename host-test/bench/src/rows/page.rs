//! The cost of a page, and of the sandbox in it.

use std::time::Duration;

use crate::landed::Landed;
use crate::measured::Measured;
use crate::pages::{Pages, Reader, Rows};
use crate::rows::median;
use crate::table::{Bound, Comparison, Figure};
use crate::usage;
use rawdash_host::component::Connector;

const ROWS: u32 = 20_000;
/// How often all pages are read, in turn by each.
const READINGS: usize = 15;

pub(super) async fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    let pages = Pages::of(Rows::Log, ROWS).await?;
    let (connector, landed) = (Connector::load(component)?, Landed::load()?);
    let (component, landed) = (Reader::Component(&connector), Reader::Landed(&landed));
    // Fetches the pages.
    let records = pages.from_memory(component).await?.records;
    for read in [pages.from_memory(landed).await?.records, pages.natively().await?] {
        if read != records {
            return Err(format!("the component read {records} records, a baseline {read}").into());
        }
    }
    let (mut to_landed, mut to_native) = (Vec::new(), Vec::new());
    for _ in 0..READINGS {
        let took = cpu(pages.read(component)).await?;
        to_landed.push(ratio(took, cpu(pages.read(landed)).await?));
        to_native.push(ratio(took, cpu(pages.natively()).await?));
    }
    Ok(vec![
        Comparison::new(
            "a page of 100 log rows, from bytes to records in the host: CPU",
            "the component as landed",
            Figure::Times(median(to_landed)),
            Some(Bound::AtMost(Figure::Times(0.4))),
        ),
        Comparison::new(
            "the same",
            "the same code, native",
            Figure::Times(median(to_native)),
            None,
        ),
    ])
}

/// Processor time of a reading.
async fn cpu<T>(reading: impl Future<Output = Measured<T>>) -> Measured<Duration> {
    let before = usage::cpu()?;
    reading.await?;
    Ok(usage::cpu()? - before)
}

fn ratio(took: Duration, baseline: Duration) -> f64 {
    took.as_secs_f64() / baseline.as_secs_f64()
}
