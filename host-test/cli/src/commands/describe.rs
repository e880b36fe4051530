//! `describe`: what a connector is, reads, needs and reaches.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::arguments::DescribeArguments;
use crate::early_end::EarlyEnd;
use crate::input::preparation::Preparation;
use crate::output::terminal;
use crate::{ended_without_result, exit_after};
use rawdash_host::component::Connector;
use rawdash_host::contract::{About, Documentation, Field, Filterable, ResourceInfo, Shape};
use rawdash_host::failure::Exit;

/// Runs the command.
pub(crate) async fn run(arguments: &DescribeArguments) -> Exit {
    end(Preparation::load(arguments.component.as_deref()).await, arguments.json)
}

/// Reports how the command ended.
pub(crate) fn end(loaded: Result<Preparation, EarlyEnd>, as_json: bool) -> Exit {
    match loaded {
        Ok(Preparation { connector, about }) => {
            let text = if as_json {
                description(&connector, &about).to_string()
            } else {
                terminal::printable(&text(&connector, &about))
            };
            exit_after(terminal::show(&text), Exit::Done)
        }
        Err(stop) => ended_without_result(&stop, as_json, |failure| json!({ "failure": failure })),
    }
}

fn description(connector: &Connector, about: &About) -> Value {
    json!({
        "manifest": manifest(about),
        "contract_version": connector.contract_version().to_string(),
        "imports": connector.imports(),
        "size_bytes": connector.size_bytes(),
        "metadata": connector.metadata(),
    })
}

fn manifest(about: &About) -> Value {
    // A schema that is not JSON is shown as text.
    let schema = serde_json::from_str(&about.configuration_schema)
        .unwrap_or_else(|_| Value::String(about.configuration_schema.clone()));
    json!({
        "id": about.id,
        "name": about.name,
        "version": about.version,
        "description": about.description,
        "origins": about.origins,
        "configuration_schema": schema,
        "resources": about.resources.iter().map(resource).collect::<Vec<_>>(),
        "documentation": documentation(&about.documentation),
    })
}

fn resource(resource: &ResourceInfo) -> Value {
    json!({
        "name": resource.name,
        "setting": resource.setting,
        "shape": shape(resource.shape),
        "description": resource.description,
        "endpoint": resource.endpoint,
        "scopes": resource.scopes,
        "fields": fields(&resource.fields),
        "dimensions": fields(&resource.dimensions),
        "measures": fields(&resource.measures),
        "open": resource.open,
        "dynamic": resource.dynamic,
        "filterable": resource.filterable.iter().map(filterable).collect::<Vec<_>>(),
        "unit": resource.unit,
        "granularity": resource.granularity,
    })
}

fn filterable(filterable: &Filterable) -> Value {
    json!({
        "field": filterable.field,
        "ops": filterable.ops,
        "values": filterable.values,
    })
}

fn documentation(documentation: &Documentation) -> Value {
    json!({
        "category": documentation.category,
        "tagline": documentation.tagline,
        "vendor_name": documentation.vendor_name,
        "vendor_domain": documentation.vendor_domain,
        "api_docs": documentation.api_docs,
        "brand_color": documentation.brand_color,
        "auth_summary": documentation.auth_summary,
        "auth_setup": documentation.auth_setup,
        "rate_limit": documentation.rate_limit,
        "limitations": documentation.limitations,
    })
}

fn fields(fields: &[Field]) -> Vec<Value> {
    fields
        .iter()
        .map(|field| json!({ "name": field.name, "description": field.description }))
        .collect()
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Event => "event",
        Shape::Entity => "entity",
        Shape::Metric => "metric",
        Shape::Edge => "edge",
        Shape::Distribution => "distribution",
    }
}

fn text(connector: &Connector, about: &About) -> String {
    // Writing to a string cannot fail.
    let mut text = String::new();
    let _ = writeln!(text, "{} {} ({})", about.name, about.version, about.id);
    let _ = writeln!(text, "{}", about.description);
    for resource in &about.resources {
        let setting = match &resource.setting {
            Some(setting) => format!(", `{setting}` in the configuration"),
            None => String::new(),
        };
        let _ = write!(
            text,
            "\n{} ({}{setting})\n  {}\n  {}, scopes: {}\n",
            resource.name,
            shape(resource.shape),
            resource.description,
            resource.endpoint,
            resource.scopes.join(", "),
        );
        let fields = resource.fields.iter().chain(&resource.dimensions).chain(&resource.measures);
        for field in fields {
            let _ = writeln!(text, "    {:18} {}", field.name, field.description);
        }
    }
    let _ = writeln!(text, "\nreaches:  {}", about.origins.join(", "));
    let _ = writeln!(text, "imports:  {}", connector.imports().join("\n          "));
    let _ = writeln!(text, "contract: rawdash:connector@{}", connector.contract_version());
    let _ = write!(text, "size:     {} bytes", connector.size_bytes());
    let metadata = connector.metadata();
    let labelled = [
        ("release: ", &metadata.version),
        ("licence: ", &metadata.licenses),
        ("source:  ", &metadata.source),
        ("revision:", &metadata.revision),
    ];
    for (label, value) in labelled {
        if let Some(value) = value {
            let _ = write!(text, "\n{label} {value}");
        }
    }
    text
}
