//! A configuration with each kind of field that the SDK knows.

use rawdash_connector_sdk::config::{Choice, Configuration, Form, Host, Secret, Text};

/// A configuration with each kind of field once.
#[derive(Debug, PartialEq)]
pub(crate) struct EveryKind {
    pub(crate) host: Host,
    pub(crate) name: String,
    pub(crate) days: i64,
    pub(crate) share: f64,
    pub(crate) archived: bool,
    pub(crate) order: Option<bool>,
    pub(crate) words: Vec<bool>,
    pub(crate) codes: Vec<String>,
    pub(crate) login: Login,
}

/// One of two ways to log in.
#[derive(Debug, PartialEq)]
pub(crate) enum Login {
    Token(Secret),
    Basic { user: String, password: Secret },
}

const WORDS: &[(&str, bool)] = &[("users", true), ("logins", false)];

impl Configuration for EveryKind {
    const TITLE: &'static str = "Every kind";
    const DESCRIPTION: &'static str = "Each kind of field once.";

    fn declare(form: &mut Form<'_>) -> EveryKind {
        EveryKind {
            host: form.host("domain", "the host name").required(),
            name: form.text("clientId", "the name").of_letters_and("-_").required(),
            days: form.whole("statsLookbackDays", "how many days").from(1).up_to(400).or(30),
            share: form.number("rateLimitShare", "the share").above(0.0).up_to(1.0).or(0.8),
            archived: form.flag("archived", "whether archived ones are read").or(false),
            order: form.choice("order", "the order", WORDS).optional(),
            words: form.list("resources", "what is read", Choice::of(WORDS)).or_all(),
            codes: form.list("logTypes", "codes", Text::new()).or(vec!["s".to_owned()]),
            login: form
                .one_of(
                    "clientSecret",
                    "how to log in",
                    &[
                        ("token", |form| {
                            Login::Token(form.secret("token", "the token").required())
                        }),
                        ("basic", |form| Login::Basic {
                            user: form.text("user", "the user's name").required(),
                            password: form.secret("password", "the password").required(),
                        }),
                    ],
                )
                .required(),
        }
    }
}
