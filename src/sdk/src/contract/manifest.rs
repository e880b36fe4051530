//! How a connector describes itself.

/// The shape of a resource's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Something that happened.
    Event,
    /// A thing with state.
    Entity,
    /// Numbers over time.
    Metric,
    /// Relations between entities.
    Edge,
    /// Spreads of numbers over time.
    Distribution,
}

/// An attribute, a dimension or a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
}

/// A field by which the source can be asked to choose rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filterable {
    /// The field.
    pub field: String,
    /// The operators.
    pub ops: Vec<String>,
    /// The values, where they are few.
    pub values: Vec<String>,
}

/// The manifest's entry of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceInfo {
    /// The name in rawdash's storage.
    pub name: String,
    /// The name in the configuration's `resources`, where it has that option.
    pub setting: Option<String>,
    /// The shape of its records.
    pub shape: Shape,
    /// What it contains.
    pub description: String,
    /// Method and path.
    pub endpoint: String,
    /// The scopes that it requires.
    pub scopes: Vec<String>,
    /// Attributes.
    pub fields: Vec<Described>,
    /// The attributes that tell samples of one time apart.
    pub dimensions: Vec<Described>,
    /// Numbers beside the value of a sample.
    pub measures: Vec<Described>,
    /// Records may have other attributes too, or lack some.
    pub open: bool,
    /// The name stands for names that the configuration gives.
    pub dynamic: bool,
    /// Fields by which rows can be chosen.
    pub filterable: Vec<Filterable>,
    /// What a sample counts.
    pub unit: Option<String>,
    /// As rawdash writes it: `1h`, `1d`.
    pub granularity: Option<String>,
}

impl ResourceInfo {
    /// An entry without setting, scopes, fields and the rest.
    pub fn new(name: &str, shape: Shape, endpoint: &str, description: &str) -> ResourceInfo {
        ResourceInfo {
            name: name.to_owned(),
            setting: None,
            shape,
            description: description.to_owned(),
            endpoint: endpoint.to_owned(),
            scopes: Vec::new(),
            fields: Vec::new(),
            dimensions: Vec::new(),
            measures: Vec::new(),
            open: false,
            dynamic: false,
            filterable: Vec::new(),
            unit: None,
            granularity: None,
        }
    }

    /// Names it in the configuration's `resources`.
    #[must_use]
    pub fn setting(mut self, setting: &str) -> ResourceInfo {
        self.setting = Some(setting.to_owned());
        self
    }

    /// Adds a scope that it requires.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> ResourceInfo {
        self.scopes.push(scope.to_owned());
        self
    }

    /// Adds attributes: name and meaning.
    #[must_use]
    pub fn fields(mut self, fields: &[(&str, &str)]) -> ResourceInfo {
        self.fields.extend(fields.iter().map(described));
        self
    }

    /// Adds dimensions: name and meaning.
    #[must_use]
    pub fn dimensions(mut self, dimensions: &[(&str, &str)]) -> ResourceInfo {
        self.dimensions.extend(dimensions.iter().map(described));
        self
    }

    /// Says what a sample counts, and how often there is one.
    #[must_use]
    pub fn metric(mut self, unit: &str, granularity: &str) -> ResourceInfo {
        self.unit = Some(unit.to_owned());
        self.granularity = Some(granularity.to_owned());
        self
    }

    /// What people call it: the setting, else the name.
    pub fn title(&self) -> &str {
        self.setting.as_deref().unwrap_or(&self.name)
    }
}

fn described((name, description): &(&str, &str)) -> Described {
    Described { name: (*name).to_owned(), description: (*description).to_owned() }
}

/// What rawdash's catalogue shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documentation {
    /// The category.
    pub category: String,
    /// One line.
    pub tagline: String,
    /// The vendor's name.
    pub vendor_name: String,
    /// The vendor's domain.
    pub vendor_domain: String,
    /// Where the API is documented.
    pub api_docs: Option<String>,
    /// The vendor's colour.
    pub brand_color: Option<String>,
    /// How the connector authenticates.
    pub auth_summary: String,
    /// How to set that up, step by step.
    pub auth_setup: Vec<String>,
    /// How the rate limit is respected.
    pub rate_limit: Option<String>,
    /// What the connector cannot read.
    pub limitations: Vec<String>,
}

impl Documentation {
    /// What is always shown: the category, one line, the vendor's name and domain,
    /// and how the credentials are obtained.
    pub fn new(
        category: &str,
        tagline: &str,
        (vendor_name, vendor_domain): (&str, &str),
        auth_summary: &str,
        auth_setup: &[&str],
    ) -> Documentation {
        Documentation {
            category: category.to_owned(),
            tagline: tagline.to_owned(),
            vendor_name: vendor_name.to_owned(),
            vendor_domain: vendor_domain.to_owned(),
            auth_summary: auth_summary.to_owned(),
            auth_setup: auth_setup.iter().map(|step| (*step).to_owned()).collect(),
            ..Documentation::default()
        }
    }
}

/// The manifest, without the resources, which the connector lists elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The connector's id in rawdash's configuration.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it does.
    pub description: &'static str,
    /// The origins that it may need, with placeholders such as `{/domain}`.
    pub origins: Vec<String>,
    /// JSON Schema 2020-12.
    pub configuration_schema: String,
    /// What rawdash's catalogue shows.
    pub documentation: Documentation,
    /// The `User-Agent` header of every request.
    pub user_agent: &'static str,
}

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What the connector is.
    pub identity: Identity,
    /// Its resources.
    pub resources: Vec<ResourceInfo>,
}
