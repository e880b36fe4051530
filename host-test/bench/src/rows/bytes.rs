//! How much of the users' profiles is fetched.

use auth0_tenant::{Clock, Options, Tenant};
use http::{Request, Uri};
use wasmtime_wasi_http::{RequestOptions, WasiBody, WasiHttpHooks};

use crate::discard::Discard;
use crate::measured::Measured;
use crate::native::Native;
use crate::table::{Bound, Comparison, Figure};
use crate::taking::Tally;
use crate::workload::{Workload, settings, transport};
use rawdash_host::contract::Mode;
use rawdash_host::transport::{Completion, Exchange, Transport};

const USERS: u32 = 1000;
const PROFILE: u32 = 10_000;
const RESOURCES: [&str; 1] = ["users"];

pub(super) async fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    let options =
        Options { users: USERS, logs: 0, profile_bytes: PROFILE, odd: false, ..Options::default() };
    let tenant = Tenant::start(options, Clock::system()).await?;
    let resources = RESOURCES.map(str::to_owned).to_vec();
    let workload = Workload { resources, ..Workload::of(tenant.announcement()) };
    let wanted = workload.run(component).await?.received;
    let all = all_fields(&tenant).await?;
    Ok(vec![Comparison::new(
        format!("{USERS} users with profiles of {PROFILE} bytes: bytes received"),
        "the same users with all fields",
        Figure::Part(wanted as f64 / all as f64),
        Some(Bound::AtMost(Figure::Part(0.15))),
    )])
}

/// Bytes of the same walk by a client that requests all fields.
async fn all_fields(tenant: &Tenant) -> Measured<u64> {
    let settings = settings(&tenant.announcement(), &RESOURCES, 1.0)?;
    let transport = transport(&settings)?;
    let traffic = transport.traffic();
    let native = Native::new(&settings, None, AllFields(transport))?;
    native.sync(Mode::Full, &mut Discard, &mut Tally::default()).await?;
    Ok(traffic.received())
}

/// A transport whose requests select no fields.
struct AllFields(Transport);

impl WasiHttpHooks for AllFields {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        completion: Completion,
    ) -> Box<dyn Future<Output = Exchange> + Send> {
        let (mut head, body) = request.into_parts();
        head.uri = without_fields(&head.uri);
        self.0.send_request(Request::from_parts(head, body), options, completion)
    }
}

/// The URI without `fields` and `include_fields`.
fn without_fields(uri: &Uri) -> Uri {
    let query = uri.query().unwrap_or_default();
    let kept = query.split('&').filter(|pair| !pair.contains("fields="));
    let query = kept.collect::<Vec<_>>().join("&");
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = format!("{}?{query}", uri.path()).parse().ok();
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}
