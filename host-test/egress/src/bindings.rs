//! The generated bindings of the world `egress`.
#![allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::panic)]

wit_bindgen::generate!({
    path: ["../../wit/deps/io.wit", "../../wit/deps/clocks.wit", "../../wit/deps/http.wit", "wit"],
    world: "rawdash:egress/egress",
    generate_all,
});

use super::Egress;
export!(Egress);
