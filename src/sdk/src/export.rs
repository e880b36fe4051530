//! The one line that makes a crate a component.

/// Exports a connector from a crate of the type `cdylib`. On other targets than
/// WebAssembly it does nothing, so that the crate can be tested natively.
///
/// ```text
/// rawdash_connector_sdk::export!(Weather);
/// ```
///
/// A connector whose source replaces secrets, such as refresh tokens, also
/// imports `rawdash:connector/secrets`:
///
/// ```text
/// rawdash_connector_sdk::export!(Weather, rotates secrets);
/// ```
#[macro_export]
macro_rules! export {
    ($connector:ty) => {
        $crate::export!(@component $connector, NoRotation);
    };
    ($connector:ty, rotates secrets) => {
        $crate::export!(@component $connector, KeepsSecrets);
    };
    (@component $connector:ty, $rotation:ident) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::wasm::Component<$connector, $crate::wasm::$rotation>;
            $crate::wasm::bindings::export!(Exported with_types_in $crate::wasm::bindings);
        };
    };
}
