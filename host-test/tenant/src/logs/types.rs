//! The types of log events that a tenant generates.

/// A type of log event.
#[derive(Clone, Debug)]
pub(super) struct LogType {
    pub(super) code: &'static str,
    pub(super) description: &'static str,
    /// How often the type occurs, in proportion to the others.
    pub(super) weight: u64,
    pub(super) subject: Subject,
}

/// Whom a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    User,
    /// A user name that does not exist: the row has no `user_id`.
    UnknownName,
    Nobody,
}

/// The place of `s`, of `fp`, of `fepft` and of `sdu` in [`LOG_TYPES`].
pub(crate) const SUCCESSFUL_LOGIN: u16 = 0;
pub(super) const WRONG_PASSWORD: u16 = 1;
pub(super) const FAILED_PASSWORD_GRANT: u16 = 2;
pub(super) const USER_DELETED: u16 = 3;

pub(super) const LOG_TYPES: [LogType; 28] = [
    with_user("s", 300, "Successful login"),
    with_user("fp", 50, "Wrong email or password."),
    // Written after a failed login, never alone.
    with_user("fepft", 0, "Wrong email or password."),
    // Written once for each deleted user.
    with_user("sdu", 0, "User successfully deleted"),
    plain("seccft", 25, "Client Credentials for Access Token"),
    with_user("seacft", 240, "Authorization Code for Access Token"),
    with_user("ssa", 110, "Successful Silent Auth"),
    with_user("sertft", 60, "Refresh Token for Access Token"),
    LogType {
        code: "fu",
        description: "Wrong email or password.",
        weight: 15,
        subject: Subject::UnknownName,
    },
    with_user("f", 20, "Access denied."),
    plain("sapi", 30, "Update a user"),
    with_user("ss", 25, "Successful signup"),
    plain("fs", 6, "The user already exists."),
    with_user("slo", 25, "User successfully logged out"),
    with_user("sepft", 25, "Password for Access Token"),
    with_user("scp", 6, "You can now login to the application with the new password."),
    with_user("scpr", 6, "Change password request"),
    with_user("fcp", 2, "This link has expired"),
    plain("limit_wc", 4, "An IP address was blocked"),
    plain("limit_sul", 1, "Too many logins"),
    with_user("w", 6, "Unverified email"),
    plain("depnote", 2, "Legacy behaviour is used"),
    with_user("sv", 10, "Your email was verified."),
    plain("cls", 5, "Link sent"),
    with_user("gd_auth_succeed", 8, "Second factor succeeded"),
    with_user("mfar", 5, "Second factor required"),
    // Not in any list: new types appear each month.
    plain("quantum_login_notice", 2, ""),
    // Not in the ordinary mix.
    plain("fsa", 0, "Login required"),
];

const fn with_user(code: &'static str, weight: u64, description: &'static str) -> LogType {
    LogType { code, description, weight, subject: Subject::User }
}

const fn plain(code: &'static str, weight: u64, description: &'static str) -> LogType {
    LogType { code, description, weight, subject: Subject::Nobody }
}

/// A type that is not in the table.
pub(super) const fn any(code: &'static str, weight: u64) -> LogType {
    with_user(code, weight, "")
}
