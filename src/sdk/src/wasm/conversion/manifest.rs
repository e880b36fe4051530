//! The manifest.

use super::super::bindings::exports::rawdash::connector::manifest;
use crate::contract::manifest::{About, Described, Documentation, Filterable, ResourceInfo, Shape};

/// What the connector is.
pub(in super::super) fn about(about: About) -> manifest::About {
    let identity = about.identity;
    manifest::About {
        id: identity.id.to_owned(),
        name: identity.name.to_owned(),
        version: identity.version.to_owned(),
        description: identity.description.to_owned(),
        origins: identity.origins,
        configuration_schema: identity.configuration_schema,
        resources: about.resources.into_iter().map(resource).collect(),
        documentation: documentation(identity.documentation),
    }
}

/// A resource.
pub(in super::super) fn resource(info: ResourceInfo) -> manifest::ResourceInfo {
    let fields = |fields: Vec<Described>| fields.into_iter().map(field).collect();
    manifest::ResourceInfo {
        name: info.name,
        setting: info.setting,
        shape: match info.shape {
            Shape::Event => manifest::Shape::Event,
            Shape::Entity => manifest::Shape::Entity,
            Shape::Metric => manifest::Shape::Metric,
            Shape::Edge => manifest::Shape::Edge,
            Shape::Distribution => manifest::Shape::Distribution,
        },
        description: info.description,
        endpoint: info.endpoint,
        scopes: info.scopes,
        fields: fields(info.fields),
        dimensions: fields(info.dimensions),
        measures: fields(info.measures),
        open: info.open,
        dynamic: info.dynamic,
        filterable: info.filterable.into_iter().map(filterable).collect(),
        unit: info.unit,
        granularity: info.granularity,
    }
}

fn field(field: Described) -> manifest::Field {
    manifest::Field { name: field.name, description: field.description }
}

fn filterable(filterable: Filterable) -> manifest::Filterable {
    manifest::Filterable { field: filterable.field, ops: filterable.ops, values: filterable.values }
}

fn documentation(documentation: Documentation) -> manifest::Documentation {
    manifest::Documentation {
        category: documentation.category,
        tagline: documentation.tagline,
        vendor_name: documentation.vendor_name,
        vendor_domain: documentation.vendor_domain,
        api_docs: documentation.api_docs,
        brand_color: documentation.brand_color,
        auth_summary: documentation.auth_summary,
        auth_setup: documentation.auth_setup,
        rate_limit: documentation.rate_limit,
        limitations: documentation.limitations,
    }
}
