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

/// wasmtime's handler keeps the options of every request in the handle table,
/// although it owns them: after some thousand requests, one instance reaches the
/// limit of handles.
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
