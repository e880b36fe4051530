//! What went wrong with an exchange, as a `wasi:http` error code.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::net::IpAddr;

use hyper_util::client::legacy;
use wasmtime_wasi_http::Error;

use super::connect::NameError;

/// The error of a request that got no response.
pub(super) fn of_request(error: &legacy::Error) -> Error {
    if let Some(name) = find::<NameError>(error) {
        return match name {
            NameError::Private(_) => Error::DestinationIpProhibited,
            NameError::Unknown(_) => Error::DnsError {
                rcode: None,
                info_code: None,
            },
        };
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls);
    }
    if let Some(hyper) = find::<hyper::Error>(error) {
        return of_hyper(hyper);
    }
    match find::<std::io::Error>(error) {
        Some(io) => of_io(io, error.is_connect()),
        None if error.is_connect() => Error::DestinationUnavailable,
        None => Error::ConnectionTerminated,
    }
}

/// The private address that a request's name led to, if that is why it failed.
pub(super) fn private_address(error: &legacy::Error) -> Option<IpAddr> {
    match find::<NameError>(error)? {
        NameError::Private(address) => Some(*address),
        NameError::Unknown(_) => None,
    }
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
    match find::<std::io::Error>(error) {
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

fn of_io(error: &std::io::Error, connecting: bool) -> Error {
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
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An `io::Error` made of another error hides that one from `source`.
        let io = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        next = match io {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    None
}
