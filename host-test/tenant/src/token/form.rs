//! The body of a token request.

use crate::http::Answer;
use serde_json::Value;

/// The fields of a token request, in JSON or as a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(content_type: &str, body: &[u8]) -> Result<Self, Answer> {
        if !content_type.contains("json") {
            return Ok(Self(form_urlencoded::parse(body).into_owned().collect()));
        }
        let refused =
            || Answer::oauth_error(400, "invalid_request", "The body is not a JSON object.");
        let fields: Value = serde_json::from_slice(body).map_err(|_| refused())?;
        let fields = fields.as_object().ok_or_else(refused)?;
        Ok(Self(
            fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect(),
        ))
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Answer> {
        self.0
            .iter()
            .find_map(|(other, value)| (other == name).then_some(value.as_str()))
            .ok_or_else(|| {
                Answer::oauth_error(
                    400,
                    "invalid_request",
                    &format!("Missing required parameter: {name}"),
                )
            })
    }
}
