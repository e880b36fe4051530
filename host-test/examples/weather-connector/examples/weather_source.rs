//! The source of the example connector, on this machine: two stations, for clients
//! with the key `sunshine`. `cargo run --release -p weather-connector --example
//! weather_source -- PORT` prints its URL and serves until it is stopped.

use std::convert::Infallible;
use std::error::Error;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const KEY: &str = "sunshine";

const STATIONS: &str = r#"[
  {"id": "s1", "name": "Harbour", "region": "north", "at": 1000, "temperatures": [4.5, 6.0]},
  {"id": "s2", "name": "Hill", "region": "south", "at": 2000, "temperatures": [1.0]}
]"#;

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let authorization = request.headers().get(AUTHORIZATION);
    let has_key = authorization.is_some_and(|value| value == &format!("Bearer {KEY}"));
    let (status, body) = match request.uri().path() {
        _ if !has_key => (StatusCode::UNAUTHORIZED, "{}"),
        "/stations" => (StatusCode::OK, STATIONS),
        _ => (StatusCode::NOT_FOUND, "{}"),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer)),
        );
    }
}
