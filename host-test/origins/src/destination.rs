//! What a request is for, by its own words.

use super::origin::{Origin, host_name};

/// Why a request is for no origin at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not https.
    PlainHttp,
    /// It names a port.
    Port,
    /// It is an IP address.
    IpAddress,
    /// It carries a user name.
    UserInformation,
    /// Its authority is not a plain host name.
    NoHostName,
}

/// The origin that a request with this scheme and authority is for. Port 443 may be
/// written out.
///
/// # Errors
/// Why it is for none.
pub fn destination(scheme: &str, authority: &str) -> Result<Origin, Refusal> {
    if authority.contains('@') {
        return Err(Refusal::UserInformation);
    }
    let name = authority.strip_suffix(":443").unwrap_or(authority);
    if name.starts_with('[') || is_ipv4(name) {
        return Err(Refusal::IpAddress);
    }
    if scheme != "https" {
        return Err(Refusal::PlainHttp);
    }
    if name.contains(':') {
        return Err(Refusal::Port);
    }
    Origin::of(name).map_err(|_| Refusal::NoHostName)
}

fn is_ipv4(name: &str) -> bool {
    let host = name.split(':').next().unwrap_or_default();
    host_name(host) == Err("is an IP address")
}

/// Whether nothing that joins the path to an authority can read a host out of it:
/// behind `https://tenant.example`, the path `.evil.example/` names another host, and
/// `//evil.example/` does where it is resolved as a reference.
pub fn is_plain_path(path: &str) -> bool {
    let visible = path.bytes().all(|byte| byte.is_ascii_graphic());
    let second = path.as_bytes().get(1);
    visible && (path.is_empty() || path.starts_with('/') && !matches!(second, Some(b'/' | b'\\')))
}
