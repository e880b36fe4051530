//! The generated bindings: `wasi:http/outgoing-handler`, imported and exported.
#![allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::panic)]

wit_bindgen::generate!({
    path: ["../../../wit/deps/io.wit", "../../../wit/deps/clocks.wit", "../../../wit/deps/http.wit"],
    inline: "package rawdash:route; world route {
        import wasi:http/outgoing-handler@0.2.12;
        export wasi:http/outgoing-handler@0.2.12;
    }",
    world: "rawdash:route/route",
    generate_all,
});

use super::Route;
export!(Route);
