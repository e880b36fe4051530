//! The generated bindings of the world `pin`. Types that the connector's exports and
//! its own have in common are the same Rust types, so nothing is converted.
#![allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::panic)]

wit_bindgen::generate!({
    path: ["../../../wit", "../wit", "wit"],
    world: "rawdash:egress-pin/pin",
    merge_structurally_equal_types: true,
    generate_all,
});

use super::Pin;
export!(Pin);
