//! The types of log events that a tenant generates.

/// A type of log event.
#[derive(Debug)]
pub(crate) struct LogType {
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
    /// How many of a thousand rows are of this type.
    pub(crate) weight: u64,
    /// Whether the row names a user.
    pub(crate) has_user: bool,
}

/// The place of `s`, of `fp`, of `fepft` and of `sdu` in [`LOG_TYPES`].
pub(crate) const SUCCESSFUL_LOGIN: u16 = 0;
pub(crate) const WRONG_PASSWORD: u16 = 1;
pub(crate) const FAILED_PASSWORD_GRANT: u16 = 2;
pub(crate) const USER_DELETED: u16 = 3;

pub(crate) const LOG_TYPES: [LogType; 27] = [
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
    with_user("fu", 15, "Wrong email or password."),
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
];

const fn with_user(code: &'static str, weight: u64, description: &'static str) -> LogType {
    LogType { code, description, weight, has_user: true }
}

const fn plain(code: &'static str, weight: u64, description: &'static str) -> LogType {
    LogType { code, description, weight, has_user: false }
}

/// The type at a place of the table.
pub(crate) fn log_type(place: u16) -> Option<&'static LogType> {
    LOG_TYPES.get(usize::from(place))
}

/// The place of the type with this code.
pub(crate) fn place_of(code: &str) -> Option<u16> {
    (0u16..).zip(&LOG_TYPES).find_map(|(place, kind)| (kind.code == code).then_some(place))
}

/// The type that a number below the sum of the weights falls on.
pub(crate) fn drawn(number: u64) -> u16 {
    let mut left = number;
    for (place, kind) in (0u16..).zip(&LOG_TYPES) {
        if left < kind.weight {
            return place;
        }
        left -= kind.weight;
    }
    SUCCESSFUL_LOGIN
}

pub(crate) fn weights() -> u64 {
    LOG_TYPES.iter().map(|kind| kind.weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_named_place_has_its_type() {
        for (place, code) in [
            (SUCCESSFUL_LOGIN, "s"),
            (WRONG_PASSWORD, "fp"),
            (FAILED_PASSWORD_GRANT, "fepft"),
            (USER_DELETED, "sdu"),
        ] {
            assert_eq!(log_type(place).unwrap().code, code);
        }
    }
}
