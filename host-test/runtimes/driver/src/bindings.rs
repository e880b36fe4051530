//! The generated bindings of what a connector exports, as imports.
#![allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::panic)]

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "package rawdash:driver; world driver { import rawdash:connector/connector@0.2.0; }",
    world: "rawdash:driver/driver",
    generate_all,
});
