//! The query parameters of a request, validated with Auth0's messages.

use super::answer::Answer;

/// Query parameters, decoded, in the order of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl Parameters {
    pub(crate) fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(other, value)| (other == name).then_some(value.as_str()))
    }

    /// Refuses parameters that the endpoint does not know.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Answer> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                Err(Answer::bad_query(&format!("'Additional properties not allowed: {name}'")))
            }
        }
    }

    /// A whole number from 0 to `most`.
    pub(crate) fn number(
        &self,
        name: &str,
        most: Option<usize>,
        meaning: &str,
    ) -> Result<Option<usize>, Answer> {
        let refused = |problem: String| {
            Answer::bad_query(&format!("'{problem}' on property {name} ({meaning})."))
        };
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let number: i64 = text
            .parse()
            .map_err(|_| refused("Expected type integer but found type string".to_owned()))?;
        let value = usize::try_from(number)
            .map_err(|_| refused(format!("Value {number} is less than minimum 0")))?;
        match most {
            Some(most) if value > most => {
                Err(refused(format!("Value {value} is greater than maximum {most}")))
            }
            _ => Ok(Some(value)),
        }
    }

    /// A boolean, `absent` when it is not given.
    pub(crate) fn flag(&self, name: &str, absent: bool) -> Result<bool, Answer> {
        match self.get(name) {
            None => Ok(absent),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Answer::bad_query(&format!(
                "'Expected type boolean but found type string' on property {name}."
            ))),
        }
    }

    /// `field:1` or `field:-1`, as the field and whether the order descends.
    pub(crate) fn sort(&self) -> Result<Option<(&str, bool)>, Answer> {
        let Some(text) = self.get("sort") else {
            return Ok(None);
        };
        let named = |field: &str| {
            !field.is_empty()
                && field.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte))
        };
        match text.split_once(':') {
            Some((field, "1")) if named(field) => Ok(Some((field, false))),
            Some((field, "-1")) if named(field) => Ok(Some((field, true))),
            _ => Err(Answer::bad_query(&format!(
                "'String does not match pattern ^(([a-zA-Z0-9_\\.]+))\\:(1|-1)$: {text}' on property sort \
                 (Field to sort by. Use field:order where order is 1 for ascending and -1 for descending)."
            ))),
        }
    }

    /// The requested fields.
    pub(crate) fn fields(&self) -> Result<Fields, Answer> {
        let includes = self.flag("include_fields", true)?;
        let names = |text: &str| text.split(',').map(|name| name.trim().to_owned()).collect();
        Ok(match self.get("fields") {
            None | Some("") => Fields::All,
            Some(text) if includes => Fields::Only(names(text)),
            Some(text) => Fields::Without(names(text)),
        })
    }
}

/// The members of a row that an answer contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fields {
    All,
    Only(Vec<String>),
    Without(Vec<String>),
}

impl Fields {
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Only(names) | Self::Without(names) => names,
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|other| other == name),
            Self::Without(names) => names.iter().all(|other| other != name),
        }
    }
}
