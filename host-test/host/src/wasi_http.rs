//! `wasi:http` for components: wasmtime's, with a leak fixed.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::add_only_http_to_linker_async;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, RequestOptions};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};

/// The interface, in the version that the engine links.
const HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";

type Arguments = (Resource<HostOutgoingRequest>, Option<Resource<RequestOptions>>);
type Handled = Result<Resource<HostFutureIncomingResponse>, ErrorCode>;

pub(crate) fn add_to_linker<T: WasiHttpView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    add_only_http_to_linker_async(linker)?;
    linker.allow_shadowing(true);
    linker.instance(HANDLER)?.func_wrap("handle", handle)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// wasmtime 48.0.8 keeps the options of every request in the handle table,
/// although it owns them: after some thousand requests, one instance would reach
/// the limit of handles.
///
/// Its commit 15060d6d deletes them itself. With a version that has it, deleting
/// them here would end every request in a trap, so wasmtime is pinned to
/// `=48.0.8`, and the test below fails as soon as this function is to be removed.
fn handle<T: WasiHttpView + 'static>(
    mut store: StoreContextMut<'_, T>,
    (request, options): Arguments,
) -> wasmtime::Result<(Handled,)> {
    let mut http = store.data_mut().http();
    let given = options.as_ref().map(|options| Resource::<RequestOptions>::new_own(options.rep()));
    let response = http.handle(request, options);
    if let Some(given) = given {
        http.table.delete(given)?;
    }
    match response {
        Ok(response) => Ok((Ok(response),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use wasmtime_wasi_http::p2::bindings::http::types::{
        HostOutgoingRequest as HostRequest, HostRequestOptions, Method, Scheme,
    };
    use wasmtime_wasi_http::{WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks};

    use crate::transport::{Completion, Exchange};

    /// Sends nothing.
    struct Nowhere;

    impl WasiHttpHooks for Nowhere {
        fn send_request(
            &mut self,
            _: Request<WasiBody>,
            _: Option<wasmtime_wasi_http::RequestOptions>,
            _: Completion,
        ) -> Box<dyn Future<Output = Exchange> + Send> {
            Box::new(async { Err(wasmtime_wasi_http::Error::DestinationNotFound) })
        }
    }

    #[tokio::test]
    async fn wasmtime_still_keeps_the_options_of_a_request_that_are_deleted_here() {
        let (mut table, mut ctx) = (wasmtime::component::ResourceTable::new(), WasiHttpCtx::new());
        let mut http = WasiHttpCtxView { hooks: &mut Nowhere, table: &mut table, ctx: &mut ctx };
        let options = HostRequestOptions::new(&mut http).unwrap();
        let fields =
            wasmtime_wasi_http::p2::bindings::http::types::HostFields::new(&mut http).unwrap();
        let request = HostRequest::new(&mut http, fields).unwrap();
        let handle = Resource::new_own(request.rep());
        http.set_method(handle, Method::Get).unwrap().unwrap();
        http.set_scheme(Resource::new_own(request.rep()), Some(Scheme::Https)).unwrap().unwrap();
        let authority = Some("tenant.example".to_owned());
        http.set_authority(Resource::new_own(request.rep()), authority).unwrap().unwrap();
        let kept = Resource::<RequestOptions>::new_own(options.rep());
        let _ = http.handle(request, Some(options));
        assert!(
            http.table.get(&kept).is_ok(),
            "wasmtime deletes the options of a request itself now: remove `handle` from this file, \
             and the pin of wasmtime in Cargo.toml"
        );
    }
}
