//! Gzip, piece by piece, so that a small response cannot become a huge one before
//! the limit is checked.

use std::io::Write;

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, HeaderMap};
use wasmtime_wasi_http::Error;

/// Deflate expands at most 1032 times, so a piece yields at most 1 MiB.
const PIECE: usize = 1024;

/// Whether a body with these headers is gzip. Any other coding was not requested
/// and is refused.
pub(super) fn is_gzip(headers: &HeaderMap) -> Result<bool, Error> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    let Some(coding) = codings.next() else {
        return Ok(false);
    };
    let text = coding.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    match (text.as_str(), codings.next()) {
        ("gzip" | "x-gzip", None) => Ok(true),
        ("identity" | "", None) => Ok(false),
        _ => Err(Error::HttpResponseContentCoding(Some(text))),
    }
}

/// Inflates one body.
pub(super) struct Inflate {
    decoder: MultiGzDecoder<Vec<u8>>,
    begun: bool,
}

impl Inflate {
    pub(super) fn new() -> Self {
        Inflate { decoder: MultiGzDecoder::new(Vec::new()), begun: false }
    }

    /// Inflates `input`; stops soon after it has yielded `room` bytes.
    pub(super) fn push(&mut self, input: &[u8], room: u64) -> Result<Bytes, Error> {
        self.begun |= !input.is_empty();
        for piece in input.chunks(PIECE) {
            self.decoder.write_all(piece).map_err(broken)?;
            if self.decoder.get_ref().len() as u64 > room {
                break;
            }
        }
        Ok(std::mem::take(self.decoder.get_mut()).into())
    }

    /// The remaining bytes once the input has ended; an error if it was truncated.
    /// An empty body, as of a 204, is complete.
    pub(super) fn finish(&mut self) -> Result<Bytes, Error> {
        if self.begun {
            self.decoder.try_finish().map_err(|_| Error::HttpResponseIncomplete)?;
        }
        Ok(std::mem::take(self.decoder.get_mut()).into())
    }
}

fn broken(_: std::io::Error) -> Error {
    Error::HttpResponseContentCoding(Some("gzip, damaged".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_body_inflates_to_the_original_in_pieces_of_any_size() {
        let text: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
        let packed = gzip(&text);
        for size in [1, 7, 4096, packed.len()] {
            let mut inflate = Inflate::new();
            let mut all = Vec::new();
            for piece in packed.chunks(size) {
                all.extend(inflate.push(piece, u64::MAX).unwrap());
            }
            all.extend(inflate.finish().unwrap());
            assert!(all == text, "pieces of {size}");
        }
    }

    #[test]
    fn a_bomb_is_stopped_near_the_room_it_has() {
        let packed = gzip(&vec![0; 64 << 20]);
        let came = Inflate::new().push(&packed, 1 << 20).unwrap().len();
        assert!(came > 1 << 20 && came < 4 << 20, "{came} bytes");
    }

    #[test]
    fn a_truncated_body_is_an_error() {
        let packed = gzip(b"not all of this arrives");
        let mut inflate = Inflate::new();
        inflate.push(&packed[..packed.len() - 4], u64::MAX).unwrap();
        assert!(matches!(inflate.finish(), Err(Error::HttpResponseIncomplete)));
        assert!(Inflate::new().finish().unwrap().is_empty());
        assert!(Inflate::new().push(b"this is no gzip at all", u64::MAX).is_err());
    }
}
