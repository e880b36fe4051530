//! Composes components: a connector with the egress that confines it in any runtime,
//! and, as `wac plug` does, one component with others that export what it imports.

#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;

use wac_graph::types::{ItemKind, Package};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId, plug};

const HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";
const ORIGINS: &str = "rawdash:egress/origins@0.1.0";

/// The interfaces with functions that a connector may import beside the handler, whatever
/// their version. Any other may lead around the egress, and so may another version of the
/// handler.
const HARMLESS: [&str; 7] = [
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "rawdash:connector/secrets",
];

/// What a connector exports, without the contract's version. Each uses types of those
/// before it only.
const CONTRACT: [&str; 3] =
    ["rawdash:connector/manifest@", "rawdash:connector/connector@", "rawdash:connector/check@"];

/// The packages of the two components that confine a connector.
pub const PACKAGES: [&str; 2] = ["egress", "egress-pin"];

/// The components that confine a connector.
#[derive(Clone, Debug)]
pub struct Confinement {
    egress: Vec<u8>,
    pin: Vec<u8>,
}

impl Confinement {
    /// Builds them from the sources in `root`.
    ///
    /// # Errors
    /// One line that says what to run, or the compiler's output.
    pub fn build(root: &Path, target_dir: &Path) -> Result<Confinement, String> {
        let paths = component_build::build(root, target_dir, &PACKAGES)?;
        let [egress, pin] = paths.as_slice() else { return Err("cargo built too little".into()) };
        Ok(Confinement { egress: read(egress)?, pin: read(pin)? })
    }

    /// The connector, confined to the origins that its configuration amounts to and its
    /// manifest allows. The result has the connector's exports, and the same imports.
    ///
    /// # Errors
    /// The component is not a connector that sends requests by HTTP, or it imports more
    /// than that.
    pub fn confine(&self, connector: &[u8]) -> Result<Vec<u8>, String> {
        let mut graph = CompositionGraph::new();
        let [egress, connector, pin] = [
            ("egress", self.egress.as_slice()),
            ("connector", connector),
            ("pin", self.pin.as_slice()),
        ]
        .map(|(name, bytes)| register(&mut graph, name, bytes));
        let (connector, pin) = (connector?, pin?);
        let egress = graph.instantiate(egress?);
        let exports = exports(&graph, connector)?;
        check_imports(&graph, connector)?;
        let connector = graph.instantiate(connector);
        let pin = graph.instantiate(pin);
        connect(&mut graph, egress, HANDLER, connector)?;
        connect(&mut graph, egress, ORIGINS, pin)?;
        for name in exports {
            connect(&mut graph, connector, &name, pin)?;
            let export = graph.alias_instance_export(pin, &name).map_err(said)?;
            graph.export(export, name.as_str()).map_err(said)?;
        }
        encode(&graph)
    }
}

/// The socket, with what the plugs export in the place of what it imports.
///
/// # Errors
/// A component that is none, or that exports nothing of what the socket imports.
pub fn plugged(socket: &[u8], plugs: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    let mut graph = CompositionGraph::new();
    let mut packages = Vec::new();
    for (number, bytes) in plugs.iter().enumerate() {
        packages.push(register(&mut graph, &format!("plug-{number}"), bytes)?);
    }
    let socket = register(&mut graph, "socket", socket)?;
    plug(&mut graph, packages, socket).map_err(said)?;
    encode(&graph)
}

/// The content of a file.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

fn register(graph: &mut CompositionGraph, name: &str, bytes: &[u8]) -> Result<PackageId, String> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut());
    let package = package.map_err(|error| format!("the {name} cannot be read: {error:#}"))?;
    graph.register_package(package).map_err(said)
}

/// The contract's exports of a connector, in its version.
fn exports(graph: &CompositionGraph, connector: PackageId) -> Result<Vec<String>, String> {
    let world = graph.types()[graph[connector].ty()].clone();
    let export = |prefix: &&str| {
        let found = world.exports.keys().find(|name| name.starts_with(prefix));
        found.cloned().ok_or_else(|| format!("it exports no {prefix}: it is not a connector"))
    };
    CONTRACT.iter().map(export).collect()
}

/// That what is around the connector holds all that it could send by.
fn check_imports(graph: &CompositionGraph, connector: PackageId) -> Result<(), String> {
    let types = graph.types();
    let acts = |kind: &ItemKind| match kind {
        ItemKind::Instance(interface) => {
            types[*interface].exports.values().any(|item| matches!(item, ItemKind::Func(_)))
        }
        _ => true,
    };
    let harmless = |name: &str| {
        let interface = name.split_once('@').map_or(name, |(interface, _)| interface);
        name == HANDLER || HARMLESS.contains(&interface)
    };
    let imports = &types[graph[connector].ty()].imports;
    match imports.iter().find(|(name, kind)| acts(kind) && !harmless(name)) {
        None => Ok(()),
        Some((name, _)) => Err(format!(
            "it imports {name}, which may lead around the egress; a connector may import only \
             {HANDLER}, {}",
            HARMLESS.join(", ")
        )),
    }
}

/// Gives one instance what another exports.
fn connect(
    graph: &mut CompositionGraph,
    from: NodeId,
    name: &str,
    to: NodeId,
) -> Result<(), String> {
    let export = graph.alias_instance_export(from, name).map_err(said)?;
    graph.set_instantiation_argument(to, name, export).map_err(said)
}

fn encode(graph: &CompositionGraph) -> Result<Vec<u8>, String> {
    graph.encode(EncodeOptions::default()).map_err(said)
}

/// An error with its causes.
fn said(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
