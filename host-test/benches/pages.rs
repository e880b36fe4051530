//! `cargo bench`: what the sandbox costs, for whoever works on it. How far it
//! is from its bounds is told by `rawdash-host bench`.
// clippy's leave is for test functions.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rawdash_host::bench::pages::Pages;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::{Connector, EMBEDDED};
use rawdash_host::sandbox::Limits;
use rawdash_host::transport::Transport;
use tokio::runtime::Runtime;

const ROWS: u32 = 2_000;

fn pages(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let pages = runtime.block_on(Pages::record(ROWS)).unwrap();
    let connector = Connector::load(EMBEDDED).unwrap();
    let mut group = criterion.benchmark_group("a log from memory");
    group.throughput(Throughput::Bytes(pages.bytes() as u64));
    group.bench_function("by the component", |bencher| {
        bencher.iter(|| runtime.block_on(pages.by_component(&connector)).unwrap());
    });
    group.bench_function("natively", |bencher| {
        bencher.iter(|| runtime.block_on(pages.natively()).unwrap());
    });
    group.finish();
}

fn instantiate(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let connector = Connector::load(EMBEDDED).unwrap();
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
