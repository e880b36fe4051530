//! One connection: requests read, replies written.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};

use rawdash_connector_sdk::http::reply::{Head, Reply};
use rawdash_connector_sdk::http::request::{Method, Request};
use rawdash_connector_sdk::script::Source;

/// Answers requests until the connection ends.
pub(crate) fn converse(stream: TcpStream, source: &Mutex<impl Source>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        let reply = source.lock().unwrap_or_else(PoisonError::into_inner).reply(&request);
        match reply {
            Reply::Answer(answer) => write(&mut writer, &answer.head, answer.body.as_bytes())?,
            Reply::TooLarge(head) => write(&mut writer, &head, &vec![b' '; 4 << 20])?,
            Reply::Broken(_) => return Ok(()),
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let Some(line) = line(reader)? else { return Ok(None) };
    let mut words = line.split(' ');
    let method = match words.next() {
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        Some("PUT") => Method::Put,
        Some("PATCH") => Method::Patch,
        Some("DELETE") => Method::Delete,
        _ => Method::Get,
    };
    let mut request = Request { method, ..Request::get(words.next().unwrap_or("/")) };
    while let Some(header) = self::line(reader)?.filter(|line| !line.is_empty()) {
        if let Some((name, value)) = header.split_once(':') {
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let value = |name: &str| {
        request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    let host = value("host").map(str::to_owned);
    let length = value("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    if value("transfer-encoding").is_some() {
        request.body = chunks(reader)?;
    } else {
        reader.take(length).read_to_end(&mut request.body)?;
    }
    Ok(Some(Request { host, ..request }))
}

fn chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(reader)?.unwrap_or_default();
        let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        reader.take(size).read_to_end(&mut body)?;
        line(reader)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = reader.read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn write(writer: &mut impl Write, head: &Head, body: &[u8]) -> io::Result<()> {
    let mut text = format!("HTTP/1.1 {} -\r\ncontent-length: {}\r\n", head.status, body.len());
    for (name, value) in head.lines() {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    writer.write_all(text.as_bytes())?;
    writer.write_all(body)?;
    writer.flush()
}
