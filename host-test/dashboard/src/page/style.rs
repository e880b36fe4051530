//! The style sheet, and the policy that lets a browser apply it and nothing else.

macro_rules! style {
    () => {
        include_str!("style.css")
    };
}

macro_rules! hash {
    () => {
        "sha256-Pmj/Uv8Lh1KcXafU/VuqjENJ0FagyTKK/tiRa1XT2KY="
    };
}

/// The element with the style sheet.
pub(super) const ELEMENT: &str = concat!("<style>", style!(), "</style>");

/// What the page may do: have its one style sheet. A browser runs no script of it and
/// loads nothing for it, not even where a text from the database had become markup.
pub const CONTENT_SECURITY_POLICY: &str =
    concat!("default-src 'none'; style-src '", hash!(), "'; base-uri 'none'; form-action 'none'");

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_names_the_style_sheet_that_is_there() {
        let digest = BASE64.encode(&Sha256::digest(style!()));
        let hash = format!("sha256-{digest}");
        assert_eq!(hash!(), hash, "put this one into the macro `hash`");
    }
}
