//! What went wrong with an exchange, as a `wasi:http` error code.

use std::error::Error as StdError;
use std::io::{Error as IoError, ErrorKind};

use hyper_util::client::legacy;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;
use time::OffsetDateTime;
use wasmtime_wasi_http::Error;

use super::connect::NameError;
use crate::origins::{DenialReason, Insecurity, ProxyFailure};

/// The most names of a certificate that a message lists: some have hundreds.
const TOLD: usize = 5;

/// The error of a request without a response.
pub(super) fn of_request(error: &legacy::Error) -> Error {
    // First, because what went wrong with a proxy must not be reported as the origin's.
    if let Some(failure) = find::<ProxyFailure>(error) {
        return if failure.fault.is_lasting() {
            Error::HttpRequestDenied
        } else {
            Error::DestinationUnavailable
        };
    }
    if let Some(name) = find::<NameError>(error) {
        return match name {
            NameError::Private(_) => Error::DestinationIpProhibited,
            NameError::Unknown(_) => Error::DnsError { rcode: None, info_code: None },
        };
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls);
    }
    if let Some(hyper) = find::<hyper::Error>(error) {
        return of_hyper(hyper);
    }
    match find::<IoError>(error) {
        Some(io) => of_io(io, error.is_connect()),
        None if error.is_connect() => Error::DestinationUnavailable,
        None => Error::ConnectionTerminated,
    }
}

/// Why nothing of a request was sent, if that is something a person can change.
pub(super) fn denial(error: &legacy::Error) -> Option<DenialReason> {
    if let Some(failure) = find::<ProxyFailure>(error) {
        return Some(DenialReason::Proxy(failure.clone()));
    }
    if let Some(NameError::Private(address)) = find::<NameError>(error) {
        return Some(DenialReason::PrivateAddress(*address));
    }
    if !error.is_connect() {
        return None;
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return Some(DenialReason::Insecure(insecurity(tls)));
    }
    // TCP refuses or times out before the handshake; a connection that ends or is
    // reset after that was being secured.
    let broken_off = [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    let mut kinds = causes(error).filter_map(|cause| Some(cause.downcast_ref::<IoError>()?.kind()));
    kinds
        .any(|kind| broken_off.contains(&kind))
        .then_some(DenialReason::Insecure(Insecurity::BrokenOff))
}

pub(super) fn insecurity(error: &rustls::Error) -> Insecurity {
    let rustls::Error::InvalidCertificate(fault) = error else {
        return Insecurity::Protocol(error.to_string());
    };
    match fault {
        // Self-signed, or with the name of a trusted authority.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            Insecurity::UnknownIssuer
        }
        CertificateError::NotValidForName => Insecurity::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            Insecurity::OtherName(presented.iter().take(TOLD).map(|name| dns_name(name)).collect())
        }
        CertificateError::Expired => Insecurity::Expired(None),
        CertificateError::ExpiredContext { not_after, .. } => Insecurity::Expired(date(*not_after)),
        CertificateError::NotValidYet => Insecurity::NotYetValid(None),
        CertificateError::NotValidYetContext { not_before, .. } => {
            Insecurity::NotYetValid(date(*not_before))
        }
        other => Insecurity::Certificate(other.to_string()),
    }
}

/// The name in webpki's `DnsName("…")`; any other text stays as it is. It is
/// untrusted, so nothing in it may move a terminal's cursor.
fn dns_name(shown: &str) -> String {
    let name = shown.strip_prefix("DnsName(\"").and_then(|rest| rest.strip_suffix("\")"));
    name.unwrap_or(shown).chars().take(120).flat_map(char::escape_default).collect()
}

fn date(time: UnixTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(time.as_secs()).ok()?).ok()
}

/// The error of a response's body, or of its beginning.
pub(super) fn of_hyper(error: &hyper::Error) -> Error {
    if error.is_parse_too_large() {
        return Error::HttpResponseHeaderSectionSize(None);
    }
    if error.is_parse() {
        return Error::HttpProtocolError;
    }
    if error.is_incomplete_message() {
        return Error::HttpResponseIncomplete;
    }
    match find::<IoError>(error) {
        Some(io) => of_io(io, false),
        None => Error::ConnectionTerminated,
    }
}

fn of_tls(error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InvalidCertificate(_) => Error::TlsCertificateError,
        rustls::Error::AlertReceived(alert) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        _ => Error::TlsProtocolError,
    }
}

fn of_io(error: &IoError, connecting: bool) -> Error {
    match error.kind() {
        ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        ErrorKind::TimedOut => Error::ConnectionTimeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Error::DestinationIpUnroutable
        }
        ErrorKind::UnexpectedEof if !connecting => Error::HttpResponseIncomplete,
        _ => Error::ConnectionTerminated,
    }
}

/// The first error of a type in the chain of causes.
pub(super) fn find<'a, E: StdError + 'static>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a E> {
    causes(error).find_map(<dyn StdError>::downcast_ref)
}

/// An error, its cause, the cause of that, and so on.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn StdError + 'static)| {
        // An `io::Error` made of another error hides that one from `source`.
        let io = error.downcast_ref::<IoError>().and_then(IoError::get_ref);
        match io {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}
