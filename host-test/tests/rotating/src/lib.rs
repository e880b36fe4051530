//! A connector to `https://things.example`, which replaces the refresh token with
//! each use.

use rawdash_connector_sdk::prelude::*;

/// The configured connector.
#[derive(Debug)]
pub struct Rotating {
    login: RefreshToken,
}

rawdash_connector_sdk::export!(Rotating, rotates secrets);

impl Configuration for Rotating {
    const TITLE: &'static str = "Rotating";
    const DESCRIPTION: &'static str = "A source that replaces its refresh tokens.";

    fn declare(form: &mut Form<'_>) -> Rotating {
        let token = form.secret("refreshToken", "the refresh token").required();
        Rotating { login: RefreshToken::new("/token", "client", None, token) }
    }
}

impl Connector for Rotating {
    type Shared = ();

    fn identity() -> Identity {
        Identity {
            id: "rotating",
            name: "Rotating",
            version: env!("CARGO_PKG_VERSION"),
            description: env!("CARGO_PKG_DESCRIPTION"),
            origins: vec!["https://things.example".to_owned()],
            configuration_schema: config::schema::<Rotating>(),
            documentation: Documentation::new(
                "infrastructure",
                "Things.",
                ("Things", "things.example"),
                "A refresh token.",
                &["Log in."],
            ),
            user_agent: concat!("rotating-connector/", env!("CARGO_PKG_VERSION")),
        }
    }

    fn resources() -> Vec<Listed<Rotating>> {
        vec![listing(Things)]
    }

    fn configure(text: &str, secrets: Secrets<'_>) -> Result<Rotating, Vec<Issue>> {
        config::read(text, secrets)
    }

    fn host(&self) -> &str {
        "things.example"
    }

    fn authentication(&mut self) -> &mut dyn Authentication {
        &mut self.login
    }
}

struct Things;

impl Listing for Things {
    type Connector = Rotating;

    fn info(&self) -> ResourceInfo {
        ResourceInfo::new("thing", Shape::Entity, "GET /things", "Things.")
    }

    fn first(&self, _: &Rotating, _: &Span) -> String {
        "/things".to_owned()
    }

    fn read(&self, _: &Rotating, _: &Span, answer: &Answer) -> Option<Page> {
        let ids: Vec<String> = answer.json()?;
        let entity = |id| Entity::new(id, Timestamp::EPOCH, json!({}));
        Some(Page::of(Records::Entities(ids.into_iter().map(entity).collect())))
    }
}
