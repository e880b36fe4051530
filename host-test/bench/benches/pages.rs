//! `cargo bench`: the cost of the sandbox, for development. `rawdash-host bench`
//! compares the figures with their bounds.
// clippy's exemptions are only for test functions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rawdash_bench::pages::{Pages, Reader, Rows};
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::sandbox::Limits;
use rawdash_host::transport::Transport;
use tokio::runtime::Runtime;

/// The Auth0 connector, built in the same way as for the command.
fn connector() -> Connector {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target_dir = root.join("target/component");
    let built = component_build::build(&root, &target_dir, &["rawdash-connector-auth0"]).unwrap();
    Connector::load_file(&built[0]).unwrap()
}

const ROWS: u32 = 2_000;

fn pages(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let pages = runtime.block_on(Pages::of(Rows::Log, ROWS)).unwrap();
    let connector = connector();
    let mut group = criterion.benchmark_group("a log from memory");
    group.throughput(Throughput::Bytes(pages.bytes() as u64));
    group.bench_function("by the component", |bencher| {
        bencher.iter(|| runtime.block_on(pages.read(Reader::Component(&connector))).unwrap());
    });
    group.bench_function("natively", |bencher| {
        bencher.iter(|| runtime.block_on(pages.natively()).unwrap());
    });
    group.finish();
}

fn instantiate(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let connector = connector();
    let (limits, clock): (_, SharedClock) = (Limits::default(), Arc::new(SystemClock::new()));
    let transport = Transport::nowhere(&limits.http, clock.clone());
    criterion.bench_function("instantiate", |bencher| {
        bencher.iter(|| {
            let instance = connector.instantiate(&limits, transport.clone(), clock.clone());
            black_box(runtime.block_on(instance)).unwrap()
        });
    });
}

criterion_group!(benches, pages, instantiate);
criterion_main!(benches);
